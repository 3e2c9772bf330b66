#include "model/retention.h"

#include <gtest/gtest.h>

namespace {

using base::Code;
using model::Retention;

Retention policy() { return {base::UkeySerial::parse("P-7").value(), 3, 400, 3650}; }

TEST(retention, is_written_as_documented) {
    // Version 1; the serial with its length; number 3; 400 = 190h days; 3650 = e42h days.
    EXPECT_EQ(base::to_hex(policy().encode()), "01" "0003502d37" "00000003" "00000190" "00000e42");
    EXPECT_EQ(Retention::decode(policy().encode()).value(), policy());
}

TEST(retention, refuses_what_encode_would_not_have_written) {
    const base::Bytes good = policy().encode();
    for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(Retention::decode(base::ByteView(good).first(n))) << n;
    base::Bytes more = good;
    more.push_back(0);
    EXPECT_FALSE(Retention::decode(more));
    base::Bytes version = good;
    version[0] = 2;
    EXPECT_EQ(Retention::decode(version).error().code, Code::malformed);
}

TEST(retention, keeps_events_at_least_while_their_orders_can_be_asked_for_again) {
    for (const std::uint32_t days : {1u, 7u, 36501u}) {
        Retention p = policy();
        p.live_days = days;
        EXPECT_EQ(p.validate().error().code, Code::invalid_argument) << days;
    }
    for (const std::uint32_t days : {0u, 8u, 36500u}) {
        Retention p = policy();
        p.live_days = days;
        EXPECT_TRUE(p.validate()) << days;
    }
    Retention p = policy();
    p.keep_days = 0;
    EXPECT_FALSE(p.validate());
    p.keep_days = 36501;
    EXPECT_FALSE(p.validate());
    p = policy();
    p.number = 0;
    EXPECT_FALSE(p.validate());
}

TEST(retention, lets_go_what_is_older_than_its_days_and_nothing_else) {
    const base::Millis now = 1000 * base::kDay;
    EXPECT_TRUE(policy().lets_go(600 * base::kDay - 1, now));
    EXPECT_FALSE(policy().lets_go(600 * base::kDay, now));
    Retention none = policy();
    none.live_days = 0;
    EXPECT_FALSE(none.lets_go(0, now));
    EXPECT_EQ(policy().kept_until(now), 4650 * base::kDay);
}

}  // namespace
