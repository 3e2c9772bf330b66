#include "kmp/policy/order_book.h"

#include <gtest/gtest.h>

namespace {

using base::Code;
using base::kDay;
using base::kMinute;
using kmp::policy::OrderBook;
using kmp::policy::OrderContent;
using kmp::policy::OrderKey;
using kmp::policy::OrderRecord;
using model::Fen;

const base::Millis kNow = base::from_rfc3339("2026-11-22T15:59:00Z").value();

class order_book : public testing::Test {
protected:
    base::Millis now = kNow;
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
    a.id = base::Uuid::make_v7(kNow);
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
    EXPECT_TRUE(differs([](OrderContent& o) { o.id = base::Uuid::make_v7(kNow); }));
    EXPECT_TRUE(differs([](OrderContent& o) { o.station = "s-2"; }));
    EXPECT_TRUE(differs([](OrderContent& o) { o.kind = model::OrderKind::refund; }));
    EXPECT_TRUE(differs([](OrderContent& o) { o.meter = model::MeterNumber::from_number(2).value(); }));
    EXPECT_TRUE(differs([](OrderContent& o) { o.customer = model::CustomerNumber::from_number(3).value(); }));
    EXPECT_TRUE(differs([](OrderContent& o) { o.amount = Fen(4); }));
    EXPECT_TRUE(differs([](OrderContent& o) { o.card = "12345678"; })) << "by card is another order";
    a.card = "12345678";
    EXPECT_TRUE(differs([](OrderContent& o) { o.card = "12345679"; }));
}

}  // namespace
