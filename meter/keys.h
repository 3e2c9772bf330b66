#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/secret.h"
#include "meter/dlt645/data_identifier.h"

namespace meter {

/// The keys in a meter; each runs one mechanism only. Ids 9 to 19 are kept for the utility and have no name here.
/// source: SUITE.md 1.3
enum class KeyId : std::uint8_t {
    key_wrap = 0,
    update_mac = 1,
    parameter_mac = 2,
    parameter_encryption = 3,
    identity_mac = 4,
    credit_mac = 5,
    remote_mac = 6,
    remote_encryption = 7,
    card_node = 8,
};
inline constexpr std::size_t kLowGradeKeys = 9;
inline constexpr std::size_t kHighGradeKeys = 20;
inline constexpr std::size_t kKeySize = 16;

/// The identifier under which the 2009 profile updates a key; nothing for the ids that it does not know.
std::optional<dlt645::DataIdentifier> update_identifier(KeyId id) noexcept;

/// factory: as it left its maker (公钥); private_keys: the utility's own set (私钥).
enum class KeyState : std::uint8_t { factory = 0, private_keys = 1 };

/// Which set is meant. A factory set has version 0, a private one 1 to 255.
struct KeySetName {
    KeyState state = KeyState::factory;
    std::uint8_t version = 0;
    bool operator==(const KeySetName&) const = default;
    /// "factory", "private version 3".
    std::string text() const;
};

/// Key info: state, mode, key id, version. source: SUITE.md 1.5
inline constexpr std::uint8_t kRemoteMode = 0x01;
using KeyInfo = std::array<std::uint8_t, 4>;
KeyInfo key_info(KeySetName set, std::uint8_t id = 0) noexcept;

/// All keys of a meter (`count`: 9 or 20), of one state and version, in locked memory.
class KeySet {
public:
    KeySet(KeySetName name, std::size_t count) : name_(name), bytes_(count * kKeySize) {}
    /// The published factory set. source: SUITE.md 1.4
    static KeySet factory(std::size_t count);

    KeySetName name() const noexcept { return name_; }
    std::size_t count() const noexcept { return bytes_.size() / kKeySize; }
    /// Shows one key to `f` for the length of the call.
    template <class F>
    auto with(KeyId id, F&& f) const {
        return bytes_.reveal([&](base::ByteView all) { return f(all.subspan(static_cast<std::size_t>(id) * kKeySize, kKeySize)); });
    }
    /// Precondition: `key` has kKeySize bytes.
    void put(KeyId id, const base::Secret& key);
    KeySet duplicate() const { return KeySet(name_, bytes_.duplicate()); }

    /// All keys in the order of their ids, for the state record.
    const base::Secret& bytes() const noexcept { return bytes_; }
    base::Secret& bytes() noexcept { return bytes_; }

private:
    KeySet(KeySetName name, base::Secret bytes) : name_(name), bytes_(std::move(bytes)) {}
    KeySetName name_;
    base::Secret bytes_;
};

/// A set that is arriving. It is not in force, and takes the place of the one in force only when it is whole.
class Staging {
public:
    bool empty() const noexcept { return present_ == 0; }
    int count() const noexcept;
    bool complete() const noexcept { return set_ && present_ == (1u << set_->count()) - 1; }
    std::uint32_t present() const noexcept { return present_; }
    const KeySet* set() const noexcept { return set_ ? &*set_ : nullptr; }

    /// Keeps one key. A key of another set empties the area first; the same id again replaces what was there.
    /// `total` is how many keys the meter has.
    void add(KeySetName name, std::size_t total, KeyId id, const base::Secret& key);
    /// Precondition: complete(). Leaves the area empty.
    KeySet take();
    void clear() noexcept;
    Staging duplicate() const;
    /// For the state record. Precondition: `present` has no bit above the set's count, and at least one.
    static Staging restore(KeySet set, std::uint32_t present);

private:
    std::optional<KeySet> set_;
    std::uint32_t present_ = 0;
};

/// ok if keys of `next` may be staged while `current` is in force: a private version rises, and the factory set
/// (a recovery) comes only from a private one. refused otherwise. source: SUITE.md 3
base::Status may_follow(KeySetName current, KeySetName next);

template <class A>
void fields(A& a, KeySetName& v) {
    a(v.state, v.version);
}

}  // namespace meter
