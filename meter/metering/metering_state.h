#pragma once
#include <array>
#include <cstdint>

#include "base/clock.h"
#include "meter/element.h"
#include "meter/metering/log.h"
#include "meter/metering/time_tables.h"
#include "meter/relay.h"

namespace meter {

inline constexpr std::size_t kEvents = 10;       ///< of each kind are kept
inline constexpr std::size_t kSettlements = 12;  ///< months
inline constexpr std::size_t kPhases = 3;

/// Energies in 0.01 kWh.
struct Energy {
    std::uint64_t total = 0;
    std::array<std::uint64_t, kTariffs> tariff{};
    bool operator==(const Energy&) const = default;
};

// Times in records are those that the meter's own clock showed.
struct Settlement {
    base::Millis at = 0;
    Energy energy;
    std::uint64_t month = 0;     ///< of the settled month alone
    std::int64_t balance = 0;
    bool operator==(const Settlement&) const = default;
};
/// 050100nn at once, 050000nn at its time, 050600nn each midnight.
struct Freeze {
    base::Millis at = 0;
    Energy energy;
    std::int64_t balance = 0;
    bool operator==(const Freeze&) const = default;
};
enum class RelayEvent : std::uint8_t { tripped = 1, closing_allowed = 2, closed = 3 };
struct RelayRecord {
    base::Millis at = 0;
    RelayEvent what = RelayEvent::tripped;
    RelayCause cause = RelayCause::command;
    std::array<std::uint8_t, 4> operator_code{};
    std::uint64_t energy = 0;
    bool operator==(const RelayRecord&) const = default;
};
struct ProgrammingRecord {
    base::Millis at = 0;
    std::array<std::uint8_t, 4> operator_code{};
    std::uint32_t id = 0;
    bool operator==(const ProgrammingRecord&) const = default;
};
struct RechargeRecord {
    base::Millis at = 0;
    std::uint32_t count = 0;
    std::int64_t amount = 0;  ///< Fen; negative for a refund
    std::int64_t before = 0;
    std::int64_t after = 0;
    bool by_card = false;
    bool operator==(const RechargeRecord&) const = default;
};
/// `outcome` 0: taken; 1: known already, written back once more; FE: pulled; else a CardRefusal + 10H.
struct InsertionRecord {
    base::Millis at = 0;
    suite::Factor serial{};
    std::uint8_t outcome = 0;
    bool operator==(const InsertionRecord&) const = default;
};
struct PowerLossRecord {
    base::Millis from = 0;  ///< the last time that was stored before it
    base::Millis to = 0;
    bool operator==(const PowerLossRecord&) const = default;
};

/// Everything of a meter that is not keys or money. Times named `local` are those of the meter's own clock.
struct MeteringState {
    base::Millis source = 0;      ///< up to where consumption has been counted, in the time that the clock is driven by; 0: never ran
    base::Millis adjusted = 0;    ///< the meter's clock was set forward by this much
    std::uint64_t fraction = 0;   ///< millijoules of the 0.01 kWh that is filling up
    Energy energy;
    std::uint64_t month = 0;      ///< of this month, for the ladder
    std::uint64_t cost = 0;       ///< 0.000001 yuan, of all energy that was ever charged
    Relay relay;
    std::array<bool, kPhases> phase_failed{};
    bool inserted_at_zero = false;  ///< a card of this meter was inserted while there was no credit
    Zones zones, backup_zones;
    DayTables days, backup_days;
    base::Millis zones_switch = 0, days_switch = 0;
    std::uint8_t sets = 0;        ///< which of the two sets are in force: bit 0 zones, 1 day tables, 2 tariffs, 3 ladder
    std::uint8_t settlement_day = 1;
    std::uint8_t settlement_hour = 0;
    base::Millis broadcast_day = -1;  ///< the day of the last broadcast time that was taken
    std::array<std::uint8_t, 4> freeze_at{};  ///< month, day, hour, minute of the timed freeze, 99 for any; month 0: none
    Wallet known_wallet;          ///< what the element last said, to see what changed
    std::uint64_t known_debited = 0;
    Log<Settlement, kSettlements> settlements;
    Log<Freeze, 3> instant_freezes;
    Log<Freeze, 12> timed_freezes;
    Log<Freeze, 62> daily_freezes;
    Log<RelayRecord, kEvents> trips;
    Log<RelayRecord, kEvents> closings;  ///< closed, or closing allowed
    Log<ProgrammingRecord, kEvents> programming;
    Log<RechargeRecord, kEvents> recharges;
    Log<InsertionRecord, kEvents> insertions;
    Log<PowerLossRecord, kEvents> power_losses;
};

/// Writes down what the relay did at `at`.
void note_relay(MeteringState& state, base::Millis at, RelayEvent what, RelayCause cause, const std::array<std::uint8_t, 4>& operator_code = {});

base::Bytes encode(const MeteringState& state);
/// errors: tampered
base::Result<MeteringState> decode_metering(base::ByteView record);

}  // namespace meter
