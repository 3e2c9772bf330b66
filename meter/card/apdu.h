#pragma once
#include <optional>

#include "base/bytes.h"
#include "meter/card/card_keys.h"

namespace meter::card {

/// What a card says of a command. source: ISO 7816-4, 5.1.3; SUITE.md 5.3
enum class StatusWord : std::uint16_t {
    done = 0x9000,
    wrong_authentication = 0x63C0,  ///< and the tries that are left
    memory_failure = 0x6581,
    wrong_length = 0x6700,
    not_authenticated = 0x6982,
    blocked = 0x6983,
    no_challenge = 0x6984,
    wrong_mac = 0x6988,
    wrong_data = 0x6A80,
    no_such_file = 0x6A82,
    wrong_parameters = 0x6A86,
    wrong_offset = 0x6B00,
    unknown_instruction = 0x6D00,
    unknown_class = 0x6E00,
};

/// A command APDU. `data` looks into the bytes it was read from.
struct Apdu {
    Command head;                   ///< CLA INS P1 P2
    base::ByteView data;
    std::optional<std::size_t> le;  ///< 1 to 256, where an answer is asked for

    std::uint8_t p1() const noexcept { return head[2]; }
    std::uint8_t p2() const noexcept { return head[3]; }
};

/// Cases 1 to 4 of short APDUs. malformed for everything else, extended lengths included. source: ISO 7816-4, 5.1
base::Result<Apdu> parse_apdu(base::ByteView bytes);

/// What a card answers: data and status word.
struct Answer {
    Answer(StatusWord word, base::Bytes bytes = {}) : status(static_cast<std::uint16_t>(word)), data(std::move(bytes)) {}  // NOLINT: implicit by design
    std::uint16_t status;
    base::Bytes data;
    base::Bytes encode() const;
};

}  // namespace meter::card
