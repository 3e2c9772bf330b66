#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/secret.h"
#include "meter/dlt645/data_identifier.h"

namespace meter {

/// The nine keys in a meter; each runs one mechanism only. source: SUITE.md 1.3
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
inline constexpr std::size_t kKeyCount = 9;
inline constexpr std::size_t kKeySize = 16;

/// The identifier under which the 2009 profile updates a key.
dlt645::DataIdentifier update_identifier(KeyId id) noexcept;

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

/// Nine keys of one state and version, in locked memory.
class KeySet {
public:
    explicit KeySet(KeySetName name) : name_(name), bytes_(kKeyCount * kKeySize) {}
    /// The published factory set. source: SUITE.md 1.4
    static KeySet factory();

    KeySetName name() const noexcept { return name_; }
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
    bool complete() const noexcept { return present_ == (1u << kKeyCount) - 1; }
    std::uint16_t present() const noexcept { return present_; }
    const KeySet* set() const noexcept { return set_ ? &*set_ : nullptr; }

    /// Keeps one key. A key of another set empties the area first; the same id again replaces what was there.
    void add(KeySetName name, KeyId id, const base::Secret& key);
    /// Precondition: complete(). Leaves the area empty.
    KeySet take();
    void clear() noexcept;
    Staging duplicate() const;
    /// For the state record. Precondition: `present` has no bit above kKeyCount, and at least one.
    static Staging restore(KeySet set, std::uint16_t present);

private:
    std::optional<KeySet> set_;
    std::uint16_t present_ = 0;
};

/// ok if keys of `next` may be staged while `current` is in force: a private version rises, and the factory set
/// (a recovery) comes only from a private one. refused otherwise. source: SUITE.md 3
base::Status may_follow(KeySetName current, KeySetName next);

}  // namespace meter
