// A day of a log in figures.
#include "audit/day_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "audit/review_options.h"
#include "model/approval.h"
#include "tests/audit/sale_log.h"

namespace {

using namespace sales;
using audit::DayReport;
using audit::UtilityTime;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const UtilityTime kChina(8 * base::kHour);
constexpr base::Millis kMidnight = 1'763'827'200'000;  // 2025-11-23 00:00 +08:00

struct DayLog : SaleLog {
    DayReport day(base::Millis at = kDayOne) const {
        audit::DayFigures figures(kChina, kChina.day_around(at));
        for (const base::Bytes& bytes : records) figures.record(*audit::Record::decode(bytes));
        return figures.finish();
    }
    static std::vector<std::vector<std::string>> rows(const DayReport& report, std::string_view key) {
        std::vector<std::vector<std::string>> out;
        for (const audit::Section& s : report.sections)
            if (s.key == key)
                for (const auto& row : s.rows) {
                    out.emplace_back();
                    for (const audit::Cell& c : row) out.back().push_back(c.text(report.time, report.day));
                }
        return out;
    }
    std::vector<std::vector<std::string>> rows(std::string_view key) const { return rows(day(), key); }
    static std::string figure(const DayReport& report, std::string_view key) {
        for (const audit::KeyFigure& f : report.figures)
            if (f.key == key) return (f.alarming ? "!" : "") + f.cell.text(report.time, report.day);
        return "no such figure";
    }
};

TEST(day_report, sales_stand_by_station_with_their_sum) {
    DayLog log;
    log.order(OrderKind::open_account, 1, 500000);
    log.order(OrderKind::recharge, 2, 3050);
    log.order(OrderKind::refund, 3, 1000);
    EXPECT_THAT(log.rows("sales"), ElementsAre(ElementsAre("s-1", "3", "5,030.50", "0", "0.00", "10.00", "5,020.50", "0")));
    log.add(Event(EventType::order_refused).text(Field::station, "s-2").text(Field::rule, "per_order").value(Field::operation, Operation::recharge));
    EXPECT_THAT(log.rows("sales"), ElementsAre(ElementsAre("s-1", "3", "5,030.50", "0", "0.00", "10.00", "5,020.50", "0"), ElementsAre("s-2", "0", "0.00", "0", "0.00", "0.00", "0.00", "1"),
                                               ElementsAre("all stations", "3", "5,030.50", "0", "0.00", "10.00", "5,020.50", "1")));
    EXPECT_THAT(log.rows("denials"), ElementsAre(ElementsAre("s-2", "recharge", "per_order", "1")));
    EXPECT_EQ(DayLog::figure(log.day(), "net"), "5,020.50");
}

TEST(day_report, a_sale_counts_on_the_day_of_its_permit_and_everything_else_where_it_was_recorded) {
    DayLog log;
    log.now = kMidnight + 5;
    log.order(OrderKind::open_account, 1, 1000, [](Event& e) { e.time(Field::happened_at, kMidnight - 1); });
    log.add(Event(EventType::pin_failed).text(Field::ukey, "U1").time(Field::happened_at, kMidnight - 1));
    EXPECT_EQ(DayLog::figure(log.day(), "orders"), "1");
    EXPECT_EQ(DayLog::figure(log.day(), "wrong_pins"), "0");
    EXPECT_EQ(DayLog::figure(log.day(kMidnight), "orders"), "0");
    EXPECT_EQ(DayLog::figure(log.day(kMidnight), "wrong_pins"), "!1");
}

TEST(day_report, a_void_is_taken_off_the_day_of_its_order_and_listed_on_its_own) {
    DayLog log;
    log.order(OrderKind::open_account, 1, 1000);
    log.now = kMidnight + base::kHour;
    log.status(0);
    log.voided(OrderKind::open_account, 1, 1000);
    EXPECT_THAT(log.rows("sales"), ElementsAre(ElementsAre("s-1", "1", "10.00", "1", "10.00", "0.00", "0.00", "0")));
    EXPECT_THAT(log.rows("voids"), IsEmpty());
    EXPECT_THAT(DayLog::rows(log.day(kMidnight), "sales"), IsEmpty());
    const auto voids = DayLog::rows(log.day(kMidnight), "voids");
    ASSERT_THAT(voids, SizeIs(1));
    EXPECT_THAT(voids[0][0], "01:00:00");
    EXPECT_THAT(voids[0][5], "2025-11-22 14:00") << "the order's own time, with its date";
}

TEST(day_report, issuance_and_revocations_name_who_did_what) {
    DayLog log;
    log.add(Event(EventType::ukey_state_changed).text(Field::ukey, "U1").value(Field::action, model::UkeyAction::revoke).value(Field::state_from, model::UkeyState::issued).value(Field::state_to, model::UkeyState::revoked).text(Field::reason, "stolen").text(Field::actor, "uid 1000 (pid 77)"));
    EXPECT_THAT(log.rows("issued"), SizeIs(2));
    EXPECT_EQ(log.rows("issued")[0][5], "Li Wei");
    const auto changes = log.rows("changes");
    ASSERT_THAT(changes, SizeIs(3)) << "two grants, one revocation";
    EXPECT_THAT(changes[2], ElementsAre("14:00:00", "7", "U1", "revoke", "revoked", "stolen", "uid 1000"));
}

TEST(day_report, wrong_pins_are_counted_by_ukey_and_account) {
    DayLog log;
    for (int i = 0; i < 3; ++i) log.add(Event(EventType::pin_failed).text(Field::ukey, "U1").number(Field::wrong_pins, static_cast<unsigned>(i + 1)));
    log.add(Event(EventType::pin_failed).text(Field::ukey, "U2").text(Field::account, "shop"));
    log.add(Event(EventType::pin_locked).text(Field::ukey, "U1"));
    log.add(Event(EventType::pin_failed));
    EXPECT_THAT(log.rows("pin_failures"), ElementsAre(ElementsAre("U1", "3", "1", "14:00:00"), ElementsAre("account shop", "1", "0", "14:00:00"), ElementsAre("not known", "1", "0", "14:00:00")));
    EXPECT_EQ(DayLog::figure(log.day(), "wrong_pins"), "!5");
    EXPECT_EQ(DayLog::figure(log.day(), "locked"), "!1");
}

TEST(day_report, refusals_of_one_kind_are_one_line_and_floods_count_in_full) {
    DayLog log;
    for (int i = 0; i < 2; ++i) log.add(Event(EventType::denied).text(Field::station, "s-1").text(Field::request, "encrypt").text(Field::rule, "operation"));
    log.add(Event(EventType::session_refused).text(Field::station, "s-1").text(Field::code, "wrong_pin"));
    log.add(Event(EventType::denials_coalesced).number(Field::denials, 40).time(Field::first_at, kDayOne).time(Field::last_at, kDayOne).text(Field::station, "s-1").text(Field::request, "encrypt").text(Field::rule, "operation"));
    EXPECT_THAT(log.rows("denials"), ElementsAre(ElementsAre("s-1", "encrypt", "operation", "42"), ElementsAre("s-1", "login", "wrong_pin", "1")));
    EXPECT_EQ(DayLog::figure(log.day(), "refusals"), "43");
}

TEST(day_report, requests_wait_until_they_are_run_refused_or_over) {
    DayLog log;
    const auto ask = [&](std::uint64_t number, base::Millis until) {
        model::ApprovalRequest q;
        q.number = number;
        q.home = *base::UkeySerial::parse("P1");
        q.generation = 1;
        q.deed = model::Deed::rotate;
        q.by = "wang";
        q.made = log.now;
        q.expires = until;
        log.add(Event(EventType::request_made).number(Field::request_number, number).bytes(Field::statement, q.encode()));
    };
    const auto vote = [&](std::uint64_t number, bool agrees) {
        log.add(Event(EventType::request_voted).number(Field::request_number, number).text(Field::ukey, "O1").flag(Field::agrees, agrees).bytes(Field::signature, base::Bytes(64, 1)));
    };
    for (std::uint64_t n = 1; n <= 3; ++n) ask(n, log.now + base::kDay);
    ask(4, log.now + base::kMinute);
    vote(1, true);
    vote(2, false);
    log.add(Event(EventType::request_closed).number(Field::request_number, 3).value(Field::outcome, audit::Outcome::done));
    log.now = kMidnight + base::kHour;
    log.add(Event(EventType::request_closed).number(Field::request_number, 1).value(Field::outcome, audit::Outcome::done));
    const auto waiting = log.rows("open_requests");
    ASSERT_THAT(waiting, SizeIs(1)) << "2 was refused, 3 run, 4 is over; 1 was run on the next day";
    EXPECT_THAT(waiting[0], ElementsAre("1", "14:00:00", HasSubstr(std::string(model::phrase(model::Deed::rotate))), "wang", "1", "2025-11-23 14:00"));
    EXPECT_THAT(DayLog::rows(log.day(kMidnight), "open_requests"), IsEmpty());
}

TEST(day_report, a_hold_of_before_still_stands) {
    DayLog log;
    log.add(Event(EventType::station_held).text(Field::station, "s-1").number(Field::count, 50).number(Field::amount, 100).number(Field::minutes, 5));
    log.now = kMidnight + base::kHour;
    log.add(Event(EventType::service_started).text(Field::version, "1"));
    EXPECT_THAT(DayLog::rows(log.day(), "holds"), SizeIs(1));
    const DayReport next = log.day(kMidnight);
    ASSERT_THAT(DayLog::rows(next, "holds"), SizeIs(1));
    EXPECT_THAT(DayLog::rows(next, "holds")[0][2], HasSubstr("still held"));
    EXPECT_EQ(DayLog::figure(next, "held"), "!1");
    log.add(Event(EventType::station_released).text(Field::station, "s-1").text(Field::reason, "looked at"));
    EXPECT_EQ(DayLog::figure(log.day(kMidnight), "held"), "0");
}

TEST(day_report, what_ought_not_to_be_stands_under_alarms) {
    DayLog log;
    log.add(Event(EventType::clock_jump).time(Field::previous, kDayOne));
    log.add(Event(EventType::copy_suspected).text(Field::ukey, "U1"));
    log.add(Event(EventType::intent_concluded).number(Field::intent, 1).value(Field::outcome, audit::Outcome::unknown));
    log.add(Event(EventType::intent_concluded).number(Field::intent, 1).value(Field::outcome, audit::Outcome::done));
    log.add(Event(EventType::log_verified).number(Field::size, 9).bytes(Field::root, base::Bytes(32, 7)).number(Field::findings, 2));
    log.add(Event(EventType::status_checked).number(Field::meter, kMeter).flag(Field::genuine, true).text(Field::contradiction, "more than was sold"));
    log.add(Event(EventType::configuration).text(Field::note, "card.voids = true"));
    EXPECT_THAT(log.rows("alarms"), SizeIs(5));
    EXPECT_THAT(log.rows("service"), SizeIs(1));
    EXPECT_EQ(DayLog::figure(log.day(), "alarms"), "!5");
}

TEST(day_report, an_empty_day_has_nothing_and_says_so) {
    DayLog log;
    log.now = kMidnight + base::kHour;
    log.order(OrderKind::open_account, 1, 1000);
    const DayReport empty = log.day(kMidnight + base::kDay);
    for (const audit::Section& s : empty.sections) EXPECT_THAT(s.rows, IsEmpty()) << s.key;
    EXPECT_EQ(DayLog::figure(empty, "events"), "0");
}

// ---- from an export

struct FromExport : ::testing::Test {
    TemporaryFolder folder;
    std::string path = folder.file("log.kmpaudit");
    DayLog log;
    base::Result<audit::DayReportPage> report(const base::Bytes& bytes, const std::string& day = "") {
        std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        KMP_TRY(auto file, audit::ExportFile::open(path));
        return audit::report_day(file, {}, day);
    }
};

TEST_F(FromExport, the_verdict_is_of_the_bytes_that_the_figures_are_of) {
    log.order(OrderKind::open_account, 1, 1000);
    base::Bytes bytes = log.exported();
    const auto good = report(bytes);
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_TRUE(good->verdict.sound);
    EXPECT_EQ(good->report.date, "2025-11-22");
    EXPECT_EQ(good->report.utility, "Test Utility");
    EXPECT_EQ(good->checkpoint, log.note());
    const auto document = nlohmann::json::parse(audit::in_json(*good));
    EXPECT_EQ(document["figures"]["net_fen"], 1000);
    EXPECT_EQ(document["sales"][0]["station"], "s-1");
    EXPECT_EQ(document["verification"]["sound"], true);
    bytes[bytes.size() / 2] ^= 1;
    const auto bent = report(bytes);
    ASSERT_TRUE(bent) << bent.error().message;
    EXPECT_FALSE(bent->verdict.sound);
}

TEST_F(FromExport, a_file_that_changes_between_the_two_readings_is_refused) {
    const base::Bytes bytes = log.exported();
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    auto file = audit::ExportFile::open(path);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->verify({}));
    log.order(OrderKind::open_account, 1, 1000);
    const base::Bytes other = log.exported();
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(other.data()), static_cast<std::streamsize>(other.size()));
    const auto done = file->each([](const audit::Record&) {});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, base::Code::tampered);
}

TEST_F(FromExport, a_day_that_the_log_has_not_reached_is_refused) {
    EXPECT_FALSE(report(log.exported(), "2025-11-23"));
    EXPECT_FALSE(report(log.exported(), "yesterday"));
    EXPECT_TRUE(report(log.exported(), "2025-11-22"));
    EXPECT_FALSE(report({1, 2, 3}));
}

TEST_F(FromExport, a_pipe_cannot_be_read_twice) {
    const auto pipe = audit::ExportFile::open("/dev/null");
    ASSERT_FALSE(pipe);
    EXPECT_EQ(pipe.error().code, base::Code::invalid_argument);
}

}  // namespace
