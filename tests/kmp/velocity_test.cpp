#include "kmp/policy/velocity.h"

#include <gtest/gtest.h>

#include "tests/kmp/policy_database.h"

namespace {

using base::Code;
using base::kDay;
using base::kMinute;
using kmp::policy::StationHold;
using kmp::policy::Velocity;
using model::Fen;

const base::Millis kNow = base::from_rfc3339("2026-11-22T15:59:00Z").value();

TEST(velocity, a_burst_holds_the_station_until_it_is_freed_and_nobody_else) {
    Velocity v;
    v.set_rule({3, Fen(1000), 10 * kMinute});
    const base::Millis now = kNow;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(v.admit("s-1", Fen(100), now + i * kMinute).answer);
    const auto fourth = v.admit("s-1", Fen(100), now + 5 * kMinute);
    EXPECT_EQ(fourth.answer.error().code, Code::refused);
    ASSERT_TRUE(fourth.fresh);
    EXPECT_EQ(*fourth.fresh, (StationHold{"s-1", now + 5 * kMinute, 4, Fen(400), 10 * kMinute}));
    const auto later = v.admit("s-1", Fen(1), now + kDay);
    EXPECT_FALSE(later.answer) << "until an officer says so";
    EXPECT_FALSE(later.fresh);
    EXPECT_TRUE(v.admit("s-2", Fen(1000), now).answer) << "exactly the limit";
    EXPECT_FALSE(v.admit("s-2", Fen(1), now).answer);
    EXPECT_EQ(v.holds().size(), 2u);
    EXPECT_TRUE(v.free("s-1"));
    EXPECT_FALSE(v.free("s-1"));
    EXPECT_TRUE(v.admit("s-1", Fen(100), now + 5 * kMinute).answer);
}

TEST(velocity, the_window_moves_on_and_what_came_to_nothing_is_taken_back) {
    Velocity v;
    v.set_rule({2, Fen(0), 2 * kMinute});
    const base::Millis now = kNow;
    const auto first = v.admit("s", Fen(1), now);
    EXPECT_TRUE(v.admit("s", Fen(1), now + kMinute).answer);
    v.release(*first.booking);
    EXPECT_TRUE(v.admit("s", Fen(1), now + kMinute).answer);
    EXPECT_TRUE(v.admit("s", Fen(1), now + 3 * kMinute).answer) << "both of the minute before are out of the window";
    v.release(*first.booking);
    EXPECT_TRUE(v.admit("s", Fen(1), now + 3 * kMinute).answer) << "released twice, and long gone: nothing comes of it";
    EXPECT_FALSE(v.admit("s", Fen(1), now + 4 * kMinute).answer);
    Velocity off;
    for (int i = 0; i < 10000; ++i) ASSERT_TRUE(off.admit("s", Fen(99999), now).answer) << "no limit, no hold";
}

TEST(velocity, the_window_is_never_shorter_than_it_is_said_to_be) {
    for (const base::Millis into : {base::Millis{0}, base::kMinute - 350, base::kMinute - 1}) {
        Velocity v;
        v.set_rule({3, Fen(0), kMinute});
        const base::Millis first = kNow + into;  // the clock's next minute begins soon
        for (int i = 0; i < 3; ++i) ASSERT_TRUE(v.admit("s", Fen(1), first + i).answer);
        ASSERT_FALSE(v.admit("s", Fen(1), first + kMinute - 1).answer) << into;
        ASSERT_TRUE(v.free("s"));
    }
    Velocity v;
    v.set_rule({1, Fen(0), kMinute});
    ASSERT_TRUE(v.admit("s", Fen(1), kNow).answer);
    EXPECT_TRUE(v.admit("s", Fen(1), kNow + kMinute).answer) << "and not longer without end";
    // Sales that follow each other closely are not counted together for ever.
    v.set_rule({200, Fen(0), kMinute});
    for (int i = 1; i < 1000; ++i) ASSERT_TRUE(v.admit("s", Fen(1), kNow + kMinute + i * 500).answer) << i;
}

TEST(velocity, holds_outlive_a_restart) {
    TemporaryFolder folder;
    const StationHold hold{"s-1", 123, 4, Fen(400), 10 * kMinute};
    auto database = policy_database(folder);
    const auto write = [&](const std::function<base::Status(store::Transaction&)>& change) {
        auto t = database.begin().value();
        ASSERT_TRUE(change(t));
        ASSERT_TRUE(t.commit());
    };
    write([&](store::Transaction& t) { return kmp::policy::put_hold(t, hold); });
    Velocity v;
    v.restore(kmp::policy::holds(database).value());
    EXPECT_EQ(v.holds(), (std::vector{hold}));
    EXPECT_FALSE(v.admit("s-1", Fen(1), 456).answer);
    write([&](store::Transaction& t) { return kmp::policy::remove_hold(t, "s-1"); });
    EXPECT_TRUE(kmp::policy::holds(database).value().empty());
}

}  // namespace
