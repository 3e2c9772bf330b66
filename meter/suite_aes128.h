#pragma once
#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"
#include "meter/dlt645/address.h"
#include "meter/keys.h"

/// Suite aes128 as a meter needs it, built from docs/SUITE.md alone.
namespace meter::suite {

using Factor = std::array<std::uint8_t, 8>;

/// 0000 and the meter's number in private state, 0000000000000001 in factory state. source: SUITE.md 1.2
Factor dispersion_factor(KeyState state, const dlt645::Address& number) noexcept;
/// 0000 and the meter's number, as a key record ends.
Factor number_field(const dlt645::Address& number) noexcept;

/// One key of the published factory set. source: SUITE.md 1.1 to 1.4
base::Secret factory_key(KeyId id);

/// Of one class, 1 to 6; published. source: SUITE.md 1.4
base::Secret factory_master(std::uint8_t key_class);

inline constexpr std::uint8_t kMeterLevel = 0x02;
inline constexpr std::uint8_t kCardLevel = 0x03;

/// What the derivation block of a key names. source: SUITE.md 1.1
struct Derivation {
    std::uint8_t level;
    std::uint8_t key_class;
    std::uint8_t usage;
    KeySetName set;
    Factor factor;
};
base::Secret derive_key(base::ByteView base_key, const Derivation& what);
/// The keys of a charging card that a meter uses. source: SUITE.md 5.2
enum class CardUsage : std::uint8_t { messaging = 0x02, internal_authentication = 0x05, external_authentication = 0x06 };
/// One key of the card with this serial, from the card node of the set in force.
base::Secret card_key(const KeySet& keys, CardUsage usage, const Factor& serial);

enum class Direction : std::uint8_t { to_meter = 0x00, from_meter = 0x80 };
using Command = std::array<std::uint8_t, 4>;
/// The command field of relay control.
constexpr Command relay_command(std::uint8_t pa) noexcept { return {0x1C, 0x00, 0x00, pa}; }

/// What a MAC covers. freshness and fields together have at most kMaxMacBody bytes; more is a bug. source: SUITE.md 2
struct MacInput {
    Direction direction;
    Command command;
    std::uint8_t part;
    base::ByteView freshness;
    base::ByteView fields;
};
inline constexpr std::size_t kMaxMacBody = 248;

/// The first `size` bytes of the MAC; 4, and 8 for K1.
base::Bytes make_mac(const KeySet& keys, KeyId id, const MacInput& input, std::size_t size = 4);
/// The same under a key that is in no set: a card's.
base::Bytes make_mac(const base::Secret& key, const MacInput& input, std::size_t size);
/// Compares in constant time. False also for a MAC of no bytes.
bool mac_holds(const KeySet& keys, KeyId id, const MacInput& input, base::ByteView mac);

/// The same under a key that stands alone.
base::Bytes make_mac(base::ByteView key, const MacInput& input, std::size_t size);

/// Takes a new key out of its 32-byte record.
/// errors: key_invalid (it does not unwrap); refused (the record is for another meter)
base::Result<base::Secret> open_key_record(const KeySet& keys, const dlt645::Address& number, base::ByteView record);

/// Takes the data out of an encrypted command. key `id` is an encryption key.
/// errors: malformed (not whole blocks); key_invalid (another R2, a wrong length, padding that is not zero)
/// source: SUITE.md 4
base::Result<base::Bytes> open_command(const KeySet& keys, KeyId id, base::ByteView r2, base::ByteView ciphertext);

}  // namespace meter::suite
