#pragma once
#include <array>

#include "base/digest.h"
#include "model/keys.h"

/// The files on a charging card as pure functions: what a platform's token may put a MAC under. source: SUITE.md 5.1
namespace tokens::host {

enum class CardFile : std::uint8_t { parameters = 1, wallet = 2, tariffs_now = 3, tariffs_to_come = 4, write_back = 5 };
inline constexpr std::size_t kMaxCardData = 240;  ///< of one command

/// ok for what is written to a card without a purchase: a wallet (worth nothing without the parameters file that a purchase makes), one of the two pieces
/// of a tariff file, or zeros over a whole file (of a tariff file, over a piece).
/// errors: invalid_argument
base::Status check_card_write(std::uint64_t file, std::uint64_t offset, base::ByteView data);

/// What a card is to hold after a purchase, or instead of a lost one. Views are not owned.
struct CardContent {
    base::ByteView parameters;  ///< whole file, zeros where its MAC goes
    std::uint32_t amount = 0;   ///< 0.01 yuan
    std::uint32_t count = 0;
    base::ByteView tariffs_now, tariffs_to_come;  ///< whole files, or empty
};
/// ok when the parameters name this meter and hold a file's fields, and the tariff files are those that its update flag names. errors: invalid_argument
base::Status check_purchase(const CardContent& content, const model::Factor& meter);
/// What the MAC of a purchase covers after the card's serial. Precondition: check_purchase().
base::Bytes purchase_fields(const CardContent& content);
/// The parameters file with that MAC in its place. Precondition: check_purchase(), 4 bytes of MAC.
base::Bytes with_purchase_mac(base::ByteView parameters, base::ByteView mac);

}  // namespace tokens::host
