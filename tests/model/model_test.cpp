#include <gtest/gtest.h>

#include <map>
#include <set>

#include "model/fen.h"
#include "model/keys.h"
#include "model/operation.h"
#include "model/ukey.h"

using base::Code;
using model::Fen;
using model::UkeyAction;
using model::UkeyKind;
using model::UkeyState;

TEST(fen, is_parsed_from_yuan) {
    const std::pair<const char*, std::int64_t> good[] = {{"0", 0}, {"12", 1200}, {"12.3", 1230}, {"12.34", 1234}, {"0.01", 1}, {"007", 700}, {"21474836.47", 2147483647}};
    for (const auto& [text, value] : good) {
        const auto fen = Fen::parse_yuan(text);
        ASSERT_TRUE(fen) << text;
        EXPECT_EQ(fen->value(), value) << text;
    }
}

TEST(fen, that_is_no_amount_is_refused) {
    for (const char* bad : {"", ".", ".5", "5.", "1.234", "-1", "+1", "1,5", " 1", "1 ", "1e3", "0x1", "21474836.48", "21474837", "99999999999999999999999999", "1.2.3", "1.-2", "\xEF\xBC\x91"})
        EXPECT_EQ(Fen::parse_yuan(bad).error().code, Code::invalid_argument) << bad;
}

TEST(fen, is_written_in_yuan) {
    EXPECT_EQ(Fen(0).yuan(), "0.00");
    EXPECT_EQ(Fen(5).yuan(), "0.05");
    EXPECT_EQ(Fen(1234).yuan(), "12.34");
    EXPECT_EQ(Fen(-5).yuan(), "-0.05");
    EXPECT_EQ(Fen(INT64_MIN).yuan(), "-92233720368547758.08");
    EXPECT_EQ(Fen(INT64_MAX).yuan(), "92233720368547758.07");
}

TEST(fen, sum_that_does_not_fit_is_refused) {
    EXPECT_EQ(Fen(1).plus(Fen(2))->value(), 3);
    EXPECT_EQ(Fen(INT64_MAX).plus(Fen(1)).error().code, Code::refused);
    EXPECT_EQ(Fen(INT64_MIN).plus(Fen(-1)).error().code, Code::refused);
    EXPECT_EQ(Fen(5).minus(Fen(7)).value(), -2);
}

TEST(ukey, every_pair_of_state_and_action_is_as_designed) {
    using S = UkeyState;
    using A = UkeyAction;
    // The lifecycle of the design, written down a second time.
    const std::map<std::pair<S, A>, S> allowed = {
        {{S::blank, A::initialise}, S::initialised}, {{S::initialised, A::issue}, S::issued},     {{S::initialised, A::destroy}, S::destroyed},
        {{S::issued, A::suspend}, S::suspended},     {{S::suspended, A::resume}, S::issued},      {{S::issued, A::block}, S::blocked},
        {{S::blocked, A::unblock}, S::issued},       {{S::issued, A::expire}, S::expired},        {{S::expired, A::renew}, S::issued},
        {{S::issued, A::report_lost}, S::lost},      {{S::suspended, A::report_lost}, S::lost},   {{S::blocked, A::report_lost}, S::lost},
        {{S::expired, A::report_lost}, S::lost},     {{S::issued, A::revoke}, S::revoked},        {{S::suspended, A::revoke}, S::revoked},
        {{S::blocked, A::revoke}, S::revoked},       {{S::expired, A::revoke}, S::revoked},       {{S::lost, A::revoke}, S::revoked},
        {{S::revoked, A::destroy}, S::destroyed},
    };
    for (int s = 1; s <= 9; ++s)
        for (int a = 1; a <= 11; ++a) {
            const auto state = static_cast<S>(s);
            const auto action = static_cast<A>(a);
            const auto next = model::next_state(state, action);
            const auto expected = allowed.find({state, action});
            ASSERT_EQ(next.ok(), expected != allowed.end()) << model::name(state) << " " << model::name(action);
            if (next) {
                EXPECT_EQ(*next, expected->second);
            } else {
                EXPECT_EQ(next.error().code, Code::refused);
            }
        }
    EXPECT_EQ(model::transitions().size(), allowed.size());
}

