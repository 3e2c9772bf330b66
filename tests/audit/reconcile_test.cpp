// A ledger held against what was signed: what is planted is found, and nothing else.
#include "audit/reconcile.h"
#include "audit/reconcile_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "tests/audit/sale_log.h"

namespace {

using namespace sales;
using audit::Difference;
using audit::Ledger;
using audit::LedgerRow;
using audit::MeterReading;
using audit::Period;
using audit::Reconciled;
using audit::UtilityTime;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAreArray;
using Kind = Difference::Kind;
using Odd = audit::WriteBacks::Contradiction::Kind;

const UtilityTime kChina(8 * base::kHour);  // as SampleLog's genesis says

LedgerRow row_of(const Event& e, base::Millis time) {
    LedgerRow row;
    row.id = *base::Uuid::from_bytes(e.value_of(Field::order_id));
    row.station = base::to_string(e.value_of(Field::station));
    const auto number = [&](Field f) {
        std::uint64_t out = 0;
        for (const std::uint8_t b : e.value_of(f)) out = out << 8 | b;
        return out;
    };
    row.meter = number(Field::meter);
    row.amount = model::Fen(static_cast<std::int64_t>(number(Field::amount)));
    row.time = time;
    return row;
}

/// A log, and the ledger that a faithful station keeps beside it.
struct Books : SaleLog {
    Ledger ledger;
    std::vector<MeterReading> readings;
    audit::ReconcileOptions options;

