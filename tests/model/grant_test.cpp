#include "model/grant.h"

#include <gtest/gtest.h>

#include "model/grant_defaults.h"

using base::Code;
using model::Ask;
using model::Fen;
using model::Grant;
using model::KeyClass;
using model::Operation;
using model::Spent;

namespace {

// 2025-11-22T06:00:00Z, a Saturday (date -u -d @1763791200).
constexpr base::Millis kNow = 1'763'791'200'000;

model::MeterNumber meter(std::uint64_t n) { return *model::MeterNumber::from_number(n); }

Grant a_grant() {
    Grant g;
    g.ukey = *base::UkeySerial::parse("U1");
    g.number = 3;
    g.kind = model::UkeyKind::user;
    g.home = *base::UkeySerial::parse("P1");
    g.station = "s-1";
    g.operations = model::bit(Operation::recharge) | model::bit(Operation::relay);
    g.classes = model::class_bit(KeyClass::credit) | model::class_bit(KeyClass::remote);
    g.meters = {{meter(100), meter(199)}, {meter(300), meter(300)}};
    g.per_order = Fen(1000);
    g.per_day = Fen(2500);
    g.per_month = Fen(9000);
    g.orders_per_minute = 2;
    g.not_before = kNow - base::kDay;
    g.not_after = kNow + base::kDay;
    g.uids = {1000, 1001};
    return g;
}

Ask an_ask() {
    Ask ask;
    ask.operation = Operation::recharge;
    ask.classes = model::class_bit(KeyClass::credit);
    ask.meter = meter(150);
    ask.amount = Fen(1000);
    ask.orders = 1;
    return ask;
}

/// The rule that refuses, or "" where it is permitted.
std::string rule(const Grant& grant, const Ask& ask, const Spent& spent = {}, base::Millis now = kNow, base::Millis offset = 0) {
    const auto p = model::permit(grant, ask, spent, now, offset);
    if (p) return "";
    return p.error().message.substr(0, p.error().message.find(':'));
}

void expect_invalid(const Grant& g, const char* why) {
    EXPECT_EQ(g.validate().error().code, Code::invalid_argument) << why;
    EXPECT_FALSE(Grant::decode(g.encode())) << why;
}

}  // namespace

TEST(grant, comes_back_as_it_was_encoded) {
    const Grant g = a_grant();
    ASSERT_TRUE(g.validate());
    const auto back = Grant::decode(g.encode());
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, g);
    EXPECT_EQ(back->encode(), g.encode());
    Grant least;
    least.ukey = g.ukey;
    least.home = g.home;
    least.number = 1;
    EXPECT_EQ(*Grant::decode(least.encode()), least);
}

TEST(grant, that_is_cut_or_extended_is_refused) {
    const base::Bytes bytes = a_grant().encode();
    for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(Grant::decode(base::ByteView(bytes).first(n))) << n;
    base::Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_EQ(Grant::decode(longer).error().code, Code::malformed);
    base::Bytes other = bytes;
    other[0] = 2;
    EXPECT_EQ(Grant::decode(other).error().code, Code::malformed);
}

TEST(grant, that_decodes_after_a_bit_flip_encodes_to_the_same_bytes) {
    const base::Bytes good = a_grant().encode();
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        base::Bytes bent = good;
        bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ 1u << bit % 8);
        if (const auto g = Grant::decode(bent)) {
            EXPECT_EQ(g->encode(), bent) << bit;
        }
    }
}

TEST(grant, with_a_field_out_of_its_range_is_refused) {
    Grant g = a_grant();
    g.number = 0;
    expect_invalid(g, "number 0");
    (g = a_grant()).station = "two words";
    expect_invalid(g, "station name");
    (g = a_grant()).operations = model::OperationSet{1} << model::kOperationCount;
    expect_invalid(g, "unknown operation");
    (g = a_grant()).classes = 0x40;
    expect_invalid(g, "unknown class");
    (g = a_grant()).meters = {{meter(2), meter(1)}};
    expect_invalid(g, "backwards range");
    (g = a_grant()).per_order = Fen(-1);
    expect_invalid(g, "negative cap");
    (g = a_grant()).per_day = Fen(-1);
    expect_invalid(g, "negative cap a day");
    (g = a_grant()).per_month = Fen(-1);
    expect_invalid(g, "negative cap a month");
    (g = a_grant()).per_order = Fen(model::kMaxOrderAmount.value() + 1);
    expect_invalid(g, "more than an order can carry");
    (g = a_grant()).hours = 1u << 24;
    expect_invalid(g, "hour 24");
    (g = a_grant()).weekdays = 0x80;
    expect_invalid(g, "an eighth day");
    (g = a_grant()).not_after = g.not_before - 1;
    expect_invalid(g, "ends before it starts");
    (g = a_grant()).not_before = -1;
    expect_invalid(g, "before 1970");
    (g = a_grant()).uids.assign(17, 1);
    expect_invalid(g, "17 uids");
    (g = a_grant()).meters.assign(65, {meter(1), meter(1)});
    expect_invalid(g, "65 ranges");
    g.meters.resize(64);
    EXPECT_TRUE(g.validate());
}

