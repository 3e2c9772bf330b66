#pragma once
#include "meter/metering/metering_state.h"

/// What a meter does with time and load. Free functions over MeteringState: who stores it, and when, is the meter's business.
namespace meter {

/// Energy is counted, priced and charged in pulses of 0.01 kWh.
inline constexpr std::uint64_t kPulse = 36'000'000;  ///< millijoules
inline constexpr std::uint64_t kMicroYuanPerFen = 10'000;

/// What hangs on the meter and how its clock stands; not part of its state.
struct Surroundings {
    std::uint32_t watts = 0;
    base::Millis offset = 0;  ///< what the meter's clock shows, less the time that drives it (before `adjusted`)
};

/// What came of the time that passed.
struct Passed {
    std::uint64_t pulses = 0;
    bool events = false;            ///< something that should be stored at once
    bool tariffs_switched = false;  ///< the backup's prices came in force; the element does not know yet
    bool ladder_switched = false;
};

base::Millis local_time(const MeteringState& state, const Surroundings& around, base::Millis source) noexcept;

/// Fen that should have been taken off for consumption so far.
std::uint64_t cost_in_fen(const MeteringState& state) noexcept;
/// The credit as the display shows it: what is consumed but not yet taken off counts.
std::int64_t available(const MeteringState& state, const Account& account) noexcept;

/// Lets time pass up to `to`: counts energy while the relay is closed, charges an open account, switches tables and prices at
/// their minute, settles, freezes, trips when the credit is used up. `parameters` follow a switch of prices. A clock that went back
/// counts nothing.
Passed pass_time(MeteringState& state, base::Millis to, const Surroundings& around, const Account& account, MoneyParameters& parameters);

/// The power came back: no energy was used meanwhile, the clock went on. A settlement that was missed is made up for.
void note_power_loss(MeteringState& state, base::Millis now, const Surroundings& around, const Account& account);

/// Sets the meter's clock. A settlement that is jumped over is made up for.
void set_clock(MeteringState& state, base::Millis local, base::Millis source, const Surroundings& around, const Account& account);

/// Opens or frees the relay as the credit says. True when something changed.
bool control_credit(MeteringState& state, const Account& account, const MoneyParameters& parameters, base::Millis local);

/// Compares the element's wallet with what was known, writes down a purchase, refund or clear, and opens the relay after a clear.
/// True when something changed.
bool note_wallet(MeteringState& state, const Account& account, base::Millis local);

void settle(MeteringState& state, base::Millis local, std::int64_t balance);
Freeze freeze_now(const MeteringState& state, base::Millis local, std::int64_t balance);

std::size_t current_tariff(const MeteringState& state, base::Millis local) noexcept;
/// Tenths of a volt, and milliamperes, of one phase (0 to 2).
std::uint32_t voltage(const MeteringState& state, std::size_t phase) noexcept;
/// What is drawn; a phase has its share, rounded down.
std::uint32_t drawn_watts(const MeteringState& state, const Surroundings& around) noexcept;
std::uint32_t phase_watts(const MeteringState& state, const Surroundings& around, std::size_t phase) noexcept;
std::uint32_t current(const MeteringState& state, const Surroundings& around, std::size_t phase) noexcept;

}  // namespace meter
