#include "kmp/policy/meter_book.h"

#include <gtest/gtest.h>

#include "tests/kmp/policy_database.h"

namespace {

using base::Code;
using kmp::policy::CardReport;
using kmp::policy::Meter;
using kmp::policy::MeterBook;
using kmp::policy::OrderDone;
using model::Fen;
using model::OrderKind;

const base::Millis kNow = base::from_rfc3339("2026-11-22T15:59:00Z").value();
const std::string kCard = "\x11\x22\x33\x44\x55\x66\x77\x88";
const std::string kOtherCard = "\x11\x22\x33\x44\x55\x66\x77\x99";
const auto kCustomer = model::CustomerNumber::from_number(42).value();
const auto kStranger = model::CustomerNumber::from_number(43).value();

OrderDone order(OrderKind kind, std::uint32_t count, std::int64_t amount, const std::string& card = "") {
    return {base::Uuid::make_v7(kNow + count), kind, Fen(amount), count, kind == OrderKind::initialise_wallet ? model::CustomerNumber() : kCustomer, 1, card, 100 + count, kNow};
}
/// A meter whose account was opened by card, with 50 yuan.
Meter sold_by_card() {
    Meter m;
    m.number = model::MeterNumber::from_number(9).value();
    m.ordered(order(OrderKind::open_account, 1, 5000, kCard));
    return m;
}
/// The rule that refuses, or "".
std::string rule(const Meter& m, OrderKind kind, const std::string& card = "", model::CustomerNumber customer = kCustomer, model::KeyVersion newest = 1) {
    const auto may = m.may_order(kind, customer, card, newest, kNow);
    return may ? "" : may.error().message.substr(0, may.error().message.find(':'));
}

TEST(meter_book, a_count_that_was_never_given_out_contradicts_and_changes_nothing) {
    Meter m;
    m.number = model::MeterNumber::from_number(9).value();
    m.ordered(order(OrderKind::open_account, 1, 5000));
    m.ordered(order(OrderKind::recharge, 2, 1000));
    EXPECT_EQ(m.contradiction(2), "");
    m.voided(order(OrderKind::recharge, 2, 1000));
    EXPECT_EQ(m.contradiction(1), "");
    EXPECT_EQ(m.contradiction(2), "its purchase count is 2, given out were counts up to 1");
    EXPECT_FALSE(m.seen(2));
    EXPECT_EQ(m.next_count(OrderKind::recharge), 2u) << "an order that a restored log lacks is made anew under its count";
    m.ordered(order(OrderKind::initialise_wallet, 0, 0));
    EXPECT_EQ(m.contradiction(1), "") << "the meter may not have begun anew yet";
    EXPECT_EQ(m.next_count(OrderKind::open_account), 1u);
}

TEST(meter_book, a_meter_is_loaded_once_and_its_changes_are_taken_once) {
    MeterBook book;
    int lookups = 0;
    book.restart([&](model::MeterNumber n) -> base::Result<Meter> {
        ++lookups;
        Meter m;
        m.number = n;
        m.known = true;
        m.count = 5;
        return m;
    });
    const auto number = model::MeterNumber::from_number(9).value();
    auto* entry = book.find(number).value();
    EXPECT_EQ(entry->meter.count, 5u);
    EXPECT_EQ(book.find(number).value(), entry);
    EXPECT_EQ(lookups, 1);
    entry->meter.count = 6;
    book.changed(*entry);
    book.changed(*entry);
    const auto dirty = book.take_dirty();
    ASSERT_EQ(dirty.size(), 1u);
    EXPECT_EQ(dirty[0].count, 6u);
    EXPECT_TRUE(book.take_dirty().empty());
}

Meter keyed_meter() {
    Meter m;
    m.number = model::MeterNumber::from_number(9).value();
    m.known = m.keyed = true;
    return m;
}

TEST(meter_book, a_meter_that_never_had_private_keys_is_given_them_without_approval) { EXPECT_TRUE(Meter().may_download("KY-1", 5)); }

TEST(meter_book, a_keyed_meter_is_given_its_keys_again_only_when_that_was_allowed_and_in_time) {
    auto m = keyed_meter();
    const auto refused = m.may_download("KY-1", 5);
    EXPECT_EQ(refused.error().code, Code::refused);
    EXPECT_NE(refused.error().message.find("kmpctl meter allow-download 000000000009"), std::string::npos);
    m.allow_download(10);
    EXPECT_TRUE(m.may_download("KY-1", 10));
    EXPECT_FALSE(m.may_download("KY-1", 11));
}

TEST(meter_book, an_allowed_download_that_was_begun_is_that_ukeys_until_it_is_done) {
    auto m = keyed_meter();
    m.allow_download(10);
    m.download_begun("KY-1");
    EXPECT_TRUE(m.may_download("KY-1", 6)) << "the line broke: the same engineer goes on";
    EXPECT_FALSE(m.may_download("KY-2", 6));
    m.download_done();
    EXPECT_FALSE(m.may_download("KY-1", 6));
    m.download_begun("KY-1");
    EXPECT_FALSE(m.may_download("KY-1", 6)) << "nothing was allowed that it could begin";
}

TEST(meter_book, a_new_approval_takes_the_place_of_one_that_was_begun) {
    auto m = keyed_meter();
    m.allow_download(10);
    m.download_begun("KY-1");
    m.allow_download(20);
    EXPECT_TRUE(m.may_download("KY-2", 15));
}

TEST(meter_rows, keep_that_a_download_is_allowed_and_with_which_ukey_it_was_begun) {
    TemporaryFolder folder;
    auto database = policy_database(folder);
    auto m = keyed_meter();
    m.allow_download(77);
    m.download_begun("KY-1");
    {
        auto t = database.begin().value();
        ASSERT_TRUE(kmp::policy::put_meter(t, m));
        ASSERT_TRUE(t.commit());
    }
    const auto read = kmp::policy::find_meter(database, m.number).value();
    EXPECT_EQ(read.allowed_until, 77);
    EXPECT_EQ(read.allowed_to, "KY-1");
    EXPECT_TRUE(read.keyed);
}

TEST(meter_book, an_unknown_meter_starts_from_nothing_and_a_broken_row_is_an_error) {
    MeterBook book;
    book.restart([](model::MeterNumber) -> base::Result<Meter> { return {Code::not_found, "none"}; });
    EXPECT_FALSE(book.find(model::MeterNumber::from_number(1).value()).value()->meter.known);
    book.restart([](model::MeterNumber) -> base::Result<Meter> { return {Code::tampered, "changed"}; });
    EXPECT_EQ(book.find(model::MeterNumber::from_number(1).value()).error().code, Code::tampered);
}

TEST(meter_orders, an_account_is_opened_once_and_belongs_to_its_customer) {
    Meter m;
    EXPECT_EQ(rule(m, OrderKind::open_account), "");
    for (const OrderKind kind : {OrderKind::recharge, OrderKind::refund, OrderKind::clear}) EXPECT_EQ(rule(m, kind), "account");
    EXPECT_EQ(rule(m, OrderKind::replace_card, kCard), "account");
    m = sold_by_card();
    EXPECT_TRUE(m.seen(1));
    EXPECT_EQ(rule(m, OrderKind::open_account), "account");
    for (const OrderKind kind : {OrderKind::recharge, OrderKind::refund, OrderKind::clear}) {
        EXPECT_EQ(rule(m, kind), "");
        EXPECT_EQ(rule(m, kind, "", kStranger), "account");
    }
}

TEST(meter_orders, what_lies_on_a_card_that_was_not_seen_inserted_comes_before_anything_new) {
    Meter m = sold_by_card();
    for (const OrderKind kind : {OrderKind::recharge, OrderKind::refund, OrderKind::clear}) EXPECT_EQ(rule(m, kind), "uninserted");
    EXPECT_EQ(rule(m, OrderKind::recharge, kCard), "uninserted");
    EXPECT_EQ(rule(m, OrderKind::replace_card, kOtherCard), "") << "a lost card is replaced in any case";
    EXPECT_FALSE(m.seen(0));
    EXPECT_EQ(rule(m, OrderKind::recharge), "uninserted");
    EXPECT_TRUE(m.seen(1));
    EXPECT_FALSE(m.seen(1)) << "nothing new";
    EXPECT_EQ(rule(m, OrderKind::recharge, kCard), "");
}

TEST(meter_orders, a_recharge_goes_to_the_meters_own_card) {
    Meter m = sold_by_card();
    m.seen(1);
    EXPECT_EQ(rule(m, OrderKind::recharge, kOtherCard), "card");
    m.ordered(order(OrderKind::replace_card, 1, 0, kOtherCard));
    EXPECT_EQ(rule(m, OrderKind::recharge, kOtherCard), "");
    EXPECT_EQ(rule(m, OrderKind::recharge, kCard), "card");
    Meter remote;
    remote.ordered(order(OrderKind::open_account, 1, 0));
    EXPECT_EQ(rule(remote, OrderKind::recharge, kCard), "card") << "it has none yet";
}

TEST(meter_orders, a_replaced_card_takes_no_count_and_carries_what_nobody_saw_credited) {
    Meter m = sold_by_card();
    EXPECT_EQ(m.next_count(OrderKind::replace_card), 1u);
    EXPECT_EQ(m.carried_over(), Fen(5000));
    m.ordered(order(OrderKind::replace_card, 1, 0, kOtherCard));
    EXPECT_EQ(m.count, 1u);
    EXPECT_EQ(m.last->card, kOtherCard);
    EXPECT_EQ(m.sold, Fen(5000)) << "it sells nothing";
    m.seen(1);
    EXPECT_EQ(m.carried_over(), Fen(0));
}

TEST(meter_orders, no_card_is_replaced_while_a_refund_hangs_in_the_air) {
    Meter m = sold_by_card();
    m.seen(1);
    m.ordered(order(OrderKind::refund, 2, 1000));
    EXPECT_EQ(rule(m, OrderKind::replace_card, kOtherCard), "count");
    m.seen(2);
    EXPECT_EQ(rule(m, OrderKind::replace_card, kOtherCard), "");
    EXPECT_EQ(m.carried_over(), Fen(0)) << "a refund is not carried over";
}

TEST(meter_orders, a_refund_and_a_clear_give_back_no_more_than_was_sold_and_the_count_goes_on) {
    Meter m = sold_by_card();
    m.seen(1);
    EXPECT_TRUE(m.may_give_back(Fen(5000)));
    EXPECT_FALSE(m.may_give_back(Fen(5001)));
    m.ordered(order(OrderKind::refund, 2, 1000));
    EXPECT_EQ(m.sold, Fen(4000));
    EXPECT_FALSE(m.may_give_back(Fen(4001)));
    m.ordered(order(OrderKind::clear, 3, 4000));
    EXPECT_FALSE(m.opened);
    EXPECT_EQ(m.customer.number(), 0u);
    EXPECT_EQ(m.card, "");
    EXPECT_EQ(rule(m, OrderKind::recharge), "account");
    EXPECT_EQ(m.next_count(OrderKind::open_account), 4u) << "or cards sold before would revive";
    m.sold.reset();
    EXPECT_TRUE(m.may_give_back(Fen(4001))) << "what was sold before it was counted is not known";
}

TEST(meter_orders, a_wallet_begins_anew_only_before_newer_keys) {
    Meter fresh;
    EXPECT_EQ(rule(fresh, OrderKind::initialise_wallet), "");
    Meter m = sold_by_card();
    EXPECT_EQ(m.held, 1);
    EXPECT_EQ(rule(m, OrderKind::initialise_wallet), "keys") << "no newer set";
    EXPECT_EQ(rule(m, OrderKind::initialise_wallet, "", kCustomer, 2), "keys") << "it holds private keys";
    m.allow_download(kNow);
    EXPECT_EQ(rule(m, OrderKind::initialise_wallet, "", kCustomer, 2), "") << "a new board under the old number, as officers agreed";
    m.allowed_until = 0;
    m.state = model::KeyState::factory;
    EXPECT_EQ(rule(m, OrderKind::initialise_wallet, "", kCustomer, 2), "");
    EXPECT_EQ(rule(m, OrderKind::initialise_wallet), "keys");
    m.ordered(order(OrderKind::initialise_wallet, 0, 300));
    EXPECT_EQ(m.count, 0u);
    EXPECT_EQ(m.least, 2);
    EXPECT_EQ(m.epoch, 100u);
    EXPECT_EQ(m.sold, Fen(300));
    EXPECT_FALSE(m.opened);
    EXPECT_EQ(rule(m, OrderKind::open_account), "keys") << "it is in factory state";
}

TEST(meter_orders, a_write_back_that_cannot_be_is_said) {
    Meter m = sold_by_card();
    const CardReport good{kCard, m.number, kCustomer, 1, Fen(5000)};
    const auto said = [&](auto change) {
        CardReport r = good;
        change(r);
        return m.contradiction(r);
    };
    const auto has = [](const std::string& text, const char* word) { return text.find(word) != std::string::npos; };
    EXPECT_EQ(m.contradiction(good), "");
    EXPECT_TRUE(has(said([](CardReport& r) { r.count = 2; }), "given out were counts up to 1"));
    EXPECT_TRUE(has(said([](CardReport& r) { r.customer = kStranger; }), "customer"));
    EXPECT_TRUE(has(said([](CardReport& r) { r.balance = Fen(5001); }), "sold were 50.00"));
    EXPECT_TRUE(has(said([](CardReport& r) { r.card = kOtherCard; }), "the meter's card is 1122334455667788"));
    EXPECT_TRUE(has(said([](CardReport& r) { r.meter = model::MeterNumber::from_number(8).value(); }), "meter 000000000008"));
    m.seen(1);
    EXPECT_TRUE(has(said([](CardReport& r) { r.count = 0; }), "the purchase on this card has 1"));
    m.ordered(order(OrderKind::recharge, 2, 100));
    EXPECT_EQ(m.contradiction(good), "") << "sold remotely since: the card knows nothing of it";
    m.ordered(order(OrderKind::refund, 3, 1000));
    EXPECT_EQ(m.contradiction(good), "") << "given back since: the card was written before";
    m.ordered(order(OrderKind::clear, 4, 0));
    EXPECT_TRUE(has(m.contradiction(good), "no account"));
}

TEST(meter_orders, a_card_that_was_cut_off_before_it_was_written_brings_the_purchase_before_and_contradicts_nothing) {
    Meter m = sold_by_card();
    const CardReport first{kCard, m.number, kCustomer, 1, Fen(5000)};
    ASSERT_TRUE(m.seen(1));
    m.ordered(order(OrderKind::recharge, 2, 100, kCard));
    EXPECT_EQ(m.contradiction(first), "");
    EXPECT_FALSE(m.seen(first.count));
    ASSERT_TRUE(m.seen(2));
    EXPECT_NE(m.contradiction(first), "") << "an old copy of it: the card was written, or its meter could not have it";
    m.ordered(order(OrderKind::recharge, 3, 100));
    EXPECT_NE(m.contradiction(first), "");
    m.ordered(order(OrderKind::replace_card, 3, 0, kCard));
    EXPECT_EQ(m.contradiction(first), "") << "the same card in its own place";
}

TEST(meter_orders, a_void_leaves_a_write_back_that_proves_nothing_of_the_order_before) {
    Meter m = sold_by_card();
    m.wiped = true;
    m.ordered(order(OrderKind::recharge, 2, 5000, kCard));
    m.voided(order(OrderKind::recharge, 2, 5000, kCard));
    EXPECT_TRUE(m.wiped) << "the write-back may have been emptied between the two orders";
}

TEST(meter_rows, keep_the_last_order_the_card_and_the_epoch_and_find_what_was_never_inserted) {
    TemporaryFolder folder;
    auto database = policy_database(folder);
    Meter sold = sold_by_card();
    sold.least = 3;
    sold.epoch = 77;
    Meter remote;
    remote.number = model::MeterNumber::from_number(8).value();
    remote.ordered(order(OrderKind::open_account, 1, 5000));
    remote.sold.reset();
    const auto put = [&](const Meter& m) {
        auto t = database.begin().value();
        ASSERT_TRUE(kmp::policy::put_meter(t, m));
        ASSERT_TRUE(t.commit());
    };
    put(sold);
    put(remote);
    const Meter read = kmp::policy::find_meter(database, sold.number).value();
    EXPECT_EQ(read.last, sold.last);
    EXPECT_EQ(read.card, kCard);
    EXPECT_EQ(read.card_count, 1u);
    EXPECT_EQ(read.least, 3);
    EXPECT_EQ(read.held, 1);
    EXPECT_EQ(read.epoch, 77u);
    EXPECT_EQ(read.sold, Fen(5000));
    EXPECT_FALSE(kmp::policy::find_meter(database, remote.number).value().sold);
    EXPECT_EQ(kmp::policy::meters_from(database, remote.number, 10).value().size(), 2u);
    EXPECT_EQ(kmp::policy::meters_from(database, sold.number, 10).value().size(), 1u);
    EXPECT_TRUE(kmp::policy::uninserted(database, kNow - 1, 10).value().empty()) << "younger";
    EXPECT_EQ(kmp::policy::uninserted(database, kNow, 10).value(), std::vector{sold.number});
    sold.seen(1);
    put(sold);
    EXPECT_TRUE(kmp::policy::uninserted(database, kNow, 10).value().empty());
}

TEST(meter_rows, of_a_database_from_before_cards_claim_nothing_that_is_not_known) {
    TemporaryFolder folder;
    auto database = store::Database::open(folder.file("kmp.db"), base::Secret::random(32), store::Mode::create).value();
    const store::Schema now = kmp::policy::schema();
    const store::Schema before[] = {{now.room, now.migrations.first(2)}};
    ASSERT_TRUE(store::migrate(database, before));
    {
        auto t = database.begin().value();
        // Two with private keys of version 1 and 3, one put back to its factory keys, one that never had any.
        for (const char* row : {"(7,1,1,5,42,1,1,0,'')", "(8,1,3,2,43,1,1,0,'')", "(9,0,0,4,0,0,1,0,'')", "(10,0,0,0,0,0,0,0,'')"}) ASSERT_TRUE(t.run("INSERT INTO meter VALUES " + std::string(row)));
        ASSERT_TRUE(t.commit());
    }
    const store::Schema schemas[] = {now};
    ASSERT_TRUE(store::migrate(database, schemas));
    const auto read = [&](std::uint64_t n) { return kmp::policy::find_meter(database, model::MeterNumber::from_number(n).value()).value(); };
    EXPECT_EQ(read(7).held, 1);
    EXPECT_EQ(read(8).held, 3);
    EXPECT_EQ(read(9).held, 3) << "which version it had is forgotten: any";
    EXPECT_EQ(read(10).held, 0);
    EXPECT_EQ(read(7).count, 5u);
    EXPECT_FALSE(read(7).sold) << "what was sold is not known, and no balance contradicts it";
    EXPECT_FALSE(read(7).last);
    EXPECT_EQ(read(7).card, "");
    EXPECT_TRUE(kmp::policy::uninserted(database, kNow, 10).value().empty());
}

}  // namespace
