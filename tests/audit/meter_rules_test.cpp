// What a meter's orders may come to: accounts, refunds, new wallets, cards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/meter_counts.h"
#include "audit/replay.h"
#include "tests/audit/sale_log.h"

namespace {

using namespace sales;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(meter_counts, a_line_stays_where_it_is_while_the_same_meter_is_looked_for_again) {
    audit::MeterCounts counts;
    for (std::uint64_t meter = 1; meter <= 5000; ++meter) {
        bool known = true;
        audit::MeterLine& line = counts.at(meter, known);
        EXPECT_FALSE(known);
        line.count = meter;
        ASSERT_EQ(&counts.at(meter, known), &line) << meter;
        EXPECT_TRUE(known);
    }
    for (std::uint64_t meter = 1; meter <= 5000; ++meter) {
        bool known = false;
        EXPECT_EQ(counts.at(meter, known).count, meter);
    }
}

TEST(meter_rules, an_account_is_opened_recharged_refunded_cleared_and_opened_again) {
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000);
                    log.order(OrderKind::refund, 3, 2000);
                    log.order(OrderKind::clear, 4, 4000);
                    log.customer_ = 43;
                    log.order(OrderKind::open_account, 5, 0);
                    log.order(OrderKind::recharge, 6, 1000);
                }),
                IsEmpty());
}

TEST(meter_rules, an_order_without_an_account_or_of_another_customer_is_found) {
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::clear, 2, 5000);
                    log.order(OrderKind::recharge, 3, 1000);
                }),
                ElementsAre("account@9"));
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::open_account, 2, 5000);
                }),
                ElementsAre("account@8"));
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.customer_ = 43;
                    log.order(OrderKind::recharge, 2, 1000);
                }),
                ElementsAre("account@8"));
}

TEST(meter_rules, more_given_back_than_was_sold_is_found) {
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::refund, 2, 5001);
                }),
                ElementsAre("refund@8"));
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::refund, 2, 3000);
                    log.order(OrderKind::clear, 3, 3000);
                }),
                ElementsAre("refund@9"));
}

TEST(meter_rules, a_refund_or_clear_that_takes_no_count_is_found) {
    for (const OrderKind kind : {OrderKind::refund, OrderKind::clear})
        EXPECT_THAT(found([&](SaleLog& log) {
                        log.order(OrderKind::open_account, 1, 5000);
                        log.order(kind, 1, 1000);
                    }),
                    ElementsAre("count@8"));
}

TEST(meter_rules, a_refund_never_gives_caps_back) {
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 10'000);
                    log.order(OrderKind::refund, 2, 10'000);
                    log.order(OrderKind::recharge, 3, 10'000);
                    log.order(OrderKind::recharge, 4, 1);
                }),
                ElementsAre("grant@10"))
        << "300.00 yuan a day";
}

TEST(meter_rules, a_new_wallet_begins_a_new_epoch_under_newer_keys) {
    EXPECT_THAT(found([](SaleLog& log) {
                    log.loaded(1);
                    log.order(OrderKind::open_account, 1, 5000);
                    log.rotated(2);
                    log.order(OrderKind::initialise_wallet, 0, 300);
                    log.loaded(2);
                    log.version_ = 2;
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::refund, 2, 5300);
                }),
                IsEmpty());
}

TEST(meter_rules, a_new_wallet_without_newer_keys_or_with_a_count_is_found) {
    EXPECT_THAT(found([](SaleLog& log) {
                    log.loaded(1);
                    log.order(OrderKind::initialise_wallet, 0, 0);
                }),
                ElementsAre("keys@8"));
    EXPECT_THAT(found([](SaleLog& log) { log.order(OrderKind::initialise_wallet, 1, 0); }), ElementsAre("count@7"));
    EXPECT_THAT(found([](SaleLog& log) { log.order(OrderKind::initialise_wallet, 0, 0); }), IsEmpty()) << "a meter that never had private keys";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.ukey_for_wallets_ = "U1";
                    log.order(OrderKind::initialise_wallet, 0, 0, [](Event&) {});
                }),
                ::testing::Contains("grant@7"))
        << "no key UKEY";
}

TEST(meter_rules, old_keys_after_a_new_wallet_are_found) {
    const auto renewed = [](SaleLog& log) {
        log.loaded(1);
        log.order(OrderKind::open_account, 1, 5000);
        log.rotated(2);
        log.order(OrderKind::initialise_wallet, 0, 0);
    };
    EXPECT_THAT(found([&](SaleLog& log) {
                    renewed(log);
                    log.loaded(1);
                }),
                ElementsAre("keys@11"));
    EXPECT_THAT(found([&](SaleLog& log) {
                    renewed(log);
                    log.order(OrderKind::open_account, 1, 5000);
                }),
                ElementsAre("keys@11"));
    EXPECT_THAT(found([&](SaleLog& log) {
                    renewed(log);
                    log.add(Event(EventType::keys_sent).text(Field::ukey, "K1").number(Field::meter, kMeter).flag(Field::recover, false).number(Field::key_version, 1));
                }),
                ElementsAre("keys@11"));
}

