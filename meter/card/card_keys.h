#pragma once
#include <array>
#include <cstdint>

#include "base/secret.h"
#include "meter/keys.h"
#include "meter/suite_aes128.h"

namespace meter::card {

/// Eight bytes that make a card one of its kind: its dispersion factor.
using Serial = std::array<std::uint8_t, 8>;

/// The four keys in a card; each runs one mechanism only. source: SUITE.md 5.2
enum class Usage : std::uint8_t { mac = 2, key_wrap = 4, internal_authentication = 5, external_authentication = 6 };
inline constexpr std::array kUsages{Usage::internal_authentication, Usage::external_authentication, Usage::mac, Usage::key_wrap};

/// Four keys of one state, in locked memory.
class CardKeys {
public:
    explicit CardKeys(KeyState state) : state_(state), bytes_(kUsages.size() * kKeySize) {}
    /// Those of a blank card, from the published factory set.
    static CardKeys factory(const Serial& serial);
    /// Those that a meter's node (its key 8, of the set `set`) gives to the card `serial`.
    static CardKeys of_node(base::ByteView node, KeySetName set, const Serial& serial);

    KeyState state() const noexcept { return state_; }
    /// Shows one key to `f` for the length of the call.
    template <class F>
    auto with(Usage usage, F&& f) const {
        return bytes_.reveal([&](base::ByteView all) { return f(all.subspan(place(usage), kKeySize)); });
    }
    /// Precondition: `key` has kKeySize bytes.
    void put(Usage usage, const base::Secret& key);
    CardKeys duplicate() const { return CardKeys(state_, bytes_.duplicate()); }

    /// All keys in the order of kUsages, for the state record.
    const base::Secret& bytes() const noexcept { return bytes_; }
    base::Secret& bytes() noexcept { return bytes_; }

private:
    CardKeys(KeyState state, base::Secret bytes) : state_(state), bytes_(std::move(bytes)) {}
    static std::size_t place(Usage usage) noexcept;
    KeyState state_;
    base::Secret bytes_;
};

/// The usage that a byte names; nothing for another byte.
std::optional<Usage> usage_from(std::uint8_t byte) noexcept;

/// CLA INS P1 P2.
using Command = suite::Command;
using Direction = suite::Direction;
/// The first `size` bytes of the MAC of a card's command; part 00. source: SUITE.md 5.3
base::Bytes make_mac(const CardKeys& keys, Usage usage, Direction direction, const Command& command, base::ByteView freshness, base::ByteView fields, std::size_t size);
/// Compares in constant time. False also for a MAC of another size than `size`.
bool mac_holds(const CardKeys& keys, Usage usage, const Command& command, base::ByteView freshness, base::ByteView fields, base::ByteView mac, std::size_t size);

inline constexpr std::size_t kProofSize = 8;  ///< of both authentications
inline constexpr std::size_t kMacSize = 4;

}  // namespace meter::card