TEST(ukey, refused_action_says_what_is_possible) {
    EXPECT_NE(model::next_state(UkeyState::lost, UkeyAction::resume).error().message.find("possible now: revoke"), std::string::npos);
    EXPECT_TRUE(model::next_state(UkeyState::issued, UkeyAction::resume).error().message.ends_with("possible now: suspend, report-lost, revoke")) << "nobody asks for a block or an expiry";
    EXPECT_TRUE(model::next_state(UkeyState::initialised, UkeyAction::suspend).error().message.ends_with("possible now: destroy"));
    EXPECT_NE(model::next_state(UkeyState::destroyed, UkeyAction::issue).error().message.find("possible now: nothing"), std::string::npos);
}

TEST(ukey, one_officer_alone_ends_neither_officers_nor_the_auditor_nor_a_master_control_ukey) {
    using model::takes_quorum;
    for (const UkeyAction action : {UkeyAction::suspend, UkeyAction::resume, UkeyAction::report_lost, UkeyAction::revoke}) {
        EXPECT_FALSE(takes_quorum(UkeyKind::user, action));
        EXPECT_FALSE(takes_quorum(UkeyKind::key, action));
        EXPECT_TRUE(takes_quorum(UkeyKind::master_control, action));
        EXPECT_EQ(takes_quorum(UkeyKind::officer, action), action != UkeyAction::suspend);
        EXPECT_EQ(takes_quorum(UkeyKind::auditor, action), action == UkeyAction::report_lost || action == UkeyAction::revoke);
    }
    for (int kind = 1; kind <= 6; ++kind)
        for (const UkeyAction action : {UkeyAction::unblock, UkeyAction::destroy}) EXPECT_TRUE(takes_quorum(static_cast<UkeyKind>(kind), action));
}

TEST(ukey, numbers_and_names_go_both_ways) {
    for (int i = 1; i <= 6; ++i) {
        const auto kind = *model::ukey_kind_from(static_cast<std::uint64_t>(i));
        EXPECT_EQ(*model::parse_ukey_kind(model::name(kind)), kind);
    }
    std::set<std::string_view> states;
    for (std::uint64_t i = 1; i <= 9; ++i) EXPECT_TRUE(states.insert(model::name(*model::ukey_state_from(i))).second);
    std::set<std::string_view> actions;
    for (std::uint64_t i = 1; i <= 11; ++i) {
        const auto action = *model::ukey_action_from(i);
        EXPECT_TRUE(actions.insert(model::name(action)).second);
    }
    for (std::uint64_t bad : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{257}, ~std::uint64_t{0}}) EXPECT_EQ(model::ukey_kind_from(bad).error().code, Code::malformed);
    for (std::uint64_t bad : {std::uint64_t{0}, std::uint64_t{10}, std::uint64_t{257}}) EXPECT_EQ(model::ukey_state_from(bad).error().code, Code::malformed);
    for (std::uint64_t bad : {std::uint64_t{0}, std::uint64_t{12}, std::uint64_t{257}}) EXPECT_EQ(model::ukey_action_from(bad).error().code, Code::malformed);
    EXPECT_EQ(model::parse_ukey_kind("User").error().code, Code::invalid_argument);
}

TEST(operation, numbers_and_names_go_both_ways) {
    std::set<std::string_view> names;
    for (std::uint64_t i = 0; i < model::kOperationCount; ++i) {
        const auto op = *model::operation_from(i);
        EXPECT_TRUE(names.insert(model::name(op)).second);
        EXPECT_EQ(*model::parse_operation(model::name(op)), op);
    }
    EXPECT_EQ(model::operation_from(model::kOperationCount).error().code, Code::malformed);
    EXPECT_EQ(model::operation_from(256).error().code, Code::malformed);
    EXPECT_EQ(model::parse_operation("").error().code, Code::invalid_argument);
    EXPECT_EQ(model::describe(model::bit(model::Operation::open_account) | model::bit(model::Operation::random)), "open_account, random");
    EXPECT_EQ(model::describe(0), "nothing");
}