TEST(meter_rules, an_order_from_before_a_new_wallet_that_is_answered_again_is_found) {
    const auto again = [](SaleLog& log) {
        base::Bytes id = *base::from_hex("019aa9d0c1007c4d8e5f607182930000");
        id[15] = 1;
        log.add(Event(EventType::order_repeated).text(Field::station, "s-1").bytes(Field::order_id, id).number(Field::meter, kMeter).number(Field::count, 1).bytes(Field::content_hash, base::sha256(id)));
    };
    EXPECT_THAT(found([&](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    again(log);
                }),
                IsEmpty());
    EXPECT_THAT(found([&](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.rotated(2);
                    log.order(OrderKind::initialise_wallet, 0, 0);
                    again(log);
                }),
                ElementsAre("count@10"));
}

TEST(meter_rules, a_sale_by_card_and_its_replacement_are_fine) {
    EXPECT_THAT(found([](SaleLog& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.by_card(OrderKind::recharge, 2, 1000);
                    log.by_card(OrderKind::replace_card, 2, 0);
                    log.order(OrderKind::recharge, 3, 1000);
                }),
                IsEmpty());
}

TEST(meter_rules, card_orders_that_cannot_be_are_found) {
    EXPECT_THAT(found([](SaleLog& log) { log.by_card(OrderKind::open_account, 1, 5000, 2); }), ElementsAre("card@7")) << "its wallet before its parameters";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.by_card(OrderKind::replace_card, 2, 0);
                }),
                ElementsAre("count@8"))
        << "a replacement takes no count";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.by_card(OrderKind::replace_card, 1, 100);
                }),
                ElementsAre("card@8"))
        << "and sells nothing";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.by_card(OrderKind::refund, 2, 100);
                }),
                ElementsAre("card@8"));
    EXPECT_THAT(found([](SaleLog& log) {
                    log.by_card(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::replace_card, 1, 0);
                }),
                ::testing::Contains("card@8"));
}

TEST(meter_rules, a_station_that_sells_while_it_is_held_or_is_released_by_nobody_is_found) {
    const auto hold = [](SaleLog& log) { log.add(Event(EventType::station_held).text(Field::station, "s-1").number(Field::count, 6).number(Field::amount, 600).number(Field::minutes, 10)); };
    EXPECT_THAT(found([&](SaleLog& log) {
                    hold(log);
                    log.now += base::kHour;
                    log.order(OrderKind::open_account, 1, 100, [](Event& e) { e.time(Field::happened_at, kDayOne); });
                    log.order(OrderKind::recharge, 2, 100, [](Event& e) { e.time(Field::happened_at, kDayOne + base::kHour); });
                }),
                ElementsAre("velocity@9"))
        << "the first was permitted before";
    EXPECT_THAT(found([&](SaleLog& log) { log.add(Event(EventType::station_released).text(Field::station, "s-1").text(Field::reason, "x").bytes(Field::signature, base::Bytes(64))); }),
                ElementsAre("velocity@7", "velocity@7"))
        << "it was not held, and the signature is nobody's";
}

