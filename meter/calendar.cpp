#include "meter/calendar.h"

#include <ctime>

namespace meter {
namespace {

std::tm parts_of(base::Millis local) noexcept {
    const std::time_t seconds = local / base::kSecond;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return parts;
}

std::uint8_t bcd(int two_digits) noexcept { return static_cast<std::uint8_t>(two_digits / 10 % 10 << 4 | two_digits % 10); }

}  // namespace

base::Bytes to_bcd(std::uint64_t number, std::size_t size) {
    base::Bytes out(size);
    for (std::size_t i = size; i-- > 0; number /= 100) out[i] = bcd(static_cast<int>(number % 100));
    return out;
}

std::optional<std::uint64_t> from_bcd(base::ByteView most_significant_first) {
    std::uint64_t out = 0;
    for (const std::uint8_t byte : most_significant_first) {
        if ((byte >> 4) > 9 || (byte & 15) > 9) return std::nullopt;
        out = out * 100 + static_cast<std::uint64_t>((byte >> 4) * 10 + (byte & 15));
    }
    return out;
}

std::array<std::uint8_t, 4> bcd_date(base::Millis local) {
    const std::tm t = parts_of(local);
    return {bcd(t.tm_year % 100), bcd(t.tm_mon + 1), bcd(t.tm_mday), bcd(t.tm_wday)};
}

std::array<std::uint8_t, 3> bcd_time(base::Millis local) {
    const std::tm t = parts_of(local);
    return {bcd(t.tm_hour), bcd(t.tm_min), bcd(t.tm_sec)};
}

std::array<std::uint8_t, 5> bcd_minute(base::Millis local) {
    if (local == 0) return {};
    const std::tm t = parts_of(local);
    return {bcd(t.tm_year % 100), bcd(t.tm_mon + 1), bcd(t.tm_mday), bcd(t.tm_hour), bcd(t.tm_min)};
}

std::optional<base::Millis> from_bcd_time(base::ByteView seconds_first) {
    if (seconds_first.size() != 6) return std::nullopt;
    std::array<int, 6> field{};
    for (std::size_t i = 0; i < field.size(); ++i) {
        const auto value = from_bcd(seconds_first.subspan(i, 1));
        if (!value) return std::nullopt;
        field[i] = static_cast<int>(*value);
    }
    std::tm t{};
    t.tm_sec = field[0], t.tm_min = field[1], t.tm_hour = field[2];
    t.tm_mday = field[3], t.tm_mon = field[4] - 1, t.tm_year = 100 + field[5];
    if (field[0] > 59 || field[1] > 59 || field[2] > 23 || field[3] < 1 || field[4] < 1 || field[4] > 12) return std::nullopt;
    const std::time_t seconds = timegm(&t);
    if (t.tm_mday != field[3]) return std::nullopt;  // timegm made the 31st of a short month the 1st of the next
    return base::Millis{seconds} * base::kSecond;
}

}  // namespace meter
