#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/fen.h"
#include "model/keys.h"
#include "vending/card_dialogue.h"

namespace vending {

/// What stands in a card's files. source: SUITE.md 5.1

/// The data of a wrapped file. tampered: the wrapper is broken.
base::Result<std::string> unwrap(CardFile file, std::string_view bytes);
/// `data` in the wrapper of `file`.
std::string wrap(CardFile file, std::string_view data);
/// Whether every byte is zero.
bool is_empty(std::string_view file) noexcept;

enum class CardType : std::uint8_t { open_account = 1, purchase = 2, replacement = 3 };
struct CardParameters {
    model::MeterNumber meter;
    model::CustomerNumber customer;
    CardType type = CardType::purchase;
};
/// From a whole file that is not empty. tampered: it is not what a station writes.
base::Result<CardParameters> decode_parameters(std::string_view file);
/// Whether two parameters files say the same, whatever the MAC of their purchase: that of a replacement changes with what is known of the last one.
bool is_same_purchase(std::string_view a, std::string_view b) noexcept;

struct CardWallet {
    model::Fen amount;
    std::uint32_t count = 0;
};
/// Precondition: 8 bytes.
CardWallet decode_wallet(std::string_view file);

/// What a meter has written when it took a card.
struct WriteBack {
    model::MeterNumber meter;
    model::CustomerNumber customer;
    model::Fen balance;  ///< below zero: overdrawn
    std::uint32_t count = 0;
    std::uint8_t key_state = 0;
    std::uint8_t key_version = 0;
    std::uint32_t illegal_insertions = 0;
    std::string time;    ///< "2026-11-22 06:42", on the meter's clock
};
/// From a whole file that is not empty. tampered: it is not what a meter writes.
base::Result<WriteBack> decode_write_back(std::string_view file);

/// Prices for one of the tariff files.
struct Tariff {
    std::vector<std::uint32_t> prices;         ///< of the tariff periods, 0.0001 yuan a kWh; at most kMaxPeriods
    std::vector<std::uint32_t> ladder_limits;  ///< 0.01 kWh, rising; at most kMaxSteps
    std::vector<std::uint32_t> ladder_prices;  ///< 0.0001 yuan a kWh; one more than limits, or none of either
};
inline constexpr std::size_t kMaxPeriods = 32;
inline constexpr std::size_t kMaxSteps = 6;
/// The whole file. invalid_argument: too many of something, a ladder that does not rise, a number of more than 8 digits.
base::Result<std::string> encode_tariff(CardFile file, const Tariff& tariff);
/// From TOML, in the words of a file for `tariff set` (setting.h): prices = ["0.4883", ..] and [ladder] with limits and prices; in yuan a kWh with
/// up to four decimals, limits in kWh with up to two. invalid_argument says what is wrong.
base::Result<Tariff> parse_tariff(std::string_view toml);

}  // namespace vending
