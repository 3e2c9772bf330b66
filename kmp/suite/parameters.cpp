#include "kmp/suite/parameters.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace kmp::suite {
namespace {

using base::Code;

enum class Form : std::uint8_t { number, above_zero, date, time, moment, values, rows };
enum class Class : std::uint8_t { one = 1, two = 2 };

/// Identifiers from `first` to `last`, and the block of all of them where the table has one.
struct Line {
    std::uint32_t first;
    std::uint32_t last;
    std::uint32_t block;  ///< 0: none
    Form form;
    std::size_t size;     ///< of one value
    std::size_t most;     ///< values in a block
    Class lowest;
};
constexpr std::array kLines{
    Line{0x04000101, 0x04000101, 0, Form::date, 4, 1, Class::two},                      // YYMMDDWW
    Line{0x04000102, 0x04000102, 0, Form::time, 3, 1, Class::two},                      // hhmmss
    Line{0x04000106, 0x04000107, 0, Form::moment, 5, 1, Class::two},                    // switch of the season and day tables
    Line{0x04000108, 0x04000109, 0, Form::moment, 5, 1, Class::one},                    // switch of tariffs, of the ladder
    Line{0x04000306, 0x04000307, 0, Form::above_zero, 3, 1, Class::one},                // CT and PT ratio
    Line{0x04001001, 0x04001002, 0, Form::number, 4, 1, Class::one},                    // alarm amounts
    Line{0x04001003, 0x04001004, 0, Form::number, 4, 1, Class::two},                    // overdraft, hoarding limit
    Line{0x04020000, 0x04020008, 0, Form::rows, 3, 14, Class::two},                     // seasons, and eight day tables, to come
    Line{0x04050201, 0x0405023F, 0x040502FF, Form::values, 4, 50, Class::one},          // tariffs to come
    Line{0x04060201, 0x04060206, 0x040602FF, Form::values, 4, 6, Class::one},           // ladder limits to come
    Line{0x04060301, 0x04060307, 0x040603FF, Form::values, 4, 7, Class::one},           // ladder prices to come
};

std::string hex8(std::uint32_t identifier) {
    const std::array<std::uint8_t, 4> bytes{static_cast<std::uint8_t>(identifier >> 24), static_cast<std::uint8_t>(identifier >> 16), static_cast<std::uint8_t>(identifier >> 8),
                                            static_cast<std::uint8_t>(identifier)};
    return base::to_hex(bytes);
}

unsigned two(std::uint8_t bcd) { return (bcd >> 4) * 10u + (bcd & 15u); }

bool is_day(std::uint8_t year, std::uint8_t month, std::uint8_t day) {
    using namespace std::chrono;
    return year_month_day{std::chrono::year(2000 + static_cast<int>(two(year))), std::chrono::month(two(month)), std::chrono::day(two(day))}.ok();
}

bool all_zero(base::ByteView data) {
    return std::all_of(data.begin(), data.end(), [](std::uint8_t b) { return b == 0; });
}

/// Empty, or what is wrong. Precondition: BCD, of the right size.
std::string_view fault(Form form, base::ByteView d) {
    switch (form) {
        case Form::date: return is_day(d[0], d[1], d[2]) && two(d[3]) <= 6 ? "" : "no date as YYMMDDWW";
        case Form::time: return two(d[0]) <= 23 && two(d[1]) <= 59 && two(d[2]) <= 59 ? "" : "no time as hhmmss";
        case Form::moment: return all_zero(d) || (is_day(d[0], d[1], d[2]) && two(d[3]) <= 23 && two(d[4]) <= 59) ? "" : "no time as YYMMDDhhmm, nor zeros for none";
        case Form::above_zero: return all_zero(d) ? "zero, which no ratio is" : "";
        case Form::number:
        case Form::values:
        case Form::rows: return "";
    }
    return "";
}

}  // namespace

base::Status check_parameter(std::uint32_t identifier, base::ByteView data, bool encrypt) {
    const auto line = std::find_if(kLines.begin(), kLines.end(), [&](const Line& l) { return (l.first <= identifier && identifier <= l.last) || (l.block != 0 && identifier == l.block); });
    if (line == kLines.end()) return {Code::refused, "identifier: " + hex8(identifier) + " is no parameter that is written through the platform"};
    if (!encrypt && line->lowest == Class::two) return {Code::refused, "class: parameter " + hex8(identifier) + " is written encrypted (class 2)"};
    const bool many = identifier == line->block || line->form == Form::rows;
    const std::size_t most = std::min(many ? line->most * line->size : line->size, kMaxParameter);
    if (data.empty() || data.size() % line->size != 0 || data.size() > most)
        return {Code::invalid_argument, "data: " + hex8(identifier) + " has " + (many ? "values of " + std::to_string(line->size) + " bytes, at most " + std::to_string(most) + " together" : std::to_string(most) + " bytes") +
                                            ", not " + std::to_string(data.size())};
    if (std::any_of(data.begin(), data.end(), [](std::uint8_t b) { return (b & 15) > 9 || b >> 4 > 9; })) return {Code::invalid_argument, "data: " + hex8(identifier) + " is BCD"};
    if (const auto wrong = fault(line->form, data); !wrong.empty()) return {Code::invalid_argument, "data: " + hex8(identifier) + " is " + std::string(wrong) + ": " + base::to_hex(data)};
    return {};
}

}  // namespace kmp::suite
