// Writes of class 2 that are not about money: the clock, the tables of the year and the day, settlement.
#include <algorithm>

#include "meter/calendar.h"
#include "meter/metering/registers.h"

namespace meter {
namespace {

using dlt645::ErrorBit;
using Refused = std::optional<ErrorBit>;
namespace di = dlt645::di;

/// What the meter's clock would show with another date (YYMMDD), another time of day, or both.
Refused write_clock(MeteringState& state, dlt645::DataIdentifier id, base::ByteView data, base::Millis source, const Surroundings& around,
                    const Account& account) {
    const base::Millis local = local_time(state, around, source);
    const auto date_now = bcd_date(local);
    const auto time_now = bcd_time(local);
    base::Bytes six{time_now[2], time_now[1], time_now[0], date_now[2], date_now[1], date_now[0]};
    std::optional<std::uint8_t> weekday;
    if (id == di::kTime && data.size() == 3) {
        std::copy(data.begin(), data.end(), six.begin());
    } else if (id == di::kDate && data.size() == 4) {
        std::copy(data.begin() + 1, data.end(), six.begin() + 3);
        weekday = data[0];
    } else if (id == di::kDateTime && data.size() == 7) {
        std::copy(data.begin(), data.begin() + 3, six.begin());
        std::copy(data.begin() + 4, data.end(), six.begin() + 3);
        weekday = data[3];
    } else {
        return ErrorBit::other;
    }
    const auto wanted = from_bcd_time(six);
    if (!wanted || (weekday && bcd_date(*wanted)[3] != *weekday)) return ErrorBit::other;
    set_clock(state, *wanted, source, around, account);
    return std::nullopt;
}

Refused write_switch(base::Millis& to, base::ByteView data) {
    if (data.size() != 5) return ErrorBit::other;
    if (std::all_of(data.begin(), data.end(), [](std::uint8_t b) { return b == 0; })) {
        to = 0;
        return std::nullopt;
    }
    base::Bytes six{0x00};
    six.insert(six.end(), data.begin(), data.end());
    const auto time = from_bcd_time(six);
    if (!time) return ErrorBit::other;
    to = *time;
    return std::nullopt;
}

Refused write_settlement(MeteringState& state, base::ByteView data) {
    if (data.size() != 2) return ErrorBit::other;
    const auto hour = from_bcd(data.first(1));
    const auto day = from_bcd(data.subspan(1, 1));
    if (!hour || !day || *hour > 23 || *day < 1 || *day > 28) return ErrorBit::other;
    state.settlement_hour = static_cast<std::uint8_t>(*hour);
    state.settlement_day = static_cast<std::uint8_t>(*day);
    return std::nullopt;
}

Refused write_day(DayTables& tables, std::size_t number, base::ByteView data) {
    if (const auto why = parse(tables.table[number - 1], data)) return why;
    tables.count = static_cast<std::uint8_t>(std::max<std::size_t>(tables.count, number));
    return std::nullopt;
}

}  // namespace

Refused write_register(MeteringState& state, dlt645::DataIdentifier id, base::ByteView data, base::Millis source, const Surroundings& around,
                       const Account& account) {
    switch (id.value()) {
        case di::kTime.value():
        case di::kDate.value():
        case di::kDateTime.value(): return write_clock(state, id, data, source, around, account);
        case di::kZonesSwitch.value(): return write_switch(state.zones_switch, data);
        case di::kDaysSwitch.value(): return write_switch(state.days_switch, data);
        case di::kSettlementTime.value(): return write_settlement(state, data);
    }
    const std::size_t number = id.value() & 0xFF;
    const std::uint32_t set = id.value() & 0xFFFFFF00;
    if ((set == 0x04010000 || set == 0x04020000) && number <= kDayTables) {
        const bool first = set == 0x04010000;
        if (number == 0) return parse(first ? state.zones : state.backup_zones, data);
        return write_day(first ? state.days : state.backup_days, number, data);
    }
    return ErrorBit::no_such_data;
}

}  // namespace meter
