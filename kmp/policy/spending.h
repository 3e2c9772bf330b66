#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "model/grant.h"

namespace kmp::policy {

/// What one UKEY has been used for in the utility's current day, month and minute, with what is reserved for orders under
/// way. Reserving before the key is touched is what makes caps exact however many clients share a grant.
/// Thread: one (the service's I/O thread).
class Spending {
public:
    /// Where a reservation was booked, so that it can be taken back from the same day and month.
    struct Booking {
        model::Fen amount;
        std::int64_t day = 0;
        std::int64_t month = 0;
        std::int64_t minute = 0;
        std::uint32_t orders = 0;
    };

    /// The sums as of `now`; a new day, month or minute starts from nothing.
    model::Spent view(base::Millis now, base::Millis day_offset);
    /// Counts an order that a Permit was given for.
    Booking reserve(model::Fen amount, std::uint32_t orders, base::Millis now, base::Millis day_offset);
    /// Takes back what was reserved for an order that left no trace in the log. The minute's count stays: a refusal costs rate.
    void release(const Booking& booking);
    /// What the database says was spent (at start).
    void restore(std::int64_t day, model::Fen today, std::int64_t month, model::Fen this_month);

private:
    void roll(base::Millis now, base::Millis day_offset);
    std::int64_t day_ = 0;
    std::int64_t month_ = 0;
    std::int64_t minute_ = 0;
    model::Fen today_;
    model::Fen this_month_;
    std::uint32_t orders_this_minute_ = 0;
};

}  // namespace kmp::policy