TEST(meter_rules, caps_count_on_each_day_whatever_the_order_in_which_orders_are_recorded) {
    const auto at = [](base::Millis time) { return [time](Event& e) { e.time(Field::happened_at, time); }; };
    EXPECT_THAT(found([&](SaleLog& log) {
                    const base::Millis today = log.now += 2 * base::kDay, yesterday = today - base::kDay;
                    log.order(OrderKind::open_account, 1, 10'000, at(today));
                    log.order(OrderKind::recharge, 2, 10, at(yesterday));
                    log.order(OrderKind::recharge, 3, 10'000, at(today));
                    log.order(OrderKind::recharge, 4, 10, at(yesterday));
                    log.order(OrderKind::recharge, 5, 10'000, at(today));
                    log.order(OrderKind::recharge, 6, 10, at(yesterday));
                    log.order(OrderKind::recharge, 7, 100, at(today));
                }),
                ElementsAre("grant@13"));
}

TEST(meter_rules, an_order_that_is_dated_long_after_or_before_its_record_is_found) {
    const auto at = [](base::Millis time) { return [time](Event& e) { e.time(Field::happened_at, time); }; };
    EXPECT_THAT(found([&](SaleLog& log) {
                    log.now += 10 * base::kDay;
                    log.order(OrderKind::open_account, 1, 100, at(log.now));
                    log.order(OrderKind::recharge, 2, 100, at(log.now + base::kDay + 1));
                    log.order(OrderKind::recharge, 3, 100, at(log.now - 7 * base::kDay));
                    log.order(OrderKind::recharge, 4, 100, at(log.now - 7 * base::kDay - 1));
                }),
                ElementsAre("time@8", "time@10"));
}

TEST(meter_rules, the_release_of_one_hold_does_not_lift_the_next) {
    const auto hold = [](SaleLog& log) { log.add(Event(EventType::station_held).text(Field::station, "s-1").number(Field::count, 6).number(Field::amount, 600).number(Field::minutes, 10)); };
    const auto release = [](SaleLog& log, base::Millis since) {
        const base::Bytes signature = log.pki.issuing.sign_statement("revocation", audit::release_statement("s-1", since));
        log.add(Event(EventType::station_released).text(Field::station, "s-1").text(Field::reason, "x").time(Field::happened_at, since).bytes(Field::signature, signature));
    };
    const auto twice = [&](SaleLog& log, bool its_own) {
        const base::Millis first = log.now;
        hold(log);
        log.now += base::kMinute;
        release(log, first);
        log.now += base::kMinute;
        hold(log);
        release(log, its_own ? log.now : first);
    };
    EXPECT_THAT(found([&](SaleLog& log) { twice(log, true); }), IsEmpty());
    EXPECT_THAT(found([&](SaleLog& log) { twice(log, false); }), ElementsAre("velocity@10"));
}

TEST(meter_rules, a_sale_by_card_takes_card_in_the_grant) {
    EXPECT_THAT(found([](SaleLog& log) {
                    model::Grant g = SampleLog::grant();
                    g.number = 2;
                    log.add(log.grant_set(g));
                    log.order(OrderKind::open_account, 1, 5000, [](Event&) {});
                }),
                ElementsAre("grant@8"))
        << "the number of the grant";
    EXPECT_THAT(found([](SaleLog& log) {
                    log.begin_ukey("U2", model::UkeyKind::user);
                    model::Grant g = SampleLog::grant();
                    g.ukey = *base::UkeySerial::parse("U2");
                    g.number = 2;
                    log.add(log.grant_set(g));
                    base::Bytes id = *base::from_hex("019aa9d0c1007c4d8e5f6071829300ff");
                    Event e(EventType::order);
                    e.text(Field::ukey, "U2").text(Field::station, "s-1").number(Field::meter, kMeter).bytes(Field::order_id, id).value(Field::operation, Operation::open_account);
                    e.number(Field::amount, 5000).number(Field::count, 1).bytes(Field::content_hash, base::sha256(id)).number(Field::grant_number, 2);
                    e.value(Field::channel, audit::Channel::card).bytes(Field::card, base::as_bytes(kCard)).number(Field::file, 1);
                    log.add(e);
                }),
                ElementsAre("grant@11"));
}

TEST(meter_rules, an_order_whose_kind_and_operation_do_not_go_together_is_found) {
    EXPECT_THAT(found([](SaleLog& log) {
                    log.order(OrderKind::open_account, 1, 5000);
                    log.order(OrderKind::recharge, 2, 1000, [](Event& e) { e.value(Field::order_kind, OrderKind::clear); });
                }),
                ::testing::Contains("grant@8"));
}

TEST(meter_rules, work_on_cards_and_parameters_with_a_suspended_ukey_is_found) {
    const auto suspended = [](SaleLog& log) {
        log.add(Event(EventType::ukey_state_changed)
                    .text(Field::ukey, "U1")
                    .value(Field::action, model::UkeyAction::suspend)
                    .value(Field::state_from, model::UkeyState::issued)
                    .value(Field::state_to, model::UkeyState::suspended));
    };
    const auto card = base::as_bytes(kCard);
    for (const Event& e : {Event(EventType::card_authenticated).text(Field::ukey, "U1").number(Field::meter, kMeter).bytes(Field::card, card).flag(Field::genuine, true),
                           Event(EventType::card_key_written).text(Field::ukey, "U1").number(Field::meter, kMeter).bytes(Field::card, card).number(Field::usage, 5).flag(Field::erase, false),
                           Event(EventType::card_written).text(Field::ukey, "U1").number(Field::meter, kMeter).bytes(Field::card, card).number(Field::file, 3),
                           Event(EventType::card_reported).text(Field::ukey, "U1").number(Field::meter, kMeter).bytes(Field::card, card).number(Field::file, 5).flag(Field::genuine, true),
                           Event(EventType::parameter_written).text(Field::ukey, "U1").number(Field::meter, kMeter).number(Field::identifier, 0x04001001).bytes(Field::data, card),
                           Event(EventType::validity_set).text(Field::ukey, "U1").number(Field::meter, kMeter).number(Field::minutes, 5),
                           Event(EventType::read_back_checked).text(Field::ukey, "U1").number(Field::meter, kMeter).flag(Field::genuine, true)}) {
        EXPECT_THAT(found([&](SaleLog& log) { log.add(e); }), IsEmpty());
        EXPECT_THAT(found([&](SaleLog& log) {
                        suspended(log);
                        log.add(e);
                    }),
                    ElementsAre("state@8"));
    }
}

}  // namespace
