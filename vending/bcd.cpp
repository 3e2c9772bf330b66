#include "vending/bcd.h"

#include <chrono>

namespace vending {
namespace {

using namespace std::chrono;

struct Parts {
    unsigned year, month, day, weekday, hour, minute, second;
};

Parts parts_of(base::Millis local) {
    const sys_time<milliseconds> at{milliseconds(local)};
    const year_month_day day(floor<days>(at));
    const hh_mm_ss time(floor<seconds>(at - floor<days>(at)));
    return {static_cast<unsigned>(static_cast<int>(day.year()) % 100), static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()), weekday(floor<days>(at)).c_encoding(),
            static_cast<unsigned>(time.hours().count()), static_cast<unsigned>(time.minutes().count()), static_cast<unsigned>(time.seconds().count())};
}

base::Bytes field(std::initializer_list<unsigned> numbers) {
    base::Bytes out;
    for (const unsigned n : numbers) out.push_back(static_cast<std::uint8_t>(n / 10 % 10 << 4 | n % 10));
    return out;
}

}  // namespace

base::Bytes to_bcd(std::uint64_t number, std::size_t size) {
    base::Bytes out(size);
    for (std::size_t i = size; i-- > 0; number /= 100) out[i] = static_cast<std::uint8_t>(number / 10 % 10 << 4 | number % 10);
    return out;
}

std::optional<std::uint64_t> from_bcd(base::ByteView bytes) {
    if (bytes.size() > 9) return std::nullopt;
    std::uint64_t out = 0;
    for (const std::uint8_t b : bytes) {
        if (b >> 4 > 9 || (b & 0x0F) > 9) return std::nullopt;
        out = out * 100 + static_cast<unsigned>(b >> 4) * 10 + (b & 0x0F);
    }
    return out;
}

base::Bytes clock_field(base::Millis local) {
    const Parts p = parts_of(local);
    return field({p.year, p.month, p.day, p.weekday, p.hour, p.minute, p.second});
}

base::Bytes minute_field(base::Millis local) {
    const Parts p = parts_of(local);
    return field({p.year, p.month, p.day, p.hour, p.minute});
}

std::optional<base::Millis> time_of_day(base::ByteView three) {
    const auto number = three.size() == 3 ? from_bcd(three) : std::nullopt;
    if (!number) return std::nullopt;
    const auto hour = static_cast<base::Millis>(*number / 10000), minute = static_cast<base::Millis>(*number / 100 % 100), second = static_cast<base::Millis>(*number % 100);
    if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return hour * base::kHour + minute * base::kMinute + second * base::kSecond;
}

}  // namespace vending
