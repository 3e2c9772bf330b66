// What proves that an order was never credited, before it is voided.
#include <gtest/gtest.h>

#include <functional>

#include "kmp/policy/meter_book.h"

namespace {

using kmp::policy::Evidence;
using kmp::policy::OrderDone;
using model::Fen;
using model::OrderKind;

TEST(evidence, of_an_order_on_the_line_is_a_lower_count_under_the_newest_authentication) {
    OrderDone done{{}, OrderKind::recharge, Fen(100), 3, {}, 1, "", 0, 0};
    Evidence e;
    EXPECT_NE(e.missing(done, false), "");
    e.status("", 2);
    EXPECT_NE(e.missing(done, false), "") << "no authentication, no proof";
    e.authenticated("r1-first");
    e.status("r1-other", 2);
    EXPECT_NE(e.missing(done, false), "");
    e.status("r1-first", 3);
    EXPECT_NE(e.missing(done, false), "") << "it was credited";
    e.status("r1-first", 2);
    EXPECT_EQ(e.missing(done, false), "");
    e.authenticated("r1-later");
    EXPECT_NE(e.missing(done, false), "") << "what was shown was under the one before";
}

TEST(evidence, is_not_to_be_had_by_guessing_a_status) {
    const OrderDone done{{}, OrderKind::recharge, Fen(100), 3, {}, 1, "", 0, 0};
    Evidence e;
    e.authenticated("r1-first");
    for (int guess = 0; guess < 15; ++guess) e.false_status("r1-first");
    for (int guess = 0; guess < 99; ++guess) e.false_status("r1-other");
    e.status("r1-first", 2);
    EXPECT_EQ(e.missing(done, false), "");
    e.false_status("r1-first");
    EXPECT_NE(e.missing(done, false), "") << "what looked like proof was perhaps the guess before";
    e.status("r1-first", 2);
    EXPECT_NE(e.missing(done, false), "");
    e.authenticated("r1-later");
    e.false_status("r1-later");
    e.status("r1-later", 2);
    EXPECT_EQ(e.missing(done, false), "");
}

TEST(answer_pace, gives_so_many_answers_an_hour_and_then_says_when_to_go_on) {
    kmp::policy::AnswerPace pace;
    const auto meter = *model::MeterNumber::from_number(42);
    const base::Millis start = 1'800'000'000'000;
    for (unsigned i = 0; i < kmp::policy::AnswerPace::kAnHour; ++i) ASSERT_TRUE(pace.take(meter, start + i)) << i;
    const auto refused = pace.take(meter, start + base::kHour - 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::Code::refused);
    EXPECT_EQ(refused.error().message, "pace: 256 requests for meter 000000000042 were answered within the hour; go on after " + base::to_rfc3339(start + base::kHour));
    EXPECT_TRUE(pace.take(meter, start + base::kHour));
}

TEST(evidence, of_an_order_on_a_card_begins_with_a_wallet_that_is_gone) {
    const OrderDone done{{}, OrderKind::recharge, Fen(100), 3, {}, 1, "12345678", 0, 0};
    const auto shown = [&](const std::function<void(Evidence&)>& what, bool wiped = false) {
        Evidence e;
        e.challenge = "abcdefgh";
        what(e);
        return e.missing(done, wiped).empty();
    };
    const auto gone = [](Evidence& e) { e.wallet("abcdefgh", 0, 3); };
    EXPECT_TRUE(shown([&](Evidence& e) { gone(e); e.write_back("abcdefgh", 2, 3); }));
    EXPECT_TRUE(shown([&](Evidence& e) { gone(e); e.write_back("abcdefgh", std::nullopt, 3); }));
    EXPECT_TRUE(shown([&](Evidence& e) { gone(e); e.authenticated("r1"); e.status("r1", 2); }, true));
    EXPECT_FALSE(shown([&](Evidence& e) { gone(e); e.write_back("abcdefgh", std::nullopt, 3); }, true)) << "the platform had the write-back emptied";
    EXPECT_FALSE(shown([&](Evidence& e) { gone(e); e.write_back("abcdefgh", 3, 3); })) << "credited";
    EXPECT_FALSE(shown([&](Evidence& e) { e.write_back("abcdefgh", std::nullopt, 3); gone(e); })) << "it may have been in the meter in between";
    EXPECT_FALSE(shown([&](Evidence& e) { e.authenticated("r1"); e.status("r1", 2); gone(e); }));
    EXPECT_FALSE(shown([&](Evidence& e) { e.authenticated("r1"); gone(e); e.status("r1", 2); }));
    EXPECT_FALSE(shown([&](Evidence& e) { e.wallet("another!", 0, 3); e.write_back("abcdefgh", std::nullopt, 3); }));
    EXPECT_FALSE(shown([&](Evidence& e) { gone(e); e.write_back("another!", std::nullopt, 3); }));
    EXPECT_FALSE(shown([&](Evidence& e) { e.wallet("abcdefgh", 3, 3); e.write_back("abcdefgh", std::nullopt, 3); })) << "it still holds it";
}

TEST(evidence, of_a_card_that_took_an_order_back_says_nothing_of_the_one_before) {
    const OrderDone before{{}, OrderKind::recharge, Fen(100), 2, {}, 1, "12345678", 0, 0};
    Evidence e;
    e.challenge = "abcdefgh";
    e.wallet("abcdefgh", 0, 3);
    e.write_back("abcdefgh", 2, 3);
    e.voided();
    EXPECT_NE(e.missing(before, false), "");
    EXPECT_EQ(e.challenge, "") << "whatever is read for it is read anew";
}

TEST(evidence, of_a_status_holds_for_every_order_that_the_meter_lacks) {
    const auto sent = [](std::uint32_t count) { return OrderDone{{}, OrderKind::recharge, Fen(100), count, {}, 1, "", 0, 0}; };
    Evidence e;
    e.authenticated("r1");
    e.status("r1", 1);
    e.voided();
    EXPECT_EQ(e.missing(sent(2), true), "");
    EXPECT_NE(e.missing(sent(1), true), "");
}

}  // namespace
