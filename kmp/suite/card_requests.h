#pragma once
#include <optional>

#include "kmp/suite/meter_requests.h"

/// What is written to charging cards and asked of them (docs/SUITE.md 5): files, and requests to a tokenhost. Pure functions.
namespace kmp::suite {

using CardSerial = std::array<std::uint8_t, 8>;

/// Whose keys a card is under. In factory state only the serial counts.
struct CardKeys {
    MeterKeys meter;
    CardSerial serial{};
};

inline constexpr std::uint32_t kParametersFile = 1, kWalletFile = 2, kTariffsNow = 3, kTariffsToCome = 4, kWriteBackFile = 5;
inline constexpr std::size_t kWriteBackSize = 49;

struct CardParameters {
    std::uint8_t update_flag = 0;
    std::optional<std::array<std::uint8_t, 5>> tariff_switch;  ///< BCD YYMMDDhhmm
    model::Fen alarm1, alarm2;
    std::uint32_t current_ratio = 1, voltage_ratio = 1;
    model::MeterNumber meter;
    model::CustomerNumber customer;
    model::OrderKind kind{};
};
/// ok when the file can hold them: invalid_argument names the field.
base::Status check(const CardParameters& parameters);
/// 45 bytes. Precondition: check() and kind open_account, recharge or replace_card.
base::Bytes parameters_file(const CardParameters& parameters);
base::Bytes wallet_file(model::Fen amount, std::uint32_t count);

/// What a meter wrote back.
struct WriteBack {
    model::MeterNumber meter;
    model::CustomerNumber customer;
    std::uint32_t balance = 0;    ///< 0.01 yuan
    std::uint32_t overdraft = 0;
    std::uint32_t count = 0;
};
/// nullopt: empty. malformed: it is not what a meter writes.
base::Result<std::optional<WriteBack>> parse_write_back(base::ByteView file);

pb::HostRequest authenticate_card(const CardKeys& card, base::ByteView random, base::ByteView answer, base::ByteView challenge);
pb::HostRequest write_card_key(const CardKeys& current, const CardKeys& next, std::uint32_t usage, base::ByteView challenge);
pb::HostRequest update_card(const CardKeys& card, std::uint32_t file, std::uint32_t offset, base::ByteView data, base::ByteView challenge);
/// What a card gets by an order besides its wallet. Files are whole; a tariff file is empty where the parameters' update flag does not name it.
struct CardPurchase {
    base::Bytes parameters;
    model::Fen amount;
    std::uint32_t count = 0;
    base::Bytes tariffs_now, tariffs_to_come;
};
/// ok when the tariff files are those that `update_flag` names, of their size; invalid_argument names the field.
base::Status check_tariff_files(std::uint8_t update_flag, base::ByteView now, base::ByteView to_come);
pb::HostRequest purchase(const CardKeys& card, const CardPurchase& what, base::ByteView challenge);
pb::HostRequest read_card(const CardKeys& card, std::uint32_t file, std::uint32_t offset, base::ByteView random, base::ByteView data, base::ByteView mac);

}  // namespace kmp::suite
