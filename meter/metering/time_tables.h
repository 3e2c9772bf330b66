#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "meter/dlt645/error_word.h"

namespace meter {

inline constexpr std::size_t kZones = 14;      ///< of a year
inline constexpr std::size_t kDayTables = 8;
inline constexpr std::size_t kPeriods = 14;    ///< of a day

/// From this day (0:00) on, until the next zone begins, this day table holds.
struct Zone {
    std::uint8_t month = 1;
    std::uint8_t day = 1;
    std::uint8_t table = 1;  ///< from 1
    bool operator==(const Zone&) const = default;
};
/// From this minute of the day on, until the next period begins, this tariff holds.
struct Period {
    std::uint8_t hour = 0;
    std::uint8_t minute = 0;
    std::uint8_t tariff = 1;  ///< from 1
    bool operator==(const Period&) const = default;
};
struct DayTable {
    std::uint8_t count = 1;
    std::array<Period, kPeriods> period{};
    bool operator==(const DayTable&) const = default;
};

/// The seasons of a year and what a day is like in each. Wet and dry seasons have tables whose periods name other tariffs.
struct Zones {
    std::uint8_t count = 1;
    std::array<Zone, kZones> zone{};
    bool operator==(const Zones&) const = default;

    /// The day table of a day. Before the first zone of a year the last one of the year before goes on.
    std::size_t table_of(base::Millis local) const noexcept;
};
struct DayTables {
    std::uint8_t count = 1;
    std::array<DayTable, kDayTables> table{};
    bool operator==(const DayTables&) const = default;

    /// The tariff of a minute. Before the first period of a day the last one of the day before goes on.
    std::size_t tariff_of(std::size_t table, base::Millis local) const noexcept;
};

/// From rows of three BCD bytes as the line carries them, each reversed: MM DD NN, or hh mm NN. Rows must rise in time.
/// errors: other; year_zones or day_periods (too many, or a table or tariff that no meter of ours has)
std::optional<dlt645::ErrorBit> parse(Zones& out, base::ByteView wire);
std::optional<dlt645::ErrorBit> parse(DayTable& out, base::ByteView wire);
base::Bytes on_the_line(const Zones& zones);
base::Bytes on_the_line(const DayTable& table);

template <class A>
void fields(A& a, Zone& v) {
    a(v.month, v.day, v.table);
}
template <class A>
void fields(A& a, Period& v) {
    a(v.hour, v.minute, v.tariff);
}
template <class A>
void fields(A& a, DayTable& v) {
    a(v.count, v.period);
}
template <class A>
void fields(A& a, Zones& v) {
    a(v.count, v.zone);
}
template <class A>
void fields(A& a, DayTables& v) {
    a(v.count, v.table);
}

}  // namespace meter
