#include <gtest/gtest.h>

#include "kmp/policy/meter_book.h"
#include "kmp/policy/order_book.h"
#include "kmp/policy/spending.h"
#include "kmp/policy/tables.h"
#include "tests/store/temporary_folder.h"

namespace {

using base::Code;
using base::kDay;
using base::kMinute;
using kmp::policy::MeterBook;
using kmp::policy::OrderBook;
using kmp::policy::OrderContent;
using kmp::policy::OrderKey;
using kmp::policy::OrderRecord;
using kmp::policy::Spending;
using model::Fen;

constexpr base::Millis kEight = 8 * base::kHour;  // the utility's offset
// 2026-11-22T15:59:00Z: one minute before midnight at +08:00.
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

class order_book : public testing::Test {
protected:
    base::Millis now = kBeforeMidnight;
    int lookups = 0;
    std::map<std::pair<std::string, base::Uuid>, OrderRecord> database;
    OrderBook book{4};

    void SetUp() override { restart(0); }
    void restart(base::Millis newest) {
        book.restart(newest, [this](const OrderKey& key) -> base::Result<OrderRecord> {
            ++lookups;
            if (const auto it = database.find({key.station, key.id}); it != database.end()) return it->second;
            return {Code::not_found, "none"};
        });
    }
    OrderKey key(base::Millis made, const std::string& station = "s-1") const { return {station, base::Uuid::make_v7(made)}; }
    void make(const OrderKey& k, std::uint32_t count) {
        book.begin(k);
        OrderRecord record;
        record.count = count;
        database[{k.station, k.id}] = record;
        book.finish(k);
    }
};

TEST_F(order_book, a_fresh_id_costs_no_look_up) {
    EXPECT_EQ(book.find(key(now), now)->finding, OrderBook::Finding::fresh);
    EXPECT_EQ(lookups, 0);
}

TEST_F(order_book, an_order_is_pending_until_it_is_finished_and_then_done) {
    const OrderKey k = key(now);
    book.begin(k);
    EXPECT_EQ(book.find(k, now)->finding, OrderBook::Finding::pending);
    make(k, 3);
    const auto answer = book.find(k, now);
    EXPECT_EQ(answer->finding, OrderBook::Finding::done);
    EXPECT_EQ(answer->record.count, 3u);
}

TEST_F(order_book, an_order_that_was_finished_but_is_gone_from_the_database_is_no_fresh_one) {
    const OrderKey k = key(now);
    make(k, 3);
    database.clear();
    EXPECT_EQ(book.find(k, now).error().code, Code::not_found);
}

TEST_F(order_book, a_forgotten_order_may_be_made_again) {
    const OrderKey k = key(now);
    book.begin(k);
    book.forget(k);
    EXPECT_EQ(book.find(k, now)->finding, OrderBook::Finding::fresh);
}

TEST_F(order_book, the_same_id_of_another_station_is_another_order) {
    const OrderKey k = key(now);
    make(k, 1);
    EXPECT_EQ(book.find({"s-2", k.id}, now)->finding, OrderBook::Finding::fresh);
}

TEST_F(order_book, orders_that_left_the_memory_are_found_in_the_database) {
    std::vector<OrderKey> keys;
    for (int i = 0; i < 12; ++i) {
        keys.push_back(key(now + i));
        make(keys.back(), static_cast<std::uint32_t>(i + 1));
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto answer = book.find(keys[i], now);
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->finding, OrderBook::Finding::done) << i;
        EXPECT_EQ(answer->record.count, i + 1);
    }
    EXPECT_GT(lookups, 0);
}

TEST_F(order_book, an_id_made_before_those_that_left_is_asked_of_the_database_even_when_it_is_new) {
    for (int i = 0; i < 12; ++i) make(key(now + i), 1);
    lookups = 0;
    EXPECT_EQ(book.find(key(now - 1), now)->finding, OrderBook::Finding::fresh);
    EXPECT_EQ(lookups, 1);
}

TEST_F(order_book, after_a_restart_every_id_up_to_the_newest_is_asked_of_the_database) {
    const OrderKey k = key(now);
    make(k, 7);
    restart(k.id.time());
    const auto answer = book.find(k, now);
    EXPECT_EQ(answer->finding, OrderBook::Finding::done);
    EXPECT_EQ(answer->record.count, 7u);
}

TEST_F(order_book, ids_outside_the_window_are_refused) {
    EXPECT_EQ(book.find(key(now - 7 * kDay - 1), now).error().code, Code::refused);
    EXPECT_EQ(book.find(key(now + 11 * kMinute), now).error().code, Code::refused);
    EXPECT_TRUE(book.find(key(now - 7 * kDay + 1000), now));
}

TEST_F(order_book, a_repeat_is_answered_however_old_its_order_is) {
    const OrderKey k = key(now);
    make(k, 7);
    restart(k.id.time());
    const auto answer = book.find(k, now + 30 * kDay);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->finding, OrderBook::Finding::done);
    EXPECT_EQ(answer->record.count, 7u);
}

