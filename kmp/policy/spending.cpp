#include "kmp/policy/spending.h"

namespace kmp::policy {

void Spending::roll(base::Millis now, base::Millis day_offset) {
    const std::int64_t day = model::day_of(now, day_offset);
    const std::int64_t month = model::month_of(now, day_offset);
    const std::int64_t minute = now / base::kMinute;
    // Time never goes behind the last event, so a smaller number can only be a later period's restart.
    if (day != day_) {
        day_ = day;
        today_ = model::Fen(0);
    }
    if (month != month_) {
        month_ = month;
        this_month_ = model::Fen(0);
    }
    if (minute != minute_) {
        minute_ = minute;
        orders_this_minute_ = 0;
    }
}

model::Spent Spending::view(base::Millis now, base::Millis day_offset) {
    roll(now, day_offset);
    return {today_, this_month_, orders_this_minute_};
}

Spending::Booking Spending::reserve(model::Fen amount, std::uint32_t orders, base::Millis now, base::Millis day_offset) {
    roll(now, day_offset);
    today_ = model::Fen(today_.value() + amount.value());
    this_month_ = model::Fen(this_month_.value() + amount.value());
    orders_this_minute_ += orders;
    return {amount, day_, month_, minute_, orders};
}

void Spending::release(const Booking& booking) {
    if (booking.day == day_) today_ = today_.minus(booking.amount);
    if (booking.month == month_) this_month_ = this_month_.minus(booking.amount);
}

void Spending::restore(std::int64_t day, model::Fen today, std::int64_t month, model::Fen this_month) {
    day_ = day;
    today_ = today;
    month_ = month;
    this_month_ = this_month;
}

}  // namespace kmp::policy