TEST(order_kind, has_a_name_and_the_operation_that_a_grant_must_name) {
    std::set<std::string_view> names;
    for (std::uint64_t n = 1; n <= 6; ++n) {
        const auto kind = *model::order_kind_from(n);
        names.insert(model::name(kind));
        if (const model::Operation op = model::operation_of(kind); model::is_order(op) && kind != model::OrderKind::clear) {
            EXPECT_EQ(model::order_kind_of(op), kind);
        }
    }
    EXPECT_EQ(names.size(), 6u);
    EXPECT_EQ(model::operation_of(model::OrderKind::clear), model::Operation::refund);
    EXPECT_EQ(model::operation_of(model::OrderKind::replace_card), model::Operation::card);
    for (const std::uint64_t n : {0u, 7u, 256u}) EXPECT_EQ(model::order_kind_from(n).error().code, Code::malformed);
}

TEST(operation, only_what_moves_money_is_an_order) {
    std::set<std::string_view> orders;
    for (std::uint64_t i = 0; i < model::kOperationCount; ++i)
        if (model::is_order(*model::operation_from(i))) orders.insert(model::name(*model::operation_from(i)));
    EXPECT_EQ(orders, (std::set<std::string_view>{"open_account", "recharge", "initialise_wallet", "refund"}));
}

TEST(keys, classes_and_states_go_both_ways) {
    model::ClassSet all = 0;
    for (model::KeyClass c : model::kAllClasses) {
        EXPECT_EQ(*model::parse_key_class(model::name(c)), c);
        EXPECT_EQ(*model::key_class_from(static_cast<std::uint64_t>(c)), c);
        EXPECT_EQ(all & model::class_bit(c), 0) << "a bit of its own";
        all = static_cast<model::ClassSet>(all | model::class_bit(c));
    }
    EXPECT_EQ(all, 0x3F);
    for (std::uint64_t bad : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{257}}) EXPECT_EQ(model::key_class_from(bad).error().code, Code::malformed);
    EXPECT_EQ(*model::key_state_from(1), model::KeyState::production);
    EXPECT_EQ(model::key_state_from(2).error().code, Code::malformed);
    EXPECT_EQ(model::key_state_from(256).error().code, Code::malformed);
    EXPECT_FALSE(model::parse_key_class("Credit"));
}

TEST(meter_number, is_twelve_digits) {
    const auto m = model::MeterNumber::parse("001234567890");
    ASSERT_TRUE(m);
    EXPECT_EQ(m->number(), 1'234'567'890u);
    EXPECT_EQ(m->text(), "001234567890");
    EXPECT_EQ(base::to_hex(m->bcd()), "001234567890");
    EXPECT_EQ(*model::MeterNumber::from_bcd(m->bcd()), *m);
    EXPECT_EQ(*model::MeterNumber::from_number(999'999'999'999), *model::MeterNumber::parse("999999999999"));
    for (const char* bad : {"", "12345678901", "1234567890123", "12345678901a", "-12345678901", "12345678901 ", "12345678901:"})
        EXPECT_EQ(model::MeterNumber::parse(bad).error().code, Code::invalid_argument) << bad;
    EXPECT_FALSE(model::MeterNumber::from_number(1'000'000'000'000));
    for (const char* bad : {"00123456789a", "a01234567890", "0012345678", "00123456789000"}) EXPECT_EQ(model::MeterNumber::from_bcd(*base::from_hex(bad)).error().code, Code::malformed) << bad;
    EXPECT_NE(model::CustomerNumber::parse("x").error().message.find("customer number"), std::string::npos);
}

TEST(dispersion_factor, is_two_zero_bytes_and_the_meter_number) {
    // docs/SUITE.md 1.2
    EXPECT_EQ(base::to_hex(model::factor_of(*model::MeterNumber::parse("123456789012"))), "0000123456789012");
    EXPECT_EQ(base::to_hex(model::kFactoryFactor), "0000000000000001");
}