    Books() { ledger.files = {"orders.csv"}; }
    void sell(OrderKind kind, std::uint64_t count, std::uint64_t amount, const std::function<void(Event&)>& change = {}) {
        order(kind, count, amount, [&](Event& e) {
            if (change) change(e);
            book(e);
        });
    }
    void book(const Event& e) {
        LedgerRow row = row_of(e, now);
        row.line = static_cast<std::uint32_t>(ledger.rows.size() + 2);
        ledger.rows.push_back(row);
    }
    Reconciled judge() const {
        audit::Reconciliation r(ledger, readings, kChina, options);
        for (const base::Bytes& bytes : records) r.record(*audit::Record::decode(bytes));
        return r.finish();
    }
    std::vector<Kind> kinds() const {
        std::vector<Kind> out;
        for (const Difference& d : judge().differences) out.push_back(d.what);
        return out;
    }
};

TEST(reconciliation, a_faithful_ledger_agrees) {
    Books b;
    b.sell(OrderKind::open_account, 1, 5000);
    b.sell(OrderKind::recharge, 2, 3050);
    b.sell(OrderKind::refund, 3, 1000);
    const Reconciled found = b.judge();
    EXPECT_TRUE(found.agrees());
    EXPECT_EQ(found.matched, 3u);
    EXPECT_EQ(found.all.log.gross, 8050);
    EXPECT_EQ(found.all.log.refunded, 1000);
    EXPECT_EQ(found.all.log.net(), 7050);
    EXPECT_EQ(found.all.ledger, found.all.log);
    EXPECT_EQ(found.stations.at("s-1").log.net(), 7050);
    EXPECT_EQ(found.ukeys.at("U1").ledger.net(), 7050);
    EXPECT_EQ(found.days.at("2025-11-22").log.orders, 3u);
}

TEST(reconciliation, what_differs_is_named) {
    Books b;
    for (std::uint64_t n = 1; n <= 5; ++n) b.sell(n == 1 ? OrderKind::open_account : OrderKind::recharge, n, 1000 * n);
    auto& rows = b.ledger.rows;
    rows[0].amount = model::Fen(1001);
    rows[1].meter += 1;
    rows[2].station = "s-2";
    rows[3].kind = OrderKind::refund;
    rows[4].ukey = "U9";
    EXPECT_THAT(b.kinds(), ElementsAre(Kind::amount, Kind::meter, Kind::station, Kind::kind, Kind::ukey));
    const Reconciled found = b.judge();
    EXPECT_THAT(found.differences[0].message, HasSubstr("orders.csv line 2"));
    EXPECT_EQ(found.differences[0].ledger_amount, model::Fen(1001));
    EXPECT_EQ(found.differences[0].log_amount, model::Fen(1000));
    EXPECT_FALSE(found.agrees());
}

TEST(reconciliation, missing_extra_and_duplicate_rows_are_told_apart) {
    Books b;
    b.sell(OrderKind::open_account, 1, 1000);
    b.sell(OrderKind::recharge, 2, 2000);
    b.ledger.rows.push_back(b.ledger.rows[0]);          // once more
    b.ledger.rows[1].id = base::Uuid::make_v7(kDayOne);  // one that nobody signed; what was signed is in no ledger then
    EXPECT_THAT(b.kinds(), ElementsAre(Kind::missing, Kind::duplicate, Kind::extra));
    EXPECT_EQ(b.judge().all.ledger.net() - b.judge().all.log.net(), 1000);
}

TEST(reconciliation, two_stations_may_use_one_order_id) {
    Books b;
    b.sell(OrderKind::open_account, 1, 1000);
    --b.made_;
    Event e(EventType::order);
    const base::Bytes id(b.ledger.rows[0].id.raw().begin(), b.ledger.rows[0].id.raw().end());
    e.text(Field::ukey, "U1").text(Field::station, "s-2").number(Field::meter, kMeter + 1).bytes(Field::order_id, id).value(Field::operation, Operation::recharge);
    e.number(Field::amount, 700).number(Field::count, 1).bytes(Field::content_hash, base::sha256(id)).number(Field::grant_number, 1);
    b.add(e);
    EXPECT_THAT(b.kinds(), ElementsAre(Kind::extra)) << "of s-2";
    b.options.stations = {"s-1"};
    EXPECT_THAT(b.kinds(), IsEmpty());
    b.options.stations = {};
    b.book(e);
    EXPECT_THAT(b.kinds(), IsEmpty());
    b.ledger.rows.pop_back();
    b.ledger.rows[0].station = "s-3";
    EXPECT_THAT(b.kinds(), ElementsAre(Kind::station, Kind::extra)) << "one of them is the row's, the other is not";
}

TEST(reconciliation, an_order_in_the_ledgers_of_two_stations_was_signed_for_one) {
    Books b;
    b.sell(OrderKind::open_account, 1, 1000);
    b.ledger.rows.push_back(b.ledger.rows[0]);
    b.ledger.rows[1].station = "s-2";
    const Reconciled found = b.judge();
    ASSERT_THAT(b.kinds(), ElementsAre(Kind::duplicate));
    EXPECT_THAT(found.differences[0].message, HasSubstr("was signed for station s-1 (record " + std::to_string(*found.differences[0].index) + ") and stands in orders.csv line 2"));
    EXPECT_EQ(found.all.ledger.net() - found.all.log.net(), 1000);
}

TEST(reconciliation, a_void_must_be_in_both) {
    Books b;
    b.sell(OrderKind::open_account, 1, 5000);
    b.sell(OrderKind::recharge, 2, 1000);
    b.status(1);
    Event e(EventType::order_voided);
    e.text(Field::ukey, "U1").text(Field::station, "s-1").number(Field::meter, kMeter).bytes(Field::order_id, base::Bytes(b.ledger.rows[1].id.raw().begin(), b.ledger.rows[1].id.raw().end()));
    e.value(Field::operation, Operation::recharge).number(Field::amount, 1000).number(Field::count, 2).time(Field::made_at, kDayOne).number(Field::order_index, 8);
    b.add(e);
    EXPECT_THAT(b.kinds(), ElementsAre(Kind::voided_in_log));
    b.ledger.rows[1].voided = true;
    EXPECT_THAT(b.kinds(), IsEmpty());
    EXPECT_EQ(b.judge().all.log.net(), 5000);
    b.ledger.rows[0].voided = true;
    EXPECT_THAT(b.kinds(), ElementsAre(Kind::voided_in_ledger));
    b.ledger.rows[0].voided = false;
    b.ledger.rows.pop_back();
    EXPECT_THAT(b.kinds(), IsEmpty()) << "what sold nothing may be left out";
}

TEST(reconciliation, what_a_log_gives_twice_is_found) {
    Books b;
    b.sell(OrderKind::open_account, 1, 5000);
    --b.made_;
    b.order(OrderKind::recharge, 2, 5000);
    EXPECT_THAT(b.kinds(), ElementsAre(Kind::signed_twice));
}

TEST(reconciliation, an_order_of_another_period_is_not_missing) {
    Books b;
    const base::Millis midnight = kChina.day_around(kDayOne).until;
    b.now = midnight - 1;
    b.sell(OrderKind::open_account, 1, 1000);
    b.now = midnight;
    b.sell(OrderKind::recharge, 2, 2000);
    b.options.period = kChina.day_around(kDayOne);
    EXPECT_THAT(b.kinds(), IsEmpty()) << "a row of the next day, signed on the next day, is not judged";
    EXPECT_EQ(b.judge().ledger_beyond, 1u);
    b.ledger.rows[1].time = midnight - 5;
    EXPECT_THAT(b.kinds(), ElementsAre(Kind::other_period));
    b.ledger.rows[1].time.reset();
    EXPECT_THAT(b.kinds(), ElementsAre(Kind::other_period));
    b.options.period = {midnight, midnight + base::kDay};
    b.ledger.rows[1].time = midnight - 5;
    EXPECT_THAT(b.kinds(), IsEmpty()) << "the period of its signature is where it is judged";
    EXPECT_EQ(b.judge().other_day, 1u);
}

TEST(reconciliation, an_order_counts_when_it_was_permitted_not_when_it_was_recorded) {
    Books b;
    const base::Millis midnight = kChina.day_around(kDayOne).until;
    b.now = midnight + 20;
    b.sell(OrderKind::open_account, 1, 1000, [&](Event& e) { e.time(Field::happened_at, midnight - 3); });
    b.options.period = kChina.day_around(kDayOne);
    b.ledger.rows.clear();
    EXPECT_THAT(b.kinds(), ElementsAre(Kind::extra));
    b.options.period = {midnight, midnight + base::kDay};
    EXPECT_THAT(b.kinds(), IsEmpty());
}

TEST(reconciliation, what_an_export_of_a_range_does_not_hold_is_not_called_missing) {
    Books b;
    b.sell(OrderKind::open_account, 1, 1000);
    b.sell(OrderKind::recharge, 2, 2000);
    b.repeated(2);
    b.records.erase(b.records.begin() + 7, b.records.begin() + 9);  // the orders
    b.options.whole_log = false;
    const auto booked = b.ledger.rows;
    for (LedgerRow& r : b.ledger.rows) r.time.reset();
    EXPECT_THAT(b.kinds(), ElementsAre(Kind::other_period, Kind::other_period));
    EXPECT_THAT(b.judge().differences[1].message, HasSubstr("answered again"));
    b.ledger.rows = booked;
    b.records.erase(b.records.begin() + 1, b.records.end());  // the genesis is in every export
    b.now += base::kHour;
    b.repeated(2);
    EXPECT_THAT(b.kinds(), ElementsAre(Kind::other_period, Kind::other_period)) << "booked before the export begins";
    b.ledger.rows[0].time = b.now;
    EXPECT_THAT(b.kinds(), ElementsAre(Kind::missing, Kind::other_period)) << "booked within it";
}

TEST(reconciliation, orders_without_money_need_no_ledger) {
    Books b;
    b.sell(OrderKind::open_account, 1, 1000);
    b.by_card(OrderKind::replace_card, 1, 0);
    const Reconciled found = b.judge();
    EXPECT_TRUE(found.agrees());
    EXPECT_EQ(found.without_money, 1u);
}

// ---- meters

TEST(write_backs, a_genuine_status_shows_what_was_credited) {
    Books b;
    b.sell(OrderKind::open_account, 1, 5000);
    b.sell(OrderKind::recharge, 2, 1000);
    EXPECT_EQ(b.judge().write_backs.not_shown.size(), 2u);
    b.status(1);
    const Reconciled found = b.judge();
    ASSERT_EQ(found.write_backs.not_shown.size(), 1u);
    EXPECT_EQ(found.write_backs.not_shown[0].count, 2u);
    EXPECT_TRUE(found.agrees()) << "not shown yet is no difference";
    b.status(2);
    EXPECT_THAT(b.judge().write_backs.not_shown, IsEmpty());
}

TEST(write_backs, an_answer_that_is_not_genuine_shows_nothing) {
    Books b;
    b.sell(OrderKind::open_account, 1, 5000);
    b.add(Event(EventType::status_checked).number(Field::meter, kMeter).flag(Field::genuine, false).number(Field::count, 7));
    EXPECT_EQ(b.judge().write_backs.not_shown.size(), 1u);
    EXPECT_TRUE(b.judge().agrees());
}

TEST(write_backs, a_card_is_credited_by_its_write_back_and_not_by_its_wallet) {
    Books c;
    c.sell(OrderKind::open_account, 1, 5000, [](Event& e) { e.value(Field::channel, audit::Channel::card).bytes(Field::card, base::as_bytes(kCard)).number(Field::file, 1); });
    c.card_read(2, 1);
    EXPECT_EQ(c.judge().write_backs.not_shown.size(), 1u);
    EXPECT_TRUE(c.judge().write_backs.not_shown[0].by_card);
    c.card_read(5, 1);
    EXPECT_THAT(c.judge().write_backs.not_shown, IsEmpty());
}

std::vector<Odd> oddities(const Books& b) {
    std::vector<Odd> out;
    for (const auto& c : b.judge().write_backs.contradictions) out.push_back(c.what);
    return out;
}

TEST(write_backs, a_count_that_goes_back_or_beyond_is_found) {
    Books b;
    b.sell(OrderKind::open_account, 1, 5000);
    b.sell(OrderKind::recharge, 2, 1000);
    b.status(2);
    EXPECT_THAT(oddities(b), IsEmpty());
    b.status(1);
    EXPECT_THAT(oddities(b), ElementsAre(Odd::count_back));
    b.status(3);
    EXPECT_THAT(oddities(b), ElementsAre(Odd::count_back, Odd::more_than_signed));
    EXPECT_FALSE(b.judge().agrees());
}

TEST(write_backs, a_new_wallet_begins_anew) {
    Books b;
    b.sell(OrderKind::open_account, 1, 5000);
    b.sell(OrderKind::recharge, 2, 1000);
    b.status(1);
    b.order(OrderKind::initialise_wallet, 0, 0);
    b.status(0);
    EXPECT_THAT(oddities(b), IsEmpty());
    ASSERT_EQ(b.judge().write_backs.not_shown.size(), 1u);
    EXPECT_TRUE(b.judge().write_backs.not_shown[0].wallet_ended);
}

TEST(write_backs, a_reading_round_is_held_against_what_was_signed) {
    Books b;
    b.sell(OrderKind::open_account, 1, 5000);
    b.sell(OrderKind::recharge, 2, 1000);
    b.sell(OrderKind::recharge, 3, 500);
    const auto read = [&](std::uint64_t count, std::optional<std::int64_t> credited = {}, std::optional<std::int64_t> balance = {}) {
        MeterReading r;
        r.line = 2;
        r.meter = kMeter;
        r.count = count;
        if (credited) r.credited = model::Fen(*credited);
        if (balance) r.balance = model::Fen(*balance);
        b.readings = {r};
    };
    read(2, 6000, 6000);
    EXPECT_THAT(oddities(b), IsEmpty());
    ASSERT_EQ(b.judge().write_backs.not_shown.size(), 1u);
    EXPECT_TRUE(b.judge().write_backs.not_shown[0].read);
    read(2, 6001);
    EXPECT_THAT(oddities(b), ElementsAre(Odd::credited));
    read(2, {}, 6001);
    EXPECT_THAT(oddities(b), ElementsAre(Odd::balance));
    read(4);
    EXPECT_THAT(oddities(b), ElementsAre(Odd::more_than_signed));
    read(1);
    b.status(2);
    b.readings[0].time = kDayOne - base::kHour;
    EXPECT_THAT(oddities(b), IsEmpty()) << "read before the status";
    b.readings[0].time = kDayOne + base::kHour;
    EXPECT_THAT(oddities(b), ElementsAre(Odd::count_back));
    read(4);
    b.readings[0].meter += 7;
    EXPECT_THAT(oddities(b), ElementsAre(Odd::more_than_signed)) << "nothing was ever sold to it";
    b.readings[0].count = 0;
    EXPECT_THAT(oddities(b), IsEmpty());
}

// ---- at random

/// A log of many meters and stations, a ledger that a faithful station keeps, and faults put into it: exactly these are found.
TEST(reconciliation, exactly_the_planted_faults_are_found) {
    for (unsigned seed = 1; seed <= 60; ++seed) {
        std::mt19937 random(seed);
        const auto upto = [&](std::uint64_t n) { return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random); };
        Books b;
        std::map<std::uint64_t, std::uint64_t> counts;
        std::vector<Event> orders;
        for (int i = 0; i < 300; ++i) {
            b.now += static_cast<base::Millis>(upto(30)) * base::kMinute;
            const std::uint64_t meter = kMeter + upto(20);
            const OrderKind kind = counts[meter] == 0 ? OrderKind::open_account : upto(10) == 0 ? OrderKind::refund : OrderKind::recharge;
            Event e(EventType::order);
            base::Uuid::Raw raw = base::Uuid::make_v7(b.now).raw();
            for (std::size_t k = 10; k < 16; ++k) raw[k] = static_cast<std::uint8_t>(upto(256));
            e.text(Field::ukey, "U" + std::to_string(1 + upto(2))).text(Field::station, "s-" + std::to_string(1 + upto(3))).number(Field::meter, meter).bytes(Field::order_id, raw);
            e.value(Field::operation, model::operation_of(kind)).number(Field::amount, 1 + upto(100000)).number(Field::count, ++counts[meter]);
            e.bytes(Field::content_hash, base::sha256(raw)).number(Field::grant_number, 1);
            b.add(e);
            b.book(e);
            orders.push_back(e);
        }
        ASSERT_TRUE(b.judge().agrees()) << "seed " << seed;

        // Each fault hits an order of its own.
        std::vector<std::pair<Kind, base::Uuid>> planted;
        std::vector<std::size_t> victims(orders.size());
        for (std::size_t i = 0; i < victims.size(); ++i) victims[i] = i;
        std::ranges::shuffle(victims, random);
        std::vector<LedgerRow> rows = b.ledger.rows;
        std::vector<base::Uuid> gone;
        const std::size_t faults = upto(40);
        std::int64_t ledger_net = 0;
        for (std::size_t i = 0; i < faults; ++i) {
            LedgerRow& row = rows[victims[i]];
            const base::Uuid id = row.id;
            switch (upto(6)) {
                case 0:
                    row.amount = model::Fen(row.amount.value() + 1 + static_cast<std::int64_t>(upto(500)));
                    planted.emplace_back(Kind::amount, id);
                    break;
                case 1:
                    row.meter += 1000;
                    planted.emplace_back(Kind::meter, id);
                    break;
                case 2:
                    row.station = "s-9";
                    planted.emplace_back(Kind::station, id);
                    break;
                case 3:
                    gone.push_back(id);
                    planted.emplace_back(Kind::extra, id);
                    break;
                case 4:
                    rows.push_back(rows[victims[i]]);
                    planted.emplace_back(Kind::duplicate, id);
                    break;
                default: {
                    LedgerRow invented = row;
                    invented.id = base::Uuid::make_v7(*row.time);
                    rows.push_back(invented);
                    planted.emplace_back(Kind::missing, invented.id);
                }
            }
        }
        std::erase_if(rows, [&](const LedgerRow& r) { return std::ranges::find(gone, r.id) != gone.end(); });
        std::ranges::shuffle(rows, random);
        b.ledger.rows = rows;
        const Reconciled found = b.judge();
        std::vector<std::pair<Kind, base::Uuid>> told;
        for (const Difference& d : found.differences) told.emplace_back(d.what, *d.order);
        EXPECT_THAT(told, UnorderedElementsAreArray(planted)) << "seed " << seed;
        // The sums by station, day and UKEY are the sum of all, on both sides.
        for (const auto* of : {&found.stations, &found.days, &found.ukeys}) {
            ledger_net = 0;
            std::int64_t log_net = 0;
            for (const auto& [key, sides] : *of) ledger_net += sides.ledger.net(), log_net += sides.log.net();
            EXPECT_EQ(ledger_net, found.all.ledger.net());
            EXPECT_EQ(log_net, found.all.log.net());
        }
    }
}