TEST(grant, of_a_user_ukey_never_reaches_the_control_keys) {
    Grant g = a_grant();
    g.classes |= model::class_bit(KeyClass::control);
    expect_invalid(g, "control");
    for (Operation op : {Operation::download_keys, Operation::recover_keys}) {
        (g = a_grant()).operations |= model::bit(op);
        expect_invalid(g, "key download");
    }
    (g = a_grant()).kind = model::UkeyKind::key;
    g.classes |= model::class_bit(KeyClass::control);
    g.operations = model::bit(Operation::download_keys);
    EXPECT_TRUE(g.validate());
}

TEST(grant, reads_well) {
    Grant g = a_grant();
    g.hours = 1u << 8 | 1u << 17;
    g.weekdays = 0x11;
    EXPECT_EQ(g.in_words(),
              "grant 3 of user UKEY U1 at platform P1, station s-1, may recharge, relay with keys of classes remote credit on meters 000000000100 to 000000000199, 000000000300 to 000000000300; "
              "at most 10.00 yuan an order, 25.00 a day, 90.00 a month, 2 orders a minute; in hours 8 17; on Mon Fri; without a PIN by unix users 1000 1001; from 2025-11-21T06:00:00.000Z until 2025-11-23T06:00:00.000Z");
    Grant none;
    EXPECT_EQ(none.in_words().find("yuan"), std::string::npos) << "what may not sell has no caps to tell";
    (none = Grant()).operations = model::bit(Operation::recharge);
    EXPECT_NE(none.in_words().find("at most 0.00 yuan an order"), std::string::npos) << "one that may sell for nothing says so";
    (none = Grant()).per_day = Fen(1);
    EXPECT_NE(none.in_words().find("0.01 a day"), std::string::npos) << "nothing that is signed is left out";
    none = Grant();
    EXPECT_NE(none.in_words().find("may nothing with keys of classes none on no meter"), std::string::npos);
}

TEST(permit, is_given_for_exactly_what_was_asked) {
    const auto p = model::permit(a_grant(), an_ask(), {}, kNow, 0);
    ASSERT_TRUE(p) << p.error().message;
    EXPECT_EQ(p->ask().operation, Operation::recharge);
    EXPECT_EQ(p->ask().amount, Fen(1000));
    EXPECT_EQ(p->ask().meter->number(), 150u);
    EXPECT_EQ(p->ukey().text(), "U1");
    EXPECT_EQ(p->grant_number(), 3u);
    static_assert(!std::is_copy_constructible_v<model::Permit> && !std::is_default_constructible_v<model::Permit>);
}

TEST(permit, is_refused_outside_the_validity) {
    EXPECT_EQ(rule(a_grant(), an_ask(), {}, kNow - base::kDay), "");
    EXPECT_EQ(rule(a_grant(), an_ask(), {}, kNow - base::kDay - 1), "validity");
    EXPECT_EQ(rule(a_grant(), an_ask(), {}, kNow + base::kDay), "");
    EXPECT_EQ(rule(a_grant(), an_ask(), {}, kNow + base::kDay + 1), "validity");
    EXPECT_EQ(model::permit(a_grant(), an_ask(), {}, kNow + base::kDay + 1, 0).error().code, Code::expired);
}

TEST(permit, is_refused_for_every_operation_that_is_not_granted) {
    for (unsigned i = 0; i < model::kOperationCount; ++i) {
        Ask ask = an_ask();
        ask.operation = static_cast<Operation>(i);
        const bool granted = ask.operation == Operation::recharge || ask.operation == Operation::relay;
        EXPECT_EQ(rule(a_grant(), ask), granted ? "" : "operation") << i;
    }
}