TEST_F(order_book, a_database_that_cannot_be_read_is_not_taken_for_never_seen) {
    book.restart(now, [](const OrderKey&) -> base::Result<OrderRecord> { return {Code::tampered, "a page was changed"}; });
    EXPECT_EQ(book.find(key(now - 5), now).error().code, Code::tampered);
}

TEST(order_content, every_field_changes_its_hash) {
    OrderContent a;
    a.id = base::Uuid::make_v7(kBeforeMidnight);
    a.station = "s-1";
    a.kind = model::OrderKind::recharge;
    a.meter = model::MeterNumber::from_number(1).value();
    a.customer = model::CustomerNumber::from_number(2).value();
    a.amount = Fen(3);
    const auto differs = [&](auto change) {
        OrderContent b = a;
        change(b);
        return b.hash() != a.hash();
    };
    EXPECT_EQ(a.hash(), OrderContent(a).hash());
    EXPECT_TRUE(differs([](OrderContent& o) { o.id = base::Uuid::make_v7(kBeforeMidnight); }));
    EXPECT_TRUE(differs([](OrderContent& o) { o.station = "s-2"; }));
    EXPECT_TRUE(differs([](OrderContent& o) { o.kind = model::OrderKind::refund; }));
    EXPECT_TRUE(differs([](OrderContent& o) { o.meter = model::MeterNumber::from_number(2).value(); }));
    EXPECT_TRUE(differs([](OrderContent& o) { o.customer = model::CustomerNumber::from_number(3).value(); }));
    EXPECT_TRUE(differs([](OrderContent& o) { o.amount = Fen(4); }));
    EXPECT_TRUE(differs([](OrderContent& o) { o.card = "12345678"; })) << "by card is another order";
    a.card = "12345678";
    EXPECT_TRUE(differs([](OrderContent& o) { o.card = "12345679"; }));
}