TEST(reconcile, the_differences_give_a_spreadsheet_no_formula_to_run) {
    Books b;
    b.sell(OrderKind::open_account, 1, 100);
    base::Bytes id = *base::from_hex("019aa9d0c1007c4d8e5f6071829300ff");
    Event e(EventType::order);
    e.text(Field::ukey, "U1").text(Field::station, "=cmd|' /C calc'!A1").number(Field::meter, kMeter).bytes(Field::order_id, id).value(Field::operation, Operation::recharge);
    e.number(Field::amount, 100).number(Field::count, 2).bytes(Field::content_hash, base::sha256(id)).number(Field::grant_number, 1);
    b.add(e);
    audit::ReconcileBasis basis;
    basis.log.time = kChina;
    EXPECT_THAT(audit::in_csv(basis, b.judge()), HasSubstr(",'=cmd|' /C calc'!A1,"));
}

// ---- the files

struct LedgerFile : ::testing::Test {
    TemporaryFolder folder;
    std::string path = folder.file("orders.csv");
    base::Result<Ledger> read(const std::string& text, const std::string& station = "") {
        std::ofstream(path) << text;
        Ledger out;
        KMP_CHECK(out.add(path, kChina, station));
        return out;
    }
    std::string refused(const std::string& text) {
        const auto got = read(text);
        return got ? "read" : got.error().message.substr(path.size());
    }
    const std::string id = "019aa9d0-c100-7c4d-8e5f-607182930001";
};

