#pragma once
#include <array>
#include <initializer_list>

#include "model/keys.h"

/// The bytes of suite aes128 (docs/SUITE.md) as pure functions. No key passes through here.
namespace tokens::host {

using Block = std::array<std::uint8_t, 16>;

enum class Level : std::uint8_t { region = 1, meter = 2, card = 3, check = 0xFF };
enum class Usage : std::uint8_t { node = 1, mac = 2, encryption = 3, key_wrap = 4, internal_authentication = 5, external_authentication = 6 };
enum class Direction : std::uint8_t { to_meter = 0x00, from_meter = 0x80 };

/// What a diversified key is for. source: SUITE.md 1.1
struct KeyName {
    Level level = Level::meter;
    model::KeyClass key_class{};
    Usage usage{};
    model::KeyState state{};
    model::KeyVersion version = 0;
    model::Factor factor{};
    /// Level card, private state: the dispersion factor of the meter whose node the key is derived from. Otherwise zero: the class master.
    model::Factor node{};
    model::KeyVersion node_version = 0;  ///< with it: of the master that the node is derived from. `version` is then the meter's key set's, the one it knows
};
constexpr bool below_a_node(const KeyName& key) noexcept { return key.level == Level::card && key.state == model::KeyState::production; }

/// The one block whose encryption under the base key is the diversified key. Never zero: its first byte is 4B.
Block derivation_block(const KeyName& key) noexcept;

/// A key in a meter. source: SUITE.md 1.3
struct MeterKeyLine {
    std::uint8_t id;
    model::KeyClass key_class;
    Usage usage;
    std::uint32_t di;  ///< of its key update, 2009 profile
};
inline constexpr std::array kMeterKeys{
    MeterKeyLine{0, model::KeyClass::control, Usage::key_wrap, 0x070201FF},
    MeterKeyLine{1, model::KeyClass::control, Usage::mac, 0x070201FF},
    MeterKeyLine{2, model::KeyClass::parameter, Usage::mac, 0x070202FF},
    MeterKeyLine{3, model::KeyClass::parameter, Usage::encryption, 0x070202FF},
    MeterKeyLine{4, model::KeyClass::identity, Usage::mac, 0x070203FF},
    MeterKeyLine{5, model::KeyClass::credit, Usage::mac, 0x070204FF},
    MeterKeyLine{6, model::KeyClass::remote, Usage::mac, 0x070204FF},
    MeterKeyLine{7, model::KeyClass::remote, Usage::encryption, 0x070204FF},
    MeterKeyLine{8, model::KeyClass::card, Usage::node, 0x070204FF},
};

/// The keys 9 to 19 of a high-grade meter: stored, and used by no command. source: SUITE.md 1.1, 1.3
inline constexpr std::uint8_t kMeterKeyCount = 20;
constexpr MeterKeyLine meter_key_line(std::uint8_t id) noexcept {
    constexpr std::uint8_t kKept = 0x40;
    if (id < kMeterKeys.size()) return kMeterKeys[id];
    return {id, model::KeyClass::control, static_cast<Usage>(kKept + id), 0};
}

/// What a MAC runs over; it lives on the stack because one is built for every MAC.
struct MacInput {
    std::array<std::uint8_t, 256> bytes{};
    std::size_t size = 0;
    base::ByteView view() const noexcept { return {bytes.data(), size}; }
};
inline constexpr std::size_t kMaxMacFields = 248;

/// errors: invalid_argument when freshness and fields together have more than kMaxMacFields bytes (refused, never cut)
/// source: SUITE.md 2
base::Result<MacInput> mac_input(Direction direction, std::uint32_t command, std::uint8_t part, base::ByteView freshness,
                                 std::initializer_list<base::ByteView> fields);

/// R2, length, data, zeros to a multiple of 16. in: r2 4 bytes; data at most 224 bytes. source: SUITE.md 4
base::Result<base::Bytes> command_plaintext(base::ByteView r2, base::ByteView data);

/// state, mode 01, id, version. source: SUITE.md 1.5
std::array<std::uint8_t, 4> key_info(model::KeyState state, std::uint8_t id, model::KeyVersion version) noexcept;

/// The published factory master of a class. source: SUITE.md 1.4
Block factory_master(model::KeyClass key_class);

/// ok for `0000` and six BCD bytes. source: SUITE.md 1.2
base::Status check_meter_factor(base::ByteView factor);

}  // namespace tokens::host
