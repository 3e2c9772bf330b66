#include "meter/metering/metering_state.h"

#include <algorithm>

#include "meter/archive.h"

namespace meter {

// Found by the archive through their types' namespace.
template <class A>
void fields(A& a, Energy& v) {
    a(v.total, v.tariff);
}
template <class A>
void fields(A& a, Settlement& v) {
    a(v.at, v.energy, v.month, v.balance);
}
template <class A>
void fields(A& a, Freeze& v) {
    a(v.at, v.energy, v.balance);
}
template <class A>
void fields(A& a, RelayRecord& v) {
    a(v.at, v.what, v.cause, v.operator_code, v.energy);
}
template <class A>
void fields(A& a, ProgrammingRecord& v) {
    a(v.at, v.operator_code, v.id);
}
template <class A>
void fields(A& a, RechargeRecord& v) {
    a(v.at, v.count, v.amount, v.before, v.after, v.by_card);
}
template <class A>
void fields(A& a, InsertionRecord& v) {
    a(v.at, v.serial, v.outcome);
}
template <class A>
void fields(A& a, PowerLossRecord& v) {
    a(v.from, v.to);
}
template <class A>
void fields(A& a, MeteringState& v) {
    a(v.source, v.adjusted, v.fraction, v.energy, v.month, v.cost, v.relay, v.phase_failed, v.inserted_at_zero);
    a(v.zones, v.backup_zones, v.days, v.backup_days, v.zones_switch, v.days_switch, v.sets, v.settlement_day, v.settlement_hour);
    a(v.broadcast_day, v.freeze_at, v.known_wallet, v.known_debited);
    a(v.settlements, v.instant_freezes, v.timed_freezes, v.daily_freezes);
    a(v.trips, v.closings, v.programming, v.recharges, v.insertions, v.power_losses);
}

namespace {

bool possible(const MeteringState& s) noexcept {
    const auto zones = [](const Zones& z) { return z.count >= 1 && z.count <= kZones; };
    const auto days = [](const DayTables& d) {
        return d.count >= 1 && d.count <= kDayTables &&
               std::all_of(d.table.begin(), d.table.end(), [](const DayTable& t) { return t.count >= 1 && t.count <= kPeriods; });
    };
    return zones(s.zones) && zones(s.backup_zones) && days(s.days) && days(s.backup_days) && s.relay.position <= RelayPosition::open_closing_allowed;
}

}  // namespace

void note_relay(MeteringState& state, base::Millis at, RelayEvent what, RelayCause cause, const std::array<std::uint8_t, 4>& operator_code) {
    auto& log = what == RelayEvent::tripped ? state.trips : state.closings;
    log.add({at, what, cause, operator_code, state.energy.total});
}

base::Bytes encode(const MeteringState& state) {
    archive::Writer out;
    out(const_cast<MeteringState&>(state));  // a writer leaves the fields as they are
    return out.view();
}

base::Result<MeteringState> decode_metering(base::ByteView record) {
    MeteringState out;
    archive::Reader in(record);
    in(out);
    if (!in.whole() || !possible(out)) return {base::Code::tampered, "its readings are not those of a meter"};
    return out;
}

}  // namespace meter
