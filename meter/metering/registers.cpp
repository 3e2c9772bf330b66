#include "meter/metering/registers.h"

#include <algorithm>

#include "meter/calendar.h"
#include "meter/dlt645/payload.h"

namespace meter {
namespace {

using dlt645::PayloadWriter;
namespace di = dlt645::di;
using Value = std::optional<base::Bytes>;

constexpr std::uint8_t kBlock = 0xFF;

base::Bytes bcd(std::uint64_t number, std::size_t size) { return PayloadWriter().field(to_bcd(number, size)).take(); }
std::uint64_t positive(std::int64_t number) noexcept { return number > 0 ? static_cast<std::uint64_t>(number) : 0; }

base::Bytes minute(base::Millis local) { return PayloadWriter().field(bcd_minute(local)).take(); }

/// YYMMDDhhmmss, six bytes; zeros for none.
base::Bytes second(base::Millis local) {
    if (local == 0) return base::Bytes(6);
    const auto date = bcd_date(local);
    return PayloadWriter().field(bcd_time(local)).field(base::ByteView(date).first(3)).take();
}

void append(base::Bytes& out, const base::Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

/// 00 0x tt ss: energy, tariff tt (00 the total, FF all of them), settlement ss (00 now).
Value energy(const Readings& now, std::uint8_t tariff, std::uint8_t settlement) {
    const Energy* from = &now.state.energy;
    static const Energy none;
    if (settlement > kSettlements) return std::nullopt;
    if (settlement > 0) {
        const Settlement* settled = now.state.settlements.at(settlement);
        from = settled != nullptr ? &settled->energy : &none;
    }
    if (tariff == 0) return bcd(from->total, 4);
    if (tariff <= kTariffs) return bcd(from->tariff[tariff - 1u], 4);
    if (tariff != kBlock) return std::nullopt;
    base::Bytes out = bcd(from->total, 4);
    for (std::size_t i = 0; i < now.parameters.current.tariffs; ++i) append(out, bcd(from->tariff[i], 4));
    return out;
}

/// 02 kk pp 00: voltages (0.1 V), currents (mA), power (0.1 W), power factor (0.001) of phases (00: all together, FF: each).
Value variable(const Readings& now, std::uint8_t kind, std::uint8_t phase) {
    const auto one = [&](std::size_t p) -> base::Bytes {
        if (kind == 1) return bcd(voltage(now.state, p), 2);
        if (kind == 2) return bcd(current(now.state, now.around, p), 3);
        return bcd(phase_watts(now.state, now.around, p) * 10, 3);
    };
    const std::uint64_t total = drawn_watts(now.state, now.around);
    const bool has_total = kind == 3 || kind == 6;
    if (kind == 6) {
        if (phase <= kPhases) return bcd(1000, 2);
        if (phase != kBlock) return std::nullopt;
        base::Bytes out;
        for (std::size_t p = 0; p <= kPhases; ++p) append(out, bcd(1000, 2));
        return out;
    }
    if (kind < 1 || kind > 3) return std::nullopt;
    if (phase == 0 && has_total) return bcd(total * 10, 3);
    if (phase >= 1 && phase <= kPhases) return one(phase - 1u);
    if (phase != kBlock) return std::nullopt;
    base::Bytes out;
    if (has_total) out = bcd(total * 10, 3);
    for (std::size_t p = 0; p < kPhases; ++p) append(out, one(p));
    return out;
}

Value freeze_record(const Readings& now, std::uint8_t kind, std::uint8_t what, std::uint8_t back) {
    const Freeze* found = kind == 0 ? now.state.timed_freezes.at(back) : kind == 1 ? now.state.instant_freezes.at(back)
                        : kind == 6 ? now.state.daily_freezes.at(back) : nullptr;
    if ((kind != 0 && kind != 1 && kind != 6) || back == 0) return std::nullopt;
    static const Freeze none;
    if (found == nullptr) found = &none;
    if (what == 0x00) return minute(found->at);
    if (what == 0x10) return PayloadWriter().field(to_bcd(positive(found->balance), 4)).field(to_bcd(positive(-found->balance), 4)).take();
    if (what != 0x01) return std::nullopt;
    base::Bytes out = bcd(found->energy.total, 4);
    for (std::size_t i = 0; i < now.parameters.current.tariffs; ++i) append(out, bcd(found->energy.tariff[i], 4));
    return out;
}

/// The nn-th last record of a log (1 the newest), or how many there ever were (0). A record that is not there is all zero.
template <class T, std::size_t N, class F>
Value record(const Log<T, N>& log, std::uint8_t back, F&& show) {
    if (back == 0) return bcd(log.total, 3);
    if (back > N) return std::nullopt;
    static const T none;
    const T* found = log.at(back);
    return show(found != nullptr ? *found : none);
}

/// 0333 kk nn: one side of the nn-th last purchase. source: DL/T 645-2007 appendix A, purchases by amount
Value purchase(const Readings& now, std::uint8_t what, std::uint8_t back) {
    if (back == 0) return std::nullopt;
    return record(now.state.recharges, back, [&](const RechargeRecord& r) -> base::Bytes {
        switch (what) {
            case 0x01: return minute(r.at);
            case 0x02: return bcd(r.count, 2);
            case 0x03: return bcd(positive(r.amount), 4);
            case 0x04: return bcd(positive(r.before), 4);
            case 0x05: return bcd(positive(r.after), 4);
        }
        return {};
    });
}

Value relay_record(const Log<RelayRecord, kEvents>& log, std::uint8_t back) {
    return record(log, back, [](const RelayRecord& r) {
        return PayloadWriter().in_order(second(r.at)).in_order(r.operator_code).field(to_bcd(r.energy, 4)).take();
    });
}

Value event(const Readings& now, dlt645::DataIdentifier id) {
    const auto back = static_cast<std::uint8_t>(id.value());
    const auto what = static_cast<std::uint8_t>(id.value() >> 8);
    switch (id.value() >> 8) {
        case 0x031100:
            return record(now.state.power_losses, back, [](const PowerLossRecord& r) { return PayloadWriter().in_order(second(r.from)).in_order(second(r.to)).take(); });
        case 0x033000:
            return record(now.state.programming, back, [](const ProgrammingRecord& r) {
                return PayloadWriter().in_order(second(r.at)).in_order(r.operator_code).identifier(dlt645::DataIdentifier(r.id)).in_order(base::Bytes(36)).take();
            });
        case 0x033301:
        case 0x033302:
        case 0x033303:
        case 0x033304:
        case 0x033305: return purchase(now, what, back);
        case 0x034900:
            return record(now.state.insertions, back, [](const InsertionRecord& r) {
                return PayloadWriter().in_order(second(r.at)).field(r.serial).u8(r.outcome).take();
            });
        case 0x1D0000: return back == 1 ? relay_record(now.state.trips, 0) : std::nullopt;
        case 0x1E0000: return back == 1 ? relay_record(now.state.closings, 0) : std::nullopt;
        case 0x1D0001: return back == 0 ? std::nullopt : relay_record(now.state.trips, back);
        case 0x1E0001: return back == 0 ? std::nullopt : relay_record(now.state.closings, back);
        case 0x050000:
        case 0x050001:
        case 0x050010: return freeze_record(now, 0, what, back);
        case 0x050100:
        case 0x050101:
        case 0x050110: return freeze_record(now, 1, what, back);
        case 0x050600:
        case 0x050601:
        case 0x050610: return freeze_record(now, 6, what, back);
    }
    return std::nullopt;
}

/// 040100nn and 040200nn: 00 the zones of a year, 01 to 08 the tables of a day.
Value tables(const Readings& now, dlt645::DataIdentifier id) {
    const auto set = static_cast<std::uint8_t>(id.value() >> 16);
    const auto number = static_cast<std::uint8_t>(id.value());
    if (id.value() >> 24 != 0x04 || (set != 1 && set != 2) || (id.value() >> 8 & 0xFF) != 0 || number > kDayTables) return std::nullopt;
    if (number == 0) return on_the_line(set == 1 ? now.state.zones : now.state.backup_zones);
    return on_the_line((set == 1 ? now.state.days : now.state.backup_days).table[number - 1u]);
}

Value status(const Readings& now, std::uint8_t number) {
    if (number >= 1 && number <= 7) return PayloadWriter().u16(status_word(now, number)).take();
    if (number != kBlock) return std::nullopt;
    PayloadWriter out;
    for (std::size_t i = 1; i <= 7; ++i) out.u16(status_word(now, i));
    return out.take();
}

Value price_now(const Readings& now, dlt645::DataIdentifier id) {
    const Prices& prices = now.parameters.current;
    const std::size_t tariff = current_tariff(now.state, now.local);
    const std::size_t step = prices.step(now.state.month);
    Prices flat = prices;
    flat.steps = 0;
    switch (id.value()) {
        case 0x02800020: return bcd(prices.at(tariff, now.state.month), 4);
        case 0x02800021: return bcd(flat.at(tariff, 0), 4);
        case 0x0280000B: return bcd(step > 0 ? prices.step_price[step - 1] : 0, 4);
    }
    return std::nullopt;
}

}  // namespace

std::uint16_t status_word(const Readings& now, std::size_t number) noexcept {
    using W = dlt645::StatusWord3;
    unsigned out = 0;
    if (number >= 4 && number <= 6 && now.state.phase_failed[number - 4]) out |= W::kPhaseLost;
    if (number == 7 && std::count(now.state.phase_failed.begin(), now.state.phase_failed.end(), true) > 0) out |= W::kVoltageUnbalanced;
    if (number != 3) return static_cast<std::uint16_t>(out);
    const Relay& relay = now.state.relay;
    const bool open = now.account.wallet.open;
    out = W::kMoneyPrepayment;
    if (now.state.sets & 2) out |= W::kSecondDayTables;
    if (now.state.sets & 1) out |= W::kSecondZones;
    if (now.state.sets & 4) out |= W::kSecondTariffs;
    if (now.state.sets & 8) out |= W::kSecondLadder;
    if (relay.position != RelayPosition::closed) out |= W::kRelayOpen;
    if (relay.position == RelayPosition::open) out |= W::kRelayCommandOpen;
    if (relay.alarm || (open && now.credit() <= std::int64_t{now.parameters.alarm1})) out |= W::kAlarm;
    if (relay.keep_power) out |= W::kKeepPower;
    if (now.account.identity_valid) out |= W::kIdentityValid;
    if (!open || !now.account.wallet.by_card) out |= W::kLocalAccountClosed;
    if (!open || now.account.wallet.by_card) out |= W::kRemoteAccountClosed;
    return static_cast<std::uint16_t>(out);
}

std::uint32_t key_state_bits(const Account& account) noexcept {
    return account.keys.state == KeyState::private_keys ? (1u << account.key_count) - 1 : 0;
}

std::uint16_t customer_state(const Readings& now) noexcept {
    using S = CustomerState;
    const Wallet& wallet = now.account.wallet;
    const std::int64_t credit = now.credit();
    unsigned out = 0;
    if (wallet.open) out |= wallet.by_card ? S::kLocalAccount : S::kRemoteAccount;
    if (now.state.relay.keep_power) out |= S::kKeepPower;
    if (wallet.open && credit <= 0) out |= S::kArrears;
    if (credit < 0) out |= S::kOverdrawn;
    if (wallet.open && credit <= std::int64_t{now.parameters.alarm1}) out |= S::kAlarm1;
    if (wallet.open && credit <= std::int64_t{now.parameters.alarm2}) out |= S::kAlarm2;
    if (now.state.inserted_at_zero) out |= S::kInsertedAtZero;
    for (std::size_t p = 0; p < kPhases; ++p)
        if (now.state.phase_failed[p]) out |= unsigned{S::kPhaseLossA} << p;
    if (now.state.relay.position != RelayPosition::closed) out |= S::kRelayOpen;
    if (now.state.relay.position == RelayPosition::open_closing_allowed) out |= S::kClosingAllowed;
    return static_cast<std::uint16_t>(out);
}

Value read_register(const Readings& now, dlt645::DataIdentifier id) {
    const auto field = [](base::ByteView value) { return PayloadWriter().field(value).take(); };
    const MeteringState& s = now.state;
    switch (id.value()) {
        case di::kBalance.value(): return bcd(positive(now.credit()), 4);
        case di::kOverdraft.value(): return bcd(positive(-now.credit()), 4);
        case di::kDate.value(): return field(bcd_date(now.local));
        case di::kTime.value(): return field(bcd_time(now.local));
        case di::kDateTime.value(): return PayloadWriter().field(bcd_time(now.local)).field(bcd_date(now.local)).take();
        case di::kKeyTotal.value(): return bcd(now.account.key_count, 1);
        case di::kCommunicationAddress.value():
        case di::kMeterNumber.value(): return field(now.number.bytes());
        case di::kCustomerNumber.value(): return field(now.account.wallet.customer);
        case di::kKeyState.value(): return PayloadWriter().u32(key_state_bits(now.account)).take();
        case di::kCustomerState.value(): return PayloadWriter().u16(customer_state(now)).take();
        case di::kZonesSwitch.value(): return minute(s.zones_switch);
        case di::kDaysSwitch.value(): return minute(s.days_switch);
        case di::kZoneCount.value(): return bcd(s.zones.count, 1);
        case di::kDayTableCount.value(): return bcd(s.days.count, 1);
        case di::kTariffCount.value(): return bcd(now.parameters.current.tariffs, 1);
        case di::kStepCount.value(): return bcd(now.parameters.current.steps, 1);
        case di::kSettlementTime.value(): return PayloadWriter().u8(to_bcd(s.settlement_hour, 1)[0]).u8(to_bcd(s.settlement_day, 1)[0]).take();
        case di::kMonthEnergy.value(): return bcd(s.month, 4);
        case di::kLastMonthEnergy.value(): return bcd(s.settlements.at(1) != nullptr ? s.settlements.at(1)->month : 0, 4);
        case di::kFrequency.value(): return bcd(5000, 2);
        case di::kPurchases.value(): return bcd(now.account.wallet.count, 2);
        case di::kIllegalInsertions.value(): return bcd(now.account.illegal_insertions, 3);
    }
    const auto b2 = static_cast<std::uint8_t>(id.value() >> 16);
    const auto b1 = static_cast<std::uint8_t>(id.value() >> 8);
    const auto b0 = static_cast<std::uint8_t>(id.value());
    switch (id.value() >> 24) {
        case 0x00:
            if (b2 <= 1) return energy(now, b1, b0);
            return std::nullopt;
        case 0x02:
            if (b2 == 0x80) return price_now(now, id);
            return b0 == 0 ? variable(now, b2, b1) : std::nullopt;
        case 0x03:
        case 0x05:
        case 0x1D:
        case 0x1E: return event(now, id);
        case 0x04:
            if (id.value() >> 8 == 0x040005) return status(now, b0);
            if (auto value = tables(now, id)) return value;
            return read_money(now.parameters, now.account.wallet.hoarding_limit, id);
    }
    return std::nullopt;
}

}  // namespace meter
