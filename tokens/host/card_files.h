#pragma once
#include "model/keys.h"

/// The files on a charging card as pure functions: what a platform's token may put a MAC under. source: SUITE.md 5.1
namespace tokens::host {

enum class CardFile : std::uint8_t { parameters = 1, wallet = 2, tariffs_now = 3, tariffs_to_come = 4, write_back = 5 };
inline constexpr std::size_t kMaxCardData = 240;  ///< of one command

/// ok for what is written to a card of this meter: a wallet, a whole parameters file that names the meter, one of the two pieces of a tariff file, or
/// zeros over a whole file (of a tariff file, over a piece). A card's credit is its wallet; whether it may be given is not seen from here.
/// errors: invalid_argument
base::Status check_card_write(std::uint64_t file, std::uint64_t offset, base::ByteView data, const model::Factor& meter);

}  // namespace tokens::host
