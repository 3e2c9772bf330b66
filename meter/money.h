#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <variant>

#include "base/bytes.h"
#include "base/clock.h"
#include "meter/dlt645/data_identifier.h"
#include "meter/dlt645/error_word.h"
#include "meter/wallet.h"

namespace meter {

inline constexpr std::size_t kTariffs = 12;     ///< tariff periods with a price of their own
inline constexpr std::size_t kLadderSteps = 7;  ///< and one limit less

/// What a kWh costs: the price of the tariff period, and on top of it the price of the ladder's step.
struct Prices {
    std::uint8_t tariffs = 1;
    std::array<std::uint32_t, kTariffs> price{5000};             ///< 0.0001 yuan a kWh
    std::uint8_t steps = 0;                                      ///< 0: there is no ladder
    std::array<std::uint32_t, kLadderSteps - 1> limit{};         ///< 0.01 kWh of a month; rising
    std::array<std::uint32_t, kLadderSteps> step_price{};        ///< 0.0001 yuan a kWh

    /// The step (from 1; 0 without a ladder) in which the next 0.01 kWh falls after `consumed` (0.01 kWh) of this month.
    std::size_t step(std::uint64_t consumed) const noexcept;
    /// The price of the next 0.01 kWh under `tariff` (from 1), in 0.0001 yuan a kWh. A tariff without a price has the last one's.
    std::uint32_t at(std::size_t tariff, std::uint64_t consumed) const noexcept;
    bool operator==(const Prices&) const = default;
};

/// The parameters that decide about money. They lie with the wallet: in the secure element, where there is one, so that a card's
/// credit and its parameters are taken over in one step. Amounts in Fen; times are those of the meter's own clock, 0 for none.
struct MoneyParameters {
    std::uint32_t alarm1 = 1000;
    std::uint32_t alarm2 = 500;
    std::uint32_t current_ratio = 1;
    std::uint32_t voltage_ratio = 1;
    std::uint32_t overdraft_limit = 0;
    Prices current;
    Prices backup;
    base::Millis tariff_switch = 0;  ///< when the backup's tariffs become the current ones
    base::Millis ladder_switch = 0;  ///< and its ladder

    bool operator==(const MoneyParameters&) const = default;
};

/// Puts the backup's tariffs (its ladder) in force and forgets the switch time.
void switch_tariffs(MoneyParameters& parameters) noexcept;
void switch_ladder(MoneyParameters& parameters) noexcept;

/// Whether class 1 (PA=99: in clear, with a MAC) is enough to write a parameter. All others take class 2 (PA=98).
bool is_class_1(dlt645::DataIdentifier id) noexcept;

/// Writes one parameter of money. `data` is as the line carries it. Nothing when it was written; no_such_data when the identifier
/// is none of these; else why not, and everything is as it was.
std::optional<dlt645::ErrorBit> write_money(MoneyParameters& parameters, Wallet& wallet, dlt645::DataIdentifier id, base::ByteView data);
/// As the line carries it; nothing for another identifier.
std::optional<base::Bytes> read_money(const MoneyParameters& parameters, std::uint32_t hoarding_limit, dlt645::DataIdentifier id);

template <class A>
void fields(A& a, Prices& v) {
    a(v.tariffs, v.price, v.steps, v.limit, v.step_price);
}
template <class A>
void fields(A& a, MoneyParameters& v) {
    a(v.alarm1, v.alarm2, v.current_ratio, v.voltage_ratio, v.overdraft_limit, v.current, v.backup, v.tariff_switch, v.ladder_switch);
}

}  // namespace meter
