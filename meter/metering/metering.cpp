#include "meter/metering/metering.h"

#include <algorithm>

#include "meter/calendar.h"

namespace meter {
namespace {

constexpr std::uint32_t kVolts = 220;
constexpr base::Millis kLongestGap = 400 * base::kDay;  // further back no settlement is looked for

std::size_t healthy(const MeteringState& state) noexcept {
    return static_cast<std::size_t>(std::count(state.phase_failed.begin(), state.phase_failed.end(), false));
}

/// Day of the month and hour, in numbers.
std::pair<std::uint64_t, std::uint64_t> day_and_hour(base::Millis local) {
    const auto date = bcd_date(local);
    const auto time = bcd_time(local);
    return {*from_bcd(base::ByteView(date).subspan(2, 1)), *from_bcd(base::ByteView(time).first(1))};
}

bool settles_at(const MeteringState& state, base::Millis hour) {
    const auto [day, h] = day_and_hour(hour);
    return day == state.settlement_day && h == state.settlement_hour;
}

void make_up_for_settlement(MeteringState& state, base::Millis from, base::Millis to, std::int64_t balance) {
    from = std::max(from, to - kLongestGap);
    for (base::Millis hour = from - from % base::kHour + base::kHour; hour <= to; hour += base::kHour)
        if (settles_at(state, hour)) return settle(state, hour, balance);
}

bool freezes_at(const MeteringState& state, base::Millis local) {
    if (state.freeze_at[0] == 0) return false;
    const auto now = bcd_minute(local);
    for (std::size_t i = 0; i < 4; ++i)
        if (state.freeze_at[i] != 99 && state.freeze_at[i] != *from_bcd(base::ByteView(now).subspan(i + 1, 1))) return false;
    return true;
}

void charge_pulse(MeteringState& state, base::Millis local, bool open, const MoneyParameters& parameters) {
    const std::size_t tariff = current_tariff(state, local);
    if (open) state.cost += parameters.current.at(tariff, state.month);  // 0.01 kWh at so many 0.0001 yuan a kWh
    ++state.energy.total;
    ++state.energy.tariff[std::clamp<std::size_t>(tariff, 1, kTariffs) - 1];
    ++state.month;
}

void switch_tables(MeteringState& state, base::Millis local, Passed& out) {
    if (state.zones_switch != 0 && local >= state.zones_switch) {
        state.zones = state.backup_zones;
        state.zones_switch = 0;
        state.sets ^= 1;
        out.events = true;
    }
    if (state.days_switch != 0 && local >= state.days_switch) {
        state.days = state.backup_days;
        state.days_switch = 0;
        state.sets ^= 2;
        out.events = true;
    }
}

void switch_prices(MeteringState& state, base::Millis local, MoneyParameters& parameters, Passed& out) {
    if (parameters.tariff_switch != 0 && local >= parameters.tariff_switch) {
        switch_tariffs(parameters);
        state.sets ^= 4;
        out.events = out.tariffs_switched = true;
    }
    if (parameters.ladder_switch != 0 && local >= parameters.ladder_switch) {
        switch_ladder(parameters);
        state.sets ^= 8;
        out.events = out.ladder_switched = true;
    }
}

void each_minute(MeteringState& state, base::Millis local, const Account& account, MoneyParameters& parameters, Passed& out) {
    switch_tables(state, local, out);
    switch_prices(state, local, parameters, out);
    const std::int64_t balance = available(state, account);
    if (freezes_at(state, local)) {
        state.timed_freezes.add(freeze_now(state, local, balance));
        out.events = true;
    }
    if (local % base::kHour != 0) return;
    if (local % base::kDay == 0) {
        state.daily_freezes.add(freeze_now(state, local, balance));
        out.events = true;
    }
    if (settles_at(state, local)) {
        settle(state, local, balance);
        out.events = true;
    }
}

}  // namespace

base::Millis local_time(const MeteringState& state, const Surroundings& around, base::Millis source) noexcept {
    return source + around.offset + state.adjusted;
}

std::uint64_t cost_in_fen(const MeteringState& state) noexcept { return state.cost / kMicroYuanPerFen; }

std::int64_t available(const MeteringState& state, const Account& account) noexcept {
    const std::uint64_t cost = cost_in_fen(state);
    return account.wallet.balance - static_cast<std::int64_t>(cost > account.debited ? cost - account.debited : 0);
}

Passed pass_time(MeteringState& state, base::Millis to, const Surroundings& around, const Account& account, MoneyParameters& parameters) {
    Passed out;
    if (state.source == 0 || to < state.source) state.source = to;
    const auto local = [&] { return local_time(state, around, state.source); };
    out.events |= control_credit(state, account, parameters, local());
    while (state.source < to) {
        base::Millis end = std::min(to, state.source + base::kMinute - local() % base::kMinute);
        if (const std::uint64_t watts = drawn_watts(state, around); watts > 0) {
            const std::uint64_t missing = kPulse - std::min(state.fraction, kPulse - 1);
            end = std::min(end, state.source + static_cast<base::Millis>((missing + watts - 1) / watts));
            state.fraction += watts * static_cast<std::uint64_t>(end - state.source);
        }
        // A pulse belongs to the minute in which it was drawn, so it is charged before anything switches at its end.
        for (; state.fraction >= kPulse; ++out.pulses) {
            state.fraction -= kPulse;
            charge_pulse(state, local(), account.wallet.open, parameters);
        }
        state.source = end;
        if (out.pulses > 0) out.events |= control_credit(state, account, parameters, local());
        if (local() % base::kMinute == 0) each_minute(state, local(), account, parameters, out);
    }
    return out;
}

void note_power_loss(MeteringState& state, base::Millis now, const Surroundings& around, const Account& account) {
    if (state.source == 0) return;
    const base::Millis from = local_time(state, around, state.source);
    if (local_time(state, around, now) < from) state.adjusted += from - local_time(state, around, now);  // a meter's clock never goes back by itself
    const base::Millis to = local_time(state, around, now);
    make_up_for_settlement(state, from, to, available(state, account));
    state.power_losses.add({from, to});
    state.source = now;
}

void set_clock(MeteringState& state, base::Millis local, base::Millis source, const Surroundings& around, const Account& account) {
    const base::Millis before = local_time(state, around, source);
    make_up_for_settlement(state, before, local, available(state, account));
    state.adjusted += local - before;
}

bool control_credit(MeteringState& state, const Account& account, const MoneyParameters& parameters, base::Millis local) {
    if (!account.wallet.open) return false;
    Relay& relay = state.relay;
    const std::int64_t credit = available(state, account);
    if (credit > 0) state.inserted_at_zero = false;
    const bool used_up = credit <= -std::int64_t{parameters.overdraft_limit};
    if (used_up == relay.no_credit || (used_up && relay.keep_power)) return false;
    relay.no_credit = used_up;
    if (used_up && relay.position != RelayPosition::open) {
        relay.position = RelayPosition::open;
        note_relay(state, local, RelayEvent::tripped, RelayCause::credit);
    } else if (!used_up && !relay.ordered && relay.position == RelayPosition::open) {
        relay.position = RelayPosition::open_closing_allowed;
        note_relay(state, local, RelayEvent::closing_allowed, RelayCause::credit);
    }
    return true;
}

bool note_wallet(MeteringState& state, const Account& account, base::Millis local) {
    const Wallet& now = account.wallet;
    const Wallet before = state.known_wallet;
    const std::uint64_t debited = account.debited - std::min(account.debited, state.known_debited);
    state.known_wallet = now;
    state.known_debited = account.debited;
    if (now.open == before.open && now.count == before.count && now.customer == before.customer) return false;
    const std::int64_t was = std::int64_t{before.balance} - static_cast<std::int64_t>(debited);
    state.recharges.add({local, now.count, now.balance - was, was, now.balance, now.by_card});
    if (before.open && !now.open && now.count > 0 && !state.relay.keep_power) {
        state.relay.no_credit = true;
        if (state.relay.position != RelayPosition::open) note_relay(state, local, RelayEvent::tripped, RelayCause::clear);
        state.relay.position = RelayPosition::open;
    }
    return true;
}

void settle(MeteringState& state, base::Millis local, std::int64_t balance) {
    state.settlements.add({local, state.energy, state.month, balance});
    state.month = 0;
}

Freeze freeze_now(const MeteringState& state, base::Millis local, std::int64_t balance) { return {local, state.energy, balance}; }

std::size_t current_tariff(const MeteringState& state, base::Millis local) noexcept {
    return state.days.tariff_of(state.zones.table_of(local), local);
}

std::uint32_t voltage(const MeteringState& state, std::size_t phase) noexcept { return state.phase_failed[phase] ? 0 : kVolts * 10; }

std::uint32_t drawn_watts(const MeteringState& state, const Surroundings& around) noexcept {
    return state.relay.position == RelayPosition::closed && healthy(state) > 0 ? around.watts : 0;
}

std::uint32_t phase_watts(const MeteringState& state, const Surroundings& around, std::size_t phase) noexcept {
    const std::uint32_t watts = drawn_watts(state, around);
    return state.phase_failed[phase] || watts == 0 ? 0 : watts / static_cast<std::uint32_t>(healthy(state));
}

std::uint32_t current(const MeteringState& state, const Surroundings& around, std::size_t phase) noexcept {
    return phase_watts(state, around, phase) * 1000 / kVolts;
}

}  // namespace meter
