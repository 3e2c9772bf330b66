#include "meter/metering/time_tables.h"

#include <algorithm>

#include "meter/calendar.h"
#include "meter/dlt645/payload.h"
#include "meter/money.h"

namespace meter {
namespace {

using dlt645::ErrorBit;
using Row = std::array<std::uint8_t, 3>;

/// Rows of three numbers, or nothing when a byte is not BCD or a row is not whole.
std::optional<std::vector<Row>> rows(base::ByteView wire) {
    if (wire.empty() || wire.size() % 3 != 0) return std::nullopt;
    std::vector<Row> out;
    for (std::size_t i = 0; i < wire.size(); i += 3) {
        Row row{};
        for (std::size_t k = 0; k < 3; ++k) {
            const auto number = from_bcd(wire.subspan(i + 2 - k, 1));
            if (!number) return std::nullopt;
            row[k] = static_cast<std::uint8_t>(*number);
        }
        out.push_back(row);
    }
    return out;
}

bool rise(const std::vector<Row>& all) noexcept {
    return std::adjacent_find(all.begin(), all.end(), [](const Row& a, const Row& b) {
               return a[0] * 100 + a[1] >= b[0] * 100 + b[1];
           }) == all.end();
}

void add_row(dlt645::PayloadWriter& out, int a, int b, int c) {
    for (const int number : {c, b, a}) out.in_order(to_bcd(static_cast<std::uint64_t>(number), 1));
}

}  // namespace

std::size_t Zones::table_of(base::Millis local) const noexcept {
    const auto date = bcd_date(local);
    const std::uint64_t today = *from_bcd(base::ByteView(date).subspan(1, 2));
    std::size_t found = count - 1u;
    for (std::size_t i = 0; i < count; ++i)
        if (zone[i].month * 100u + zone[i].day <= today) found = i;
    return zone[found].table;
}

std::size_t DayTables::tariff_of(std::size_t number, base::Millis local) const noexcept {
    const DayTable& day = table[std::clamp<std::size_t>(number, 1, std::max<std::size_t>(count, 1)) - 1];
    const base::Millis minute = (local % base::kDay + base::kDay) % base::kDay / base::kMinute;
    std::size_t found = day.count - 1u;
    for (std::size_t i = 0; i < day.count; ++i)
        if (day.period[i].hour * 60 + day.period[i].minute <= minute) found = i;
    return day.period[found].tariff;
}

std::optional<ErrorBit> parse(Zones& out, base::ByteView wire) {
    const auto all = rows(wire);
    if (!all) return ErrorBit::other;
    if (all->size() > kZones) return ErrorBit::year_zones;
    Zones next;
    next.count = static_cast<std::uint8_t>(all->size());
    for (std::size_t i = 0; i < all->size(); ++i) {
        const auto [month, day, table] = (*all)[i];
        if (month < 1 || month > 12 || day < 1 || day > 31) return ErrorBit::other;
        if (table < 1 || table > kDayTables) return ErrorBit::year_zones;
        next.zone[i] = {month, day, table};
    }
    if (!rise(*all)) return ErrorBit::other;
    out = next;
    return std::nullopt;
}

std::optional<ErrorBit> parse(DayTable& out, base::ByteView wire) {
    const auto all = rows(wire);
    if (!all) return ErrorBit::other;
    if (all->size() > kPeriods) return ErrorBit::day_periods;
    DayTable next;
    next.count = static_cast<std::uint8_t>(all->size());
    for (std::size_t i = 0; i < all->size(); ++i) {
        const auto [hour, minute, tariff] = (*all)[i];
        if (hour > 23 || minute > 59) return ErrorBit::other;
        if (tariff < 1 || tariff > kTariffs) return ErrorBit::tariffs;
        next.period[i] = {hour, minute, tariff};
    }
    if (!rise(*all)) return ErrorBit::other;
    out = next;
    return std::nullopt;
}

base::Bytes on_the_line(const Zones& zones) {
    dlt645::PayloadWriter out;
    for (std::size_t i = 0; i < zones.count; ++i) add_row(out, zones.zone[i].month, zones.zone[i].day, zones.zone[i].table);
    return out.take();
}

base::Bytes on_the_line(const DayTable& table) {
    dlt645::PayloadWriter out;
    for (std::size_t i = 0; i < table.count; ++i) add_row(out, table.period[i].hour, table.period[i].minute, table.period[i].tariff);
    return out.take();
}

}  // namespace meter
