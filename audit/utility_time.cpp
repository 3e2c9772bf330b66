#include "audit/utility_time.h"

#include <algorithm>
#include <optional>

#include "model/grant.h"

namespace audit {
namespace {

/// "+08:00" in ms; nullopt: it is none.
std::optional<base::Millis> offset_of(std::string_view zone) {
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
    int digits[4];
    for (std::size_t i = 0; i < 4; ++i) {
        const char c = zone[i < 2 ? i + 1 : i + 2];
        if (c < '0' || c > '9') return std::nullopt;
        digits[i] = c - '0';
    }
    const int hours = digits[0] * 10 + digits[1], minutes = digits[2] * 10 + digits[3];
    if (hours > 14 || minutes > 59) return std::nullopt;
    const base::Millis out = hours * base::kHour + minutes * base::kMinute;
    return zone[0] == '-' ? -out : out;
}

}  // namespace

std::string UtilityTime::day(base::Millis time) const { return base::to_rfc3339(time + offset_).substr(0, 10); }

std::string UtilityTime::text(base::Millis time) const {
    std::string out = base::to_rfc3339(time + offset_).substr(0, 19);
    out[10] = ' ';
    return out;
}

std::string UtilityTime::zone() const {
    const base::Millis minutes = (offset_ < 0 ? -offset_ : offset_) / base::kMinute;
    const auto two = [](base::Millis n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return (offset_ < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60);
}

Period UtilityTime::day_around(base::Millis time) const {
    const base::Millis from = model::day_of(time, offset_) * base::kDay - offset_;
    return {from, from + base::kDay};
}

base::Result<base::Millis> UtilityTime::parse(std::string_view text) const {
    const base::Error bad{base::Code::invalid_argument, "'" + std::string(text.substr(0, 40)) + "' is no time such as 2026-11-22, '2026-11-22 14:42:07' or 2026-11-22T06:42:07Z"};
    base::Millis offset = offset_;
    std::string plain(text);
    if (plain.size() > 10) {
        if (plain.back() == 'Z') {
            offset = 0;
            plain.pop_back();
        } else if (const auto zone = offset_of(text.substr(text.size() - std::min<std::size_t>(text.size(), 6)))) {
            offset = *zone;
            plain.resize(plain.size() - 6);
        }
        if (plain.size() == 16) plain += ":00";
        if (plain.size() > 10 && plain[10] == ' ') plain[10] = 'T';
        plain += 'Z';
    }
    const auto utc = base::from_rfc3339(plain);
    if (!utc) return bad;
    return *utc - offset;
}

}  // namespace audit