TEST(permit, is_refused_when_one_of_the_further_operations_is_not_granted) {
    Ask ask = an_ask();
    ask.also = model::bit(Operation::relay);
    EXPECT_EQ(rule(a_grant(), ask), "");
    ask.also |= model::bit(Operation::card);
    EXPECT_EQ(rule(a_grant(), ask), "operation");
}

TEST(permit, is_refused_for_every_class_that_is_not_granted) {
    for (KeyClass c : model::kAllClasses) {
        Ask ask = an_ask();
        ask.classes = model::class_bit(c);
        const bool granted = c == KeyClass::credit || c == KeyClass::remote;
        EXPECT_EQ(rule(a_grant(), ask), granted ? "" : "class") << model::name(c);
        ask.classes |= model::class_bit(KeyClass::credit);
        EXPECT_EQ(rule(a_grant(), ask), granted ? "" : "class") << "beside one that is granted";
    }
    Ask none = an_ask();
    none.classes = 0;
    EXPECT_EQ(rule(a_grant(), none), "");
}

TEST(permit, of_classes_that_do_not_exist_is_refused) {
    Ask ask = an_ask();
    ask.classes = 0x80;
    EXPECT_EQ(rule(a_grant(), ask), "class");
}

TEST(permit, is_refused_for_a_meter_outside_the_ranges) {
    for (const auto& [number, inside] : {std::pair{99u, false}, {100u, true}, {199u, true}, {200u, false}, {299u, false}, {300u, true}, {301u, false}}) {
        Ask ask = an_ask();
        ask.meter = meter(number);
        EXPECT_EQ(rule(a_grant(), ask), inside ? "" : "meters") << number;
    }
    Grant none = a_grant();
    none.meters.clear();
    EXPECT_EQ(rule(none, an_ask()), "meters");
    Ask without = an_ask();
    without.meter.reset();
    EXPECT_EQ(rule(none, without), "") << "what concerns no meter";
}

TEST(permit, caps_are_inclusive) {
    Ask ask = an_ask();
    EXPECT_EQ(rule(a_grant(), ask), "");
    ask.amount = Fen(1001);
    EXPECT_EQ(rule(a_grant(), ask), "per_order");
    ask.amount = Fen(1000);
    EXPECT_EQ(rule(a_grant(), ask, {Fen(1500), Fen(1500), 0}), "");
    EXPECT_EQ(rule(a_grant(), ask, {Fen(1501), Fen(1501), 0}), "per_day");
    EXPECT_EQ(rule(a_grant(), ask, {Fen(0), Fen(8000), 0}), "");
    EXPECT_EQ(rule(a_grant(), ask, {Fen(0), Fen(8001), 0}), "per_month");
    EXPECT_EQ(rule(a_grant(), ask, {Fen(9999), Fen(0), 0}), "per_day") << "more spent than a lowered cap allows";
}

TEST(permit, refusal_says_what_remains) {
    EXPECT_EQ(model::permit(a_grant(), an_ask(), {Fen(2000), Fen(2000), 0}, kNow, 0).error().message, "per_day: 10.00 yuan asked, 5.00 of 25.00 left");
    EXPECT_EQ(model::permit(a_grant(), an_ask(), {Fen(3000), Fen(3000), 0}, kNow, 0).error().message, "per_day: 10.00 yuan asked, 0.00 of 25.00 left");
}

TEST(permit, is_refused_for_sums_that_overflow_and_amounts_below_zero) {
    Ask ask = an_ask();
    ask.amount = Fen(-1);
    EXPECT_EQ(rule(a_grant(), ask), "amount");
    Grant wide = a_grant();
    wide.per_day = wide.per_month = Fen(INT64_MAX);
    ask.amount = Fen(1000);
    EXPECT_FALSE(model::permit(wide, ask, {Fen(INT64_MAX), Fen(0), 0}, kNow, 0));
}

TEST(permit, of_amount_zero_needs_no_money) {
    Grant g = a_grant();
    g.per_order = g.per_day = g.per_month = Fen(0);
    Ask ask = an_ask();
    ask.amount = Fen(0);
    EXPECT_EQ(rule(g, ask), "");
    ask.amount = Fen(1);
    EXPECT_EQ(rule(g, ask), "per_order");
}

