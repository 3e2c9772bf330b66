#include "kmp/policy/spending.h"

#include <gtest/gtest.h>

namespace {

using base::kMinute;
using kmp::policy::Spending;
using model::Fen;

constexpr base::Millis kEight = 8 * base::kHour;  // the utility's offset
// One minute before midnight at +08:00.
const base::Millis kBeforeMidnight = base::from_rfc3339("2026-11-22T15:59:00Z").value();

TEST(spending, what_is_reserved_counts_at_once_and_comes_back_when_released) {
    Spending s;
    const auto booking = s.reserve(Fen(500), 1, kBeforeMidnight, kEight);
    EXPECT_EQ(s.view(kBeforeMidnight, kEight).today, Fen(500));
    s.release(booking);
    EXPECT_EQ(s.view(kBeforeMidnight, kEight).today, Fen(0));
    EXPECT_EQ(s.view(kBeforeMidnight, kEight).this_month, Fen(0));
}

TEST(spending, the_day_turns_at_the_utilitys_midnight_and_the_month_goes_on) {
    Spending s;
    (void)s.reserve(Fen(500), 1, kBeforeMidnight, kEight);
    const model::Spent after = s.view(kBeforeMidnight + kMinute, kEight);
    EXPECT_EQ(after.today, Fen(0));
    EXPECT_EQ(after.this_month, Fen(500));
    EXPECT_EQ(after.orders_this_minute, 0u);
}

TEST(spending, a_reservation_of_yesterday_is_not_given_back_today) {
    Spending s;
    const auto yesterday = s.reserve(Fen(500), 1, kBeforeMidnight, kEight);
    (void)s.reserve(Fen(70), 1, kBeforeMidnight + kMinute, kEight);
    s.release(yesterday);
    EXPECT_EQ(s.view(kBeforeMidnight + kMinute, kEight).today, Fen(70));
    EXPECT_EQ(s.view(kBeforeMidnight + kMinute, kEight).this_month, Fen(70));
}

TEST(spending, a_refused_order_still_costs_rate) {
    Spending s;
    s.release(s.reserve(Fen(500), 1, kBeforeMidnight, kEight));
    EXPECT_EQ(s.view(kBeforeMidnight, kEight).orders_this_minute, 1u);
}

}  // namespace
