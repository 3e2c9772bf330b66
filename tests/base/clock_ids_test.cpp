#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/ids.h"

using base::Code;
using base::Millis;
using base::Uuid;

TEST(clock, time_is_written_in_utc_with_milliseconds) {
    // date -u -d @SECONDS +%FT%T
    EXPECT_EQ(base::to_rfc3339(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(base::to_rfc3339(1'000'000'000'123), "2001-09-09T01:46:40.123Z");
    EXPECT_EQ(base::to_rfc3339(951'782'400'000), "2000-02-29T00:00:00.000Z");
    EXPECT_EQ(base::to_rfc3339(-1), "1969-12-31T23:59:59.999Z");
}

TEST(clock, time_is_read_back) {
    EXPECT_EQ(*base::from_rfc3339("2001-09-09T01:46:40.123Z"), 1'000'000'000'123);
    EXPECT_EQ(*base::from_rfc3339("2001-09-09T01:46:40Z"), 1'000'000'000'000);
    EXPECT_EQ(*base::from_rfc3339("2000-02-29"), 951'782'400'000);
    for (Millis t : {Millis{0}, Millis{1}, Millis{1'763'791'200'123}, Millis{4'102'444'800'000}}) EXPECT_EQ(*base::from_rfc3339(base::to_rfc3339(t)), t);
}

TEST(clock, time_that_is_none_is_refused) {
    for (const char* bad : {"", "2001", "2001-13-01", "2001-00-01", "2001-02-00", "2001-02-30", "2001-02-29", "2001-11-31", "2001-01-01T", "2001-01-01T24:00:00Z", "2001-01-01T00:60:00Z",
                            "2001-01-01T00:00:60Z", "2001-01-01T00:00:00", "2001-01-01T00:00:00+08:00", "2001-01-01T00:00:00.1Z", "2001-01-01T00:00:00.123", "2001-01-01T00:00:00.123Zx",
                            "2001-01-01 00:00:00Z", "20010101", "2001-01-01x", "-001-01-01", "2001-1-1"})
        EXPECT_EQ(base::from_rfc3339(bad).error().code, Code::invalid_argument) << bad;
}

TEST(clock, manual_clock_goes_where_it_is_told) {
    base::ManualClock clock(5);
    EXPECT_EQ(clock.now(), 5);
    clock.advance(base::kDay);
    EXPECT_EQ(clock.now(), 86'400'005);
    clock.set(1);
    EXPECT_EQ(clock.now(), 1);
    EXPECT_GT(base::SystemClock().now(), 1'700'000'000'000);
}

TEST(uuid, version_7_carries_its_time) {
    const Uuid id = Uuid::make_v7(1'763'791'200'123);
    EXPECT_EQ(id.time(), 1'763'791'200'123);
    EXPECT_EQ(*Uuid::parse(id.text()), id);
    EXPECT_EQ(*Uuid::from_bytes(id.raw()), id);
    EXPECT_NE(Uuid::make_v7(1), Uuid::make_v7(1));
    EXPECT_LT(Uuid::make_v7(1), Uuid::make_v7(2)) << "later ids sort later";
}

TEST(uuid, is_that_of_rfc_9562) {
    // RFC 9562, appendix A.6: 2022-02-22 14:22:22.00 GMT-5.
    const auto id = Uuid::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");
    ASSERT_TRUE(id);
    EXPECT_EQ(id->time(), 0x017F22E279B0);
    EXPECT_EQ(id->text(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(uuid, of_another_version_variant_or_form_is_refused) {
    // RFC 9562, appendix A: versions 1, 3, 4, 5, 6; a variant of its own; broken forms.
    for (const char* bad : {"C232AB00-9414-11EC-B3C8-9F6BDECED846", "5df41881-3aed-3515-88a7-2f4a814cf09e", "919108f7-52d1-4320-9bac-f847db4148a8", "2ed6657d-e927-568b-95e1-2665a8aea6a2",
                            "1EC9414C-232A-6B00-B3C8-9F6BDECED846", "017F22E2-79B0-7CC3-58C4-DC0C0C07398F", "017F22E2-79B0-7CC3-C8C4-DC0C0C07398F", "", "017F22E279B07CC398C4DC0C0C07398F",
                            "017F22E2-79B0-7CC3-98C4-DC0C0C07398", "017F22E2-79B0-7CC3-98C4-DC0C0C07398FF", "017F22E2-79B0-7CC3-98C4-DC0C0C07398G", "{17F22E2-79B0-7CC3-98C4-DC0C0C07398F"})
        EXPECT_EQ(Uuid::parse(bad).error().code, Code::malformed) << bad;
    EXPECT_EQ(Uuid::from_bytes(base::Bytes(15)).error().code, Code::malformed);
    EXPECT_EQ(Uuid::from_bytes(base::Bytes(17)).error().code, Code::malformed);
    EXPECT_EQ(Uuid::from_bytes(base::Bytes(16)).error().code, Code::malformed) << "the nil UUID";
}

TEST(name, holds_what_people_read) {
    for (const char* good : {"a", "S-1_b.c", "0"}) EXPECT_EQ(base::StationId::parse(good)->text(), good);
    EXPECT_EQ(base::StationId::parse(std::string(64, 'x'))->text().size(), 64u);
    for (const std::string& bad : {std::string(), std::string(65, 'x'), std::string("a b"), std::string("a/b"), std::string("a\n"), std::string("\xC3\xA9"), std::string("a\0b", 3)})
        EXPECT_EQ(base::StationId::parse(bad).error().code, Code::invalid_argument) << bad;
    EXPECT_NE(base::UkeySerial::parse("").error().message.find("UKEY serial"), std::string::npos);
}