TEST(permit, an_amount_is_never_free_of_the_caps) {
    Ask ask = an_ask();
    ask.orders = 0;
    ask.amount = Fen(model::kMaxOrderAmount.value());
    EXPECT_NE(rule(a_grant(), ask), "") << "money without being counted as an order";
}

TEST(permit, counts_orders_a_minute) {
    EXPECT_EQ(rule(a_grant(), an_ask(), {Fen(0), Fen(0), 1}), "");
    EXPECT_EQ(rule(a_grant(), an_ask(), {Fen(0), Fen(0), 2}), "orders_per_minute");
    Ask many = an_ask();
    many.orders = 3;
    EXPECT_EQ(rule(a_grant(), many), "orders_per_minute");
    many.orders = UINT32_MAX;
    EXPECT_EQ(rule(a_grant(), many, {Fen(0), Fen(0), 2}), "orders_per_minute") << "a sum that wraps";
    Grant none = a_grant();
    none.orders_per_minute = 0;
    EXPECT_EQ(rule(none, an_ask()), "orders_per_minute");
    Ask relay = an_ask();
    relay.operation = Operation::relay;
    relay.orders = 0;
    relay.amount = Fen(0);
    EXPECT_EQ(rule(none, relay), "");
}

TEST(permit, hours_and_weekdays_are_those_of_the_utility) {
    Grant g = a_grant();
    g.hours = 1u << 14;  // 06:00 UTC is 14:00 at +08:00
    EXPECT_EQ(rule(g, an_ask(), {}, kNow, 8 * base::kHour), "");
    EXPECT_EQ(rule(g, an_ask(), {}, kNow, 0), "hours");
    EXPECT_EQ(rule(g, an_ask(), {}, kNow + base::kHour - 1, 8 * base::kHour), "");
    EXPECT_EQ(rule(g, an_ask(), {}, kNow + base::kHour, 8 * base::kHour), "hours");
    g = a_grant();
    g.weekdays = 1u << 5;  // Saturday
    EXPECT_EQ(rule(g, an_ask()), "");
    EXPECT_EQ(rule(g, an_ask(), {}, kNow + 18 * base::kHour), "weekdays") << "Sunday";
    EXPECT_EQ(rule(g, an_ask(), {}, kNow - 7 * base::kHour), "weekdays") << "Friday";
    EXPECT_EQ(rule(g, an_ask(), {}, kNow + 17 * base::kHour, 8 * base::kHour), "weekdays") << "Sunday at the utility already";
}

