#include "vending/card_dialogue.h"

#include "base/secret.h"

namespace vending {
namespace {

using base::Code;

constexpr unsigned kDone = 0x9000;

/// SUITE.md 5.3.
std::string reason(unsigned word) {
    switch (word) {
        case 0x6581: return "it could not store it";
        case 0x6700: return "wrong length";
        case 0x6982: return "it wants the station to authenticate first";
        case 0x6983: return "its external authentication is blocked after too many wrong ones: replace the card";
        case 0x6984: return "it knows no fresh challenge";
        case 0x6988: return "the MAC is wrong";
        case 0x6A80: return "wrong data";
        case 0x6A82: return "it has no such file: it is no charging card";
        case 0x6A86: return "wrong parameters";
        case 0x6B00: return "an offset outside the file";
        case 0x6D00:
        case 0x6E00: return "it does not know the command: it is no charging card";
        default: break;
    }
    if ((word & 0xFFF0) == 0x63C0) return "the authentication is wrong, " + std::to_string(word & 0xF) + " tries are left";
    const base::Bytes bytes{static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word)};
    return "status word " + base::to_hex(bytes);
}

std::string joined(base::ByteView a, base::ByteView b) { return std::string(base::as_text(a)) + std::string(base::as_text(b)); }

std::uint8_t by_short_id(CardFile file) { return static_cast<std::uint8_t>(0x80 | static_cast<std::uint8_t>(file)); }

}  // namespace

base::Result<std::string> CardDialogue::ask(const std::string& what, std::array<std::uint8_t, 4> head, base::ByteView data, std::optional<std::size_t> le) {
    base::ByteWriter apdu;
    apdu.bytes(head);
    if (!data.empty()) {
        apdu.u8(static_cast<std::uint8_t>(data.size()));
        apdu.bytes(data);
    }
    if (le) apdu.u8(static_cast<std::uint8_t>(*le));
    KMP_TRY(const base::Bytes answer, reader_.transmit(apdu.view()));
    if (answer.size() < 2) return {Code::malformed, "the card answered " + what + " without a status word"};
    const unsigned word = static_cast<unsigned>(answer[answer.size() - 2]) << 8 | answer.back();
    if (word != kDone) return {Code::refused, "the card refuses " + what + ": " + reason(word), word};
    return std::string(base::as_text(base::ByteView(answer).first(answer.size() - 2)));
}

base::Result<std::string> CardDialogue::select() {
    constexpr std::array<std::uint8_t, 2> kMasterFile{0x3F, 0x00};
    constexpr std::array<std::uint8_t, 2> kApplication{0xDF, 0x01};
    KMP_CHECK(ask("its selection", {0x00, 0xA4, 0x00, 0x00}, kMasterFile, {}));
    KMP_TRY(std::string serial, ask("the reading of its serial", {0x00, 0xB0, 0x99, 0x01}, {}, 8));
    if (serial.size() != 8) return {Code::malformed, "the card gave a serial of " + std::to_string(serial.size()) + " bytes"};
    KMP_CHECK(ask("the selection of its application", {0x00, 0xA4, 0x00, 0x00}, kApplication, {}));
    return serial;
}

base::Result<std::string> CardDialogue::prove_itself(base::ByteView random) {
    KMP_TRY(std::string answer, ask("to prove itself", {0x00, 0x88, 0x00, 0x01}, random, {}));
    if (answer.size() != 8) return {Code::malformed, "the card proved itself with " + std::to_string(answer.size()) + " bytes"};
    return answer;
}

base::Result<std::string> CardDialogue::challenge(std::size_t size) {
    KMP_TRY(std::string drawn, ask("a challenge", {0x00, 0x84, 0x00, 0x00}, {}, size));
    if (drawn.size() != size) return {Code::malformed, "the card drew a challenge of " + std::to_string(drawn.size()) + " bytes"};
    return drawn;
}

base::Status CardDialogue::prove_station(base::ByteView response) {
    KMP_CHECK(ask("the station", {0x00, 0x82, 0x00, 0x02}, response, {}));
    return {};
}

base::Result<CardDialogue::Read> CardDialogue::read(CardFile file, std::size_t offset, std::size_t size, std::string random) {
    constexpr std::size_t kMac = 4;
    Read out;
    out.random = !random.empty() ? std::move(random) : base::Secret::random(8).reveal([](base::ByteView drawn) { return std::string(base::as_text(drawn)); });
    KMP_TRY(out.data, ask("a reading", {0x04, 0xB0, by_short_id(file), static_cast<std::uint8_t>(offset)}, base::as_bytes(out.random), size));
    if (out.data.size() != size + kMac) return {Code::malformed, "the card gave " + std::to_string(out.data.size()) + " bytes of a file where " + std::to_string(size + kMac) + " are due"};
    out.mac = out.data.substr(size);
    out.data.resize(size);
    return out;
}

base::Status CardDialogue::update(CardFile file, std::size_t offset, base::ByteView data, base::ByteView mac) {
    KMP_CHECK(ask("a writing", {0x04, 0xD6, by_short_id(file), static_cast<std::uint8_t>(offset)}, base::as_bytes(joined(data, mac)), {}));
    return {};
}

base::Status CardDialogue::write_key(std::uint8_t state, std::uint8_t usage, base::ByteView wrapped, base::ByteView mac) {
    KMP_CHECK(ask("a key", {0x84, 0xD4, state, usage}, base::as_bytes(joined(wrapped, mac)), {}));
    return {};
}

}  // namespace vending
