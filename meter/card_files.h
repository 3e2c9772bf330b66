#pragma once
#include <array>
#include <optional>

#include "meter/money.h"

namespace meter::card_files {

/// The files of a charging card as a meter reads and writes them, all most significant byte first. source: SUITE.md 5.1
inline constexpr std::uint8_t kParameters = 1, kWallet = 2, kTariffsNow = 3, kTariffsToCome = 4, kWriteBack = 5;
inline constexpr std::size_t kParametersSize = 45, kWalletSize = 8, kTariffsSize = 264, kWriteBackSize = 49;  ///< wrapper included
inline constexpr std::size_t kPiece = 240;  ///< at most, in one command

/// How long file `id` is; 0 for no file of ours.
std::size_t size_of(std::uint8_t id) noexcept;

inline constexpr std::uint8_t kFlagParameters = 0x80, kFlagTariffsNow = 0x01, kFlagTariffsToCome = 0x02, kFlagLadderNow = 0x04,
                              kFlagLadderToCome = 0x08;
inline constexpr std::uint8_t kOpening = 1, kPurchase = 2, kReplacement = 3;

struct Parameters {
    std::uint8_t flags = 0;
    std::array<std::uint8_t, 4> purchase_mac{};
    base::Millis switch_time = 0;
    std::uint32_t alarm1 = 0;
    std::uint32_t alarm2 = 0;
    std::uint32_t current_ratio = 0;
    std::uint32_t voltage_ratio = 0;
    std::array<std::uint8_t, 6> meter{};
    Customer customer{};
    std::uint8_t type = 0;
};

struct Wallet {
    std::uint32_t amount = 0;
    std::uint32_t count = 0;
};

struct WriteBack {
    MoneyParameters parameters;
    meter::Wallet wallet;
    std::array<std::uint8_t, 6> meter{};
    std::array<std::uint8_t, 4> key_info{};
    std::uint32_t illegal_insertions = 0;
    base::Millis time = 0;
};

/// What the write-back that lies on a card says; nothing of it is needed but whose it is.
struct OldWriteBack {
    std::array<std::uint8_t, 6> meter{};
    std::uint32_t count = 0;
};

/// Each parses a whole file, wrapper included; malformed when it is not one, down to reserved bytes.
base::Result<Parameters> parse_parameters(base::ByteView file);
base::Result<Wallet> parse_wallet(base::ByteView file);
base::Result<Prices> parse_tariffs(base::ByteView file, std::uint8_t id);
/// What the MAC of a purchase covers after the card's serial, out of whole files that parse; a tariff file only where the parameters name it.
base::Bytes purchase_fields(base::ByteView parameters, base::ByteView wallet, base::ByteView tariffs_now, base::ByteView tariffs_to_come);
/// Nothing when it is empty: all zero.
base::Result<std::optional<OldWriteBack>> parse_write_back(base::ByteView file);

base::Bytes write_back_file(const WriteBack& what);

}  // namespace meter::card_files
