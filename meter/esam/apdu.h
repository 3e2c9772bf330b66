#pragma once
#include "base/bytes.h"
#include "meter/element.h"

/// The APDUs between a high-grade meter's program and its secure element (ESAM). docs/METERS.md lists them. Short form only:
/// CLA INS P1 P2, Lc and data when there is data; no Le, the element answers what there is. source: ISO/IEC 7816-4, 5.1
namespace meter::esam {

inline constexpr std::uint8_t kClass = 0x80;
inline constexpr std::size_t kMaxApduData = 255;

enum class Ins : std::uint8_t {
    security = 0x03,    ///< P1 P2 = DI2 DI1
    write = 0x14,       ///< P1 = PA
    relay = 0x1C,       ///< P1 = 98
    card = 0x40,        ///< P1 = CardStep
    account = 0xCA,
    parameters = 0xCC,
    debit = 0xE0,
    switch_prices = 0xE2,  ///< P1 bit 0 tariffs, bit 1 ladder
};
enum class CardStep : std::uint8_t { begin = 1, internal = 2, external = 3, random = 4, file = 5, credit = 6, write_back = 7, refused = 8 };

/// A command taken apart. Data is not owned.
struct Command {
    std::uint8_t cla = kClass;
    std::uint8_t ins = 0;
    std::uint8_t p1 = 0;
    std::uint8_t p2 = 0;
    base::ByteView data;
};
/// malformed unless the lengths are those of the short form without Le.
base::Result<Command> parse(base::ByteView apdu);
/// Precondition: at most kMaxApduData bytes of data; more is a bug.
base::Bytes command(Ins ins, std::uint8_t p1, std::uint8_t p2, base::ByteView data);

inline constexpr std::uint16_t kDone = 0x9000, kWrongLength = 0x6700, kMemoryFailure = 0x6581, kWrongP1P2 = 0x6A86, kNoInstruction = 0x6D00,
                               kNoClass = 0x6E00;
/// Refusals carry their reason in the second byte: SERR's low byte, the error word, a CardRefusal.
inline constexpr std::uint8_t kSerr = 0x9E, kErrorWord = 0x9F, kCard = 0x9D;

/// Account and parameters as the element answers them, and back. errors: malformed
base::Bytes encode(const Account& account);
base::Bytes encode(const MoneyParameters& parameters);
base::Bytes encode(const CardCredit& credit);
base::Result<Account> decode_account(base::ByteView bytes);
base::Result<MoneyParameters> decode_parameters(base::ByteView bytes);
base::Result<CardCredit> decode_credit(base::ByteView bytes);

}  // namespace meter::esam