TEST(day, begins_at_the_utilitys_midnight) {
    // 2025-11-22T00:00+08:00 is 2025-11-21T16:00Z; day 20414 since 1970 (date -u -d 2025-11-22 +%s / 86400).
    const base::Millis midnight = 1'763'740'800'000;
    EXPECT_EQ(model::day_of(midnight, 8 * base::kHour), 20'414);
    EXPECT_EQ(model::day_of(midnight - 1, 8 * base::kHour), 20'413);
    EXPECT_EQ(model::day_of(midnight, 0), 20'413);
    EXPECT_EQ(model::day_of(-1, 0), -1);
}

TEST(month, begins_on_the_first) {
    const base::Millis december = 1'764'547'200'000;  // 2025-12-01T00:00Z
    EXPECT_EQ(model::month_of(december, 0), 2025 * 12 + 11);
    EXPECT_EQ(model::month_of(december - 1, 0), 2025 * 12 + 10);
    EXPECT_EQ(model::month_of(december - 1, base::kHour), 2025 * 12 + 11);
    EXPECT_EQ(model::month_of(0, 0), 1970 * 12);
}

TEST(narrower, the_same_or_less_in_every_point_is_narrower_and_more_in_any_is_not) {
    const Grant outer = a_grant();
    EXPECT_TRUE(model::narrower(outer, outer));
    const std::vector<void (*)(Grant&)> less{
        [](Grant& g) { g.operations &= ~model::bit(Operation::recharge); }, [](Grant& g) { g.per_order = Fen(1); },   [](Grant& g) { g.per_day = Fen(1); },
        [](Grant& g) { g.per_month = Fen(1); },                             [](Grant& g) { g.orders_per_minute -= 1; }, [](Grant& g) { g.hours = 1; },
        [](Grant& g) { g.weekdays = 1; },                                   [](Grant& g) { g.not_before += 1; },       [](Grant& g) { g.not_after -= 1; },
        [](Grant& g) { g.meters.pop_back(); },                              [](Grant& g) { g.number += 1; },           [](Grant& g) { g.uids.clear(); },
    };
    for (std::size_t i = 0; i < less.size(); ++i) {
        Grant inner = outer;
        less[i](inner);
        EXPECT_TRUE(model::narrower(inner, outer)) << i;
    }
    const std::vector<void (*)(Grant&)> more{
        [](Grant& g) { g.ukey = *base::UkeySerial::parse("OTHER"); },
        [](Grant& g) { g.home = *base::UkeySerial::parse("OTHER"); },
        [](Grant& g) { g.station = "other"; },
        [](Grant& g) { g.operations |= model::bit(Operation::certify); },
        [](Grant& g) { g.classes = 0x3F; },
        [](Grant& g) { g.per_order = Fen(g.per_order.value() + 1); },
        [](Grant& g) { g.per_day = Fen(g.per_day.value() + 1); },
        [](Grant& g) { g.per_month = Fen(g.per_month.value() + 1); },
        [](Grant& g) { g.orders_per_minute += 1; },
        [](Grant& g) { g.not_before -= 1; },
        [](Grant& g) { g.not_after += 1; },
        [](Grant& g) { g.meters[0].last = *model::MeterNumber::from_number(g.meters[0].last.number() + 1); },
        [](Grant& g) { g.uids.push_back(4711); },
    };
    for (std::size_t i = 0; i < more.size(); ++i) {
        Grant inner = outer;
        more[i](inner);
        EXPECT_EQ(model::narrower(inner, outer).error().code, base::Code::refused) << i;
    }
    Grant limited = outer;
    limited.hours = 1;
    limited.weekdays = 1;
    EXPECT_FALSE(model::narrower(outer, limited));
}

// Officers approve what they read: whatever is in the statement must be in the words.
TEST(grant, every_field_changes_its_words) {
    const std::string before = a_grant().in_words();
    const std::vector<void (*)(Grant&)> changes{
        [](Grant& g) { g.ukey = *base::UkeySerial::parse("OTHER"); }, [](Grant& g) { g.number += 1; },          [](Grant& g) { g.kind = model::UkeyKind::key; },
        [](Grant& g) { g.home = *base::UkeySerial::parse("OTHER"); }, [](Grant& g) { g.station = "other"; },     [](Grant& g) { g.operations ^= model::bit(Operation::sign); },
        [](Grant& g) { g.classes ^= model::class_bit(KeyClass::card); }, [](Grant& g) { g.meters.pop_back(); },  [](Grant& g) { g.per_order = Fen(1); },
        [](Grant& g) { g.per_day = Fen(1); },                         [](Grant& g) { g.per_month = Fen(1); },    [](Grant& g) { g.orders_per_minute += 1; },
        [](Grant& g) { g.hours = 1; },                                [](Grant& g) { g.weekdays = 1; },          [](Grant& g) { g.not_before += 1000; },
        [](Grant& g) { g.not_after += 1000; },                        [](Grant& g) { g.uids.push_back(4242); },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        Grant g = a_grant();
        changes[i](g);
        EXPECT_NE(g.in_words(), before) << i;
    }
}

TEST(GrantDefaults, what_is_usual_is_possible_and_makes_a_valid_grant) {
    for (const auto kind : {model::UkeyKind::user, model::UkeyKind::key}) {
        EXPECT_EQ(model::usual_operations(kind) & ~model::possible_operations(kind), 0u);
        EXPECT_EQ(model::usual_classes(kind) & ~model::possible_classes(kind), 0u);
        Grant g = a_grant();
        g.kind = kind;
        g.operations = model::usual_operations(kind);
        g.classes = model::usual_classes(kind);
        g.per_order = model::kUsualCaps.per_order;
        g.per_day = model::kUsualCaps.per_day;
        g.per_month = model::kUsualCaps.per_month;
        EXPECT_TRUE(g.validate().ok());
    }
    EXPECT_TRUE(model::may_sell(model::usual_operations(model::UkeyKind::user)));
    EXPECT_FALSE(model::may_sell(model::usual_operations(model::UkeyKind::key)));
}
