#include "base/clock.h"

#include <chrono>
#include <cstdio>
#include <ctime>

namespace base {

Millis SystemClock::now() const noexcept {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string to_rfc3339(Millis time) {
    Millis seconds = time / 1000;
    Millis rest = time % 1000;
    if (rest < 0) {
        rest += 1000;
        --seconds;
    }
    const std::time_t t = seconds;
    std::tm parts{};
    gmtime_r(&t, &parts);
    char out[48];
    std::snprintf(out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                  parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(rest));
    return out;
}

Result<Millis> from_rfc3339(std::string_view text) {
    const Error bad{Code::invalid_argument, "'" + std::string(text) + "' is not a time such as 2026-11-22T06:42:00Z"};
    const auto number = [&](std::size_t at, std::size_t digits) -> int {
        int v = 0;
        for (std::size_t i = at; i < at + digits; ++i) {
            if (i >= text.size() || text[i] < '0' || text[i] > '9') return -1;
            v = v * 10 + (text[i] - '0');
        }
        return v;
    };
    const auto is = [&](std::size_t at, char c) { return at < text.size() && text[at] == c; };
    const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
    if (year < 0 || !is(4, '-') || month < 1 || month > 12 || !is(7, '-') || day < 1 || day > 31) return bad;
    int hour = 0, minute = 0, second = 0, milli = 0;
    if (text.size() != 10) {
        hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
        if (!is(10, 'T') || hour < 0 || hour > 23 || !is(13, ':') || minute < 0 || minute > 59 || !is(16, ':') || second < 0 || second > 59)
            return bad;
        std::size_t end = 19;
        if (is(19, '.')) {
            milli = number(20, 3);
            end = 23;
            if (milli < 0) return bad;
        }
        if (!is(end, 'Z') || text.size() != end + 1) return bad;
    }
    std::tm parts{};
    parts.tm_year = year - 1900;
    parts.tm_mon = month - 1;
    parts.tm_mday = day;
    parts.tm_hour = hour;
    parts.tm_min = minute;
    parts.tm_sec = second;
    const std::time_t t = timegm(&parts);
    if (parts.tm_mday != day) return bad;  // timegm turned a 31st of November into a 1st of December
    return static_cast<Millis>(t) * 1000 + milli;
}

}  // namespace base