TEST_F(LedgerFile, columns_are_found_by_their_names) {
    const auto got = read("time,amount,meter,clerk,order_id,kind,station,state,ukey\n2025-11-22 14:00,12.3,100000000001,Wang," + id + ",open,s-1,voided,U1\n");
    ASSERT_TRUE(got) << got.error().message;
    ASSERT_EQ(got->rows.size(), 1u);
    const LedgerRow& r = got->rows[0];
    EXPECT_EQ(r.amount, model::Fen(1230));
    EXPECT_EQ(r.time, kDayOne) << "the utility's time: 8 hours ahead of UTC";
    EXPECT_EQ(r.kind, OrderKind::open_account);
    EXPECT_TRUE(r.voided);
    EXPECT_EQ(r.meter, 100000000001u);
    EXPECT_EQ(r.ukey, "U1");
    EXPECT_THAT(got->not_compared, ElementsAre("clerk"));
    EXPECT_EQ(got->place(r), path + " line 2");
}

TEST_F(LedgerFile, a_bad_line_is_named_and_nothing_of_the_file_is_kept) {
    const std::string head = "order_id,station,meter,amount\n", good = id + ",s-1,100000000001,1\n";
    EXPECT_THAT(refused(head + good + id + ",s-1,100000000001,1.234\n"), HasSubstr(": line 3: amount: '1.234'"));
    EXPECT_THAT(refused(head + good + id + ",s-1,100000000001,-5\n"), HasSubstr(": line 3: amount"));
    EXPECT_THAT(refused(head + id + ",s-1,1000000000011,1\n"), HasSubstr(": line 2: meter"));
    EXPECT_THAT(refused(head + "x,s-1,100000000001,1\n"), HasSubstr(": line 2: order_id"));
    EXPECT_THAT(refused(head + id + ",s 1,100000000001,1\n"), HasSubstr(": line 2: station"));
    EXPECT_THAT(refused(head + id + ",s-1,100000000001\n"), HasSubstr(": line 2: 3 fields instead of 4"));
    EXPECT_THAT(refused(head + id + ",s-1,100000000001,\n"), HasSubstr(": line 2: amount"));
    EXPECT_THAT(refused(head + id + ",,100000000001,1\n"), HasSubstr(": line 2: station: the line names none"));
    EXPECT_THAT(refused("order_id,station,amount\n"), HasSubstr("no column 'meter'"));
    EXPECT_THAT(refused("order_id,station,amount,meter,meter\n"), HasSubstr("'meter' is there twice"));
    EXPECT_THAT(refused(""), HasSubstr("it is empty"));
    EXPECT_THAT(refused(head + "\"" + id + "\n"), HasSubstr("after line 1"));
    Ledger ledger;
    std::ofstream(path) << head << good << id << ",s-1,100000000001,x\n";
    EXPECT_FALSE(ledger.add(path, kChina, ""));
    EXPECT_THAT(ledger.rows, IsEmpty());
    EXPECT_THAT(ledger.files, IsEmpty());
}