TEST(meter_book, a_meter_is_loaded_once_and_its_changes_are_taken_once) {
    MeterBook book;
    int lookups = 0;
    book.restart([&](model::MeterNumber n) -> base::Result<kmp::policy::Meter> {
        ++lookups;
        kmp::policy::Meter m;
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

kmp::policy::Meter keyed_meter() {
    kmp::policy::Meter m;
    m.number = model::MeterNumber::from_number(9).value();
    m.known = m.keyed = true;
    return m;
}

TEST(meter_book, a_meter_that_never_had_private_keys_is_given_them_without_approval) { EXPECT_TRUE(kmp::policy::Meter().may_download("KY-1", 5)); }

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
    auto database = store::Database::open(folder.file("kmp.db"), base::Secret::random(32), store::Mode::create).value();
    const store::Schema schemas[] = {kmp::policy::schema()};
    ASSERT_TRUE(store::migrate(database, schemas));
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

const std::string kCard = "\x11\x22\x33\x44\x55\x66\x77\x88";
const std::string kOtherCard = "\x11\x22\x33\x44\x55\x66\x77\x99";
const auto kCustomer = model::CustomerNumber::from_number(42).value();
const auto kStranger = model::CustomerNumber::from_number(43).value();
using kmp::policy::CardReport;
using kmp::policy::Meter;
using kmp::policy::OrderDone;
using model::OrderKind;

OrderDone order(OrderKind kind, std::uint32_t count, std::int64_t amount, const std::string& card = "") {
    return {base::Uuid::make_v7(kBeforeMidnight + count), kind, Fen(amount), count, kind == OrderKind::initialise_wallet ? model::CustomerNumber() : kCustomer, 1, card, 100 + count, kBeforeMidnight};
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
    const auto may = m.may_order(kind, customer, card, newest, kBeforeMidnight);
    return may ? "" : may.error().message.substr(0, may.error().message.find(':'));
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
    EXPECT_FALSE(m.seen(2));
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
    m.allow_download(kBeforeMidnight);
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

TEST(velocity, a_burst_holds_the_station_until_it_is_freed_and_nobody_else) {
    kmp::policy::Velocity v;
    v.set_rule({3, Fen(1000), 10 * kMinute});
    const base::Millis now = kBeforeMidnight;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(v.admit("s-1", Fen(100), now + i * kMinute).answer);
    const auto fourth = v.admit("s-1", Fen(100), now + 5 * kMinute);
    EXPECT_EQ(fourth.answer.error().code, Code::refused);
    ASSERT_TRUE(fourth.fresh);
    EXPECT_EQ(*fourth.fresh, (kmp::policy::StationHold{"s-1", now + 5 * kMinute, 4, Fen(400), 10 * kMinute}));
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
    kmp::policy::Velocity v;
    v.set_rule({2, Fen(0), 2 * kMinute});
    const base::Millis now = kBeforeMidnight;
    const auto first = v.admit("s", Fen(1), now);
    EXPECT_TRUE(v.admit("s", Fen(1), now + kMinute).answer);
    v.release(*first.booking);
    EXPECT_TRUE(v.admit("s", Fen(1), now + kMinute).answer);
    EXPECT_TRUE(v.admit("s", Fen(1), now + 3 * kMinute).answer) << "both of the minute before are out of the window";
    v.release(*first.booking);
    EXPECT_TRUE(v.admit("s", Fen(1), now + 3 * kMinute).answer) << "released twice, and long gone: nothing comes of it";
    EXPECT_FALSE(v.admit("s", Fen(1), now + 4 * kMinute).answer);
    kmp::policy::Velocity off;
    for (int i = 0; i < 10000; ++i) ASSERT_TRUE(off.admit("s", Fen(99999), now).answer) << "no limit, no hold";
}

TEST(velocity, holds_outlive_a_restart) {
    TemporaryFolder folder;
    const kmp::policy::StationHold hold{"s-1", 123, 4, Fen(400), 10 * kMinute};
    auto database = store::Database::open(folder.file("kmp.db"), base::Secret::random(32), store::Mode::create).value();
    const store::Schema schemas[] = {kmp::policy::schema()};
    ASSERT_TRUE(store::migrate(database, schemas));
    const auto write = [&](const std::function<base::Status(store::Transaction&)>& change) {
        auto t = database.begin().value();
        ASSERT_TRUE(change(t));
        ASSERT_TRUE(t.commit());
    };
    write([&](store::Transaction& t) { return kmp::policy::put_hold(t, hold); });
    kmp::policy::Velocity v;
    v.restore(kmp::policy::holds(database).value());
    EXPECT_EQ(v.holds(), (std::vector{hold}));
    EXPECT_FALSE(v.admit("s-1", Fen(1), 456).answer);
    write([&](store::Transaction& t) { return kmp::policy::remove_hold(t, "s-1"); });
    EXPECT_TRUE(kmp::policy::holds(database).value().empty());
}

TEST(evidence, of_an_order_on_the_line_is_a_lower_count_under_the_newest_authentication) {
    using kmp::policy::Evidence;
    kmp::policy::OrderDone done{{}, OrderKind::recharge, Fen(100), 3, {}, 1, "", 0, 0};
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

TEST(evidence, of_an_order_on_a_card_begins_with_a_wallet_that_is_gone) {
    using kmp::policy::Evidence;
    const kmp::policy::OrderDone done{{}, OrderKind::recharge, Fen(100), 3, {}, 1, "12345678", 0, 0};
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
    using kmp::policy::Evidence;
    const kmp::policy::OrderDone before{{}, OrderKind::recharge, Fen(100), 2, {}, 1, "12345678", 0, 0};
    Evidence e;
    e.challenge = "abcdefgh";
    e.wallet("abcdefgh", 0, 3);
    e.write_back("abcdefgh", 2, 3);
    e.voided();
    EXPECT_NE(e.missing(before, false), "");
    EXPECT_EQ(e.challenge, "") << "whatever is read for it is read anew";
    Meter m;
    m.ordered(order(OrderKind::open_account, 1, 5000, kCard));
    m.wiped = true;
    m.ordered(order(OrderKind::recharge, 2, 5000, kCard));
    m.voided(order(OrderKind::recharge, 2, 5000, kCard));
    EXPECT_TRUE(m.wiped) << "the write-back may have been emptied between the two orders";
}

TEST(evidence, of_a_status_holds_for_every_order_that_the_meter_lacks) {
    using kmp::policy::Evidence;
    const auto sent = [](std::uint32_t count) { return kmp::policy::OrderDone{{}, OrderKind::recharge, Fen(100), count, {}, 1, "", 0, 0}; };
    Evidence e;
    e.authenticated("r1");
    e.status("r1", 1);
    e.voided();
    EXPECT_EQ(e.missing(sent(2), true), "");
    EXPECT_NE(e.missing(sent(1), true), "");
}

TEST(meter_rows, keep_the_last_order_the_card_and_the_epoch_and_find_what_was_never_inserted) {
    TemporaryFolder folder;
    auto database = store::Database::open(folder.file("kmp.db"), base::Secret::random(32), store::Mode::create).value();
    const store::Schema schemas[] = {kmp::policy::schema()};
    ASSERT_TRUE(store::migrate(database, schemas));
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
    EXPECT_TRUE(kmp::policy::uninserted(database, kBeforeMidnight - 1, 10).value().empty()) << "younger";
    EXPECT_EQ(kmp::policy::uninserted(database, kBeforeMidnight, 10).value(), std::vector{sold.number});
    sold.seen(1);
    put(sold);
    EXPECT_TRUE(kmp::policy::uninserted(database, kBeforeMidnight, 10).value().empty());
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
    EXPECT_TRUE(kmp::policy::uninserted(database, kBeforeMidnight, 10).value().empty());
}

TEST(meter_book, an_unknown_meter_starts_from_nothing_and_a_broken_row_is_an_error) {
    MeterBook book;
    book.restart([](model::MeterNumber) -> base::Result<kmp::policy::Meter> { return {Code::not_found, "none"}; });
    EXPECT_FALSE(book.find(model::MeterNumber::from_number(1).value()).value()->meter.known);
    book.restart([](model::MeterNumber) -> base::Result<kmp::policy::Meter> { return {Code::tampered, "changed"}; });
    EXPECT_EQ(book.find(model::MeterNumber::from_number(1).value()).error().code, Code::tampered);
}

}  // namespace
