// When an order may be voided, and what a meter shows that cannot be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/audit/sale_log.h"

namespace {

using namespace sales;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(meter_rules, an_order_that_was_shown_not_to_be_credited_may_be_voided) {
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000);
                    log.status(1);
                    log.voided(OrderKind::recharge, 2, 1000);
                    log.order(OrderKind::recharge, 2, 700);
                    log.order(OrderKind::refund, 3, 5700);
                }),
                IsEmpty());
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.status(0);
                    log.voided(OrderKind::open_account, 1, 5000);
                    log.customer_ = 43;
                    log.order(OrderKind::open_account, 1, 100);
                }),
                IsEmpty());
    EXPECT_THAT(found([](SaleLog& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.card_read(2, 0);
                    log.card_read(5, std::nullopt);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                IsEmpty());
}

TEST(meter_rules, a_void_that_gives_back_to_another_day_or_another_ukey_is_found) {
    const auto voided = [](base::Millis made, const char* charged) {
        return found([&](SaleLog& log) {
            log.now += 2 * base::kDay;
            log.order(OrderKind::open_account, 1, 5000, [&](Event& e) { e.time(Field::happened_at, log.now - base::kDay); });
            log.status(0);
            Event e(EventType::order_voided);
            e.text(Field::ukey, "U1").text(Field::station, "s-1").number(Field::meter, kMeter).bytes(Field::order_id, *base::from_hex("019aa9d0c1007c4d8e5f607182930000"));
            e.value(Field::operation, Operation::open_account).number(Field::amount, 5000).number(Field::count, 1).time(Field::made_at, made).number(Field::order_index, 7);
            if (charged != nullptr) e.text(Field::charged, charged);
            log.add(e);
        });
    };
    EXPECT_THAT(voided(kDayOne + base::kDay, nullptr), IsEmpty());
    EXPECT_THAT(voided(kDayOne + 2 * base::kDay, nullptr), ElementsAre("void@9"));
    EXPECT_THAT(voided(kDayOne + base::kDay, "K1"), ElementsAre("void@9"));
}

TEST(meter_rules, a_void_without_proof_since_the_last_answer_is_found) {
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@8"));
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.status(1);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@9"))
        << "credited";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.status(0);
                    log.order(OrderKind::open_account, 1, 5000);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@9"))
        << "shown before it was made";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.status(0);
                    log.repeated(1);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@10"))
        << "answered again since";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.status(0);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@9"))
        << "the card is still somewhere";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.card_read(5, std::nullopt);
                    log.card_read(2, 0);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@10"))
        << "its write-back was read before its wallet";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.card_read(2, 1);
                    log.card_read(5, std::nullopt);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@10"))
        << "the wallet still holds it";
}

TEST(meter_rules, a_count_that_was_never_given_out_and_shows_is_found) {
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000);
                    log.status(1);
                    log.voided(OrderKind::recharge, 2, 1000);
                    log.status(1);
                    log.status(2);
                    log.order(OrderKind::recharge, 2, 700);
                    log.status(2);
                }),
                ElementsAre("count@12"))
        << "what was voided was credited after all";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.status(7);
                    log.order(OrderKind::open_account, 1, 5000);
                }),
                IsEmpty())
        << "it was somebody else's before";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.add(Event(EventType::restored).number(Field::size, 8).bytes(Field::data_hash, base::sha256({})));
                    log.status(2);
                    log.order(OrderKind::recharge, 2, 1000);
                }),
                IsEmpty())
        << "the order with count 2 is not in what was restored";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 5000);
                    log.rotated(2);
                    log.order(OrderKind::initialise_wallet, 0, 0);
                    log.status(2);
                    log.version_ = 2;
                    log.order(OrderKind::open_account, 1, 5000);
                }),
                IsEmpty())
        << "its wallet may not have begun anew yet";
}

TEST(meter_rules, a_void_of_what_was_answered_too_often_is_found) {
    const auto answered = [](int times) {
        return [times](SaleLog& log) {
            log.order(OrderKind::open_account, 1, 5000);
            for (int i = 1; i < times; ++i) log.repeated(1);
            log.status(0);
            log.voided(OrderKind::open_account, 1, 5000);
        };
    };
    EXPECT_THAT(found(answered(16)), IsEmpty());
    EXPECT_THAT(found(answered(17)), ElementsAre("void@25"));
}

TEST(meter_rules, a_void_of_what_is_not_the_newest_order_is_found) {
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000);
                    log.status(0);
                    log.voided(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("void@10"));
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.status(0);
                    log.voided(OrderKind::replace_card, 1, 5000);
                }),
                ElementsAre("void@9"))
        << "the operation of what was voided is no order's";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.status(0);
                    log.voided(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 1, 1000);
                }),
                ElementsAre("account@10"))
        << "the account went with it";
}

TEST(meter_rules, what_shows_that_the_newest_order_was_not_credited_says_that_of_an_earlier_one_only_by_its_count) {
    const auto both = [](SaleLog& log) {
        log.voided(OrderKind::recharge, 2, 1000);
        log.voided(OrderKind::open_account, 1, 5000);
    };
    EXPECT_THAT(found([&](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000);
                    log.status(0);
                    both(log);
                }),
                IsEmpty());
    EXPECT_THAT(found([&](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000);
                    log.status(1);
                    both(log);
                }),
                ElementsAre("void@11"))
        << "the meter had the first";
    EXPECT_THAT(found([&](SaleLog& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.by_card(OrderKind::recharge, 2, 1000);
                    log.card_read(2, 0);
                    log.card_read(5, std::nullopt);
                    both(log);
                }),
                ElementsAre("void@12"))
        << "the card was read for the second";
}

TEST(meter_rules, a_void_of_more_than_was_sold_or_of_another_order_is_found) {
    const auto shown = [](SaleLog& log) {
        log.order(OrderKind::open_account, 1, 5000);
        log.order(OrderKind::recharge, 2, 1000);
        log.status(1);
    };
    EXPECT_THAT(found([&](SaleLog& log) {
                    shown(log);
                    log.voided(OrderKind::recharge, 2, 1001);
                }),
                ElementsAre("void@10"));
    EXPECT_THAT(found([&](SaleLog& log) {
                    shown(log);
                    log.voided(OrderKind::refund, 2, 1000);
                }),
                ElementsAre("void@10"));
    EXPECT_THAT(found([&](SaleLog& log) {
                    shown(log);
                    log.voided(OrderKind::recharge, 2, 1000, 7);
                }),
                ElementsAre("void@10"));
}

TEST(meter_rules, a_voided_order_gives_its_cap_back_and_no_more) {
    const auto fill = [](SaleLog& log, std::uint64_t again) {
        const std::uint64_t most = static_cast<std::uint64_t>(SampleLog::grant().per_order.value());
        const std::uint64_t day = static_cast<std::uint64_t>(SampleLog::grant().per_day.value());
        std::uint64_t count = 0;
        log.order(OrderKind::open_account, ++count, most);
        for (std::uint64_t sold = most; sold + most <= day; sold += most) log.order(OrderKind::recharge, ++count, most);
        log.status(count - 1);
        log.voided(count == 1 ? OrderKind::open_account : OrderKind::recharge, count, most);
        for (std::uint64_t i = 0; i < again; ++i) log.order(count == 1 ? OrderKind::open_account : OrderKind::recharge, count + i, most);
    };
    EXPECT_THAT(found([&](SaleLog& log) { fill(log, 1); }), IsEmpty());
    EXPECT_THAT(found([&](SaleLog& log) { fill(log, 2); }), ::testing::SizeIs(1)) << "the second is over the cap again";
}

}  // namespace