TEST_F(LedgerFile, an_empty_ledger_is_one_without_sales) {
    const auto got = read("order_id,station,meter,amount\n");
    ASSERT_TRUE(got);
    EXPECT_THAT(got->rows, IsEmpty());
}

TEST_F(LedgerFile, rows_without_a_station_are_of_the_one_that_was_named) {
    const auto got = read("order_id,meter,amount\r\n" + id + ",100000000001,1\r\n\r\n", "s-7");
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(got->rows.at(0).station, "s-7");
}

TEST_F(LedgerFile, a_meter_that_was_read_twice_is_refused) {
    std::ofstream(path) << "meter,count\n100000000001,4\n100000000001,5\n";
    const auto got = audit::read_meter_readings(path, kChina);
    ASSERT_FALSE(got);
    EXPECT_THAT(got.error().message, HasSubstr("line 3: meter: it was read in line 2 already"));
    std::ofstream(path) << "meter,count\n100000000001,4294967296\n";
    EXPECT_FALSE(audit::read_meter_readings(path, kChina));
}

TEST(utility_time, days_and_times_are_the_utilitys) {
    EXPECT_EQ(kChina.zone(), "+08:00");
    EXPECT_EQ(UtilityTime(-210 * base::kMinute).zone(), "-03:30");
    EXPECT_EQ(*kChina.parse("2025-11-22 14:00"), kDayOne);
    EXPECT_EQ(*kChina.parse("2025-11-22T14:00:00.000"), kDayOne);
    EXPECT_EQ(*kChina.parse("2025-11-22T06:00:00Z"), kDayOne);
    EXPECT_EQ(*kChina.parse("2025-11-22T02:30:00-03:30"), kDayOne);
    EXPECT_EQ(*kChina.parse("2025-11-22"), kDayOne - 14 * base::kHour);
    EXPECT_EQ(kChina.text(kDayOne), "2025-11-22 14:00:00");
    EXPECT_EQ(kChina.day(kDayOne + 10 * base::kHour), "2025-11-23");
    const Period day = kChina.day_around(kDayOne);
    EXPECT_EQ(day.from, kDayOne - 14 * base::kHour);
    EXPECT_EQ(day.until, day.from + base::kDay);
    for (const char* wrong : {"", "2025", "22.11.2025", "2025-11-22 25:00", "2025-11-22T06:00:00+8", "2025-11-22 06:00:00 +08:00", "2025-11-22Z"}) EXPECT_FALSE(kChina.parse(wrong)) << wrong;
}

}  // namespace
