// The figures, verdicts and files of the page Reports, without a service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <QDir>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <QThreadPool>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "ui/parts/words.h"
#include "ui/review/figures_model.h"
#include "ui/review/log_writer.h"
#include "ui/review/tally.h"
#include "ui/parts/verdict.h"

using ui::review::FiguresModel;
using ui::review::Tally;
using ui::review::Utility;

namespace {

constexpr int kPatience = 60000;

ui::link::pb::AuditEvent event(const char* type, const QString& time, QJsonObject fields) {
    ui::link::pb::AuditEvent out;
    out.set_type(type);
    out.set_time_ms(QDateTime::fromString(time, Qt::ISODateWithMs).toMSecsSinceEpoch());
    out.set_json(QJsonDocument(fields).toJson().toStdString());
    return out;
}

const Utility kUtility{QStringLiteral("U"), 480, 1};
const QDate kFrom(2026, 11, 22);
const QDate kUntil(2026, 11, 23);

}  // namespace

TEST(Tally, counts_sales_as_the_daily_report_does) {
    Tally tally(kUtility, kFrom, kUntil);
    const auto order = [](const char* kind, qint64 fen, const char* at) { return QJsonObject{{"station", "s-1"}, {"operation", "recharge"}, {"order_kind", kind}, {"amount", fen}, {"happened_at", at}}; };
    tally.add(event("order", "2026-11-22T10:00:00.010Z", order("recharge", 5000, "2026-11-22T10:00:00.000Z")));
    tally.add(event("order", "2026-11-22T10:00:01.010Z", order("refund", 700, "2026-11-22T10:00:01.000Z")));
    // 00:00 of the next day there, permitted a moment before.
    tally.add(event("order", "2026-11-23T16:00:00.010Z", order("recharge", 300, "2026-11-23T15:59:59.990Z")));
    tally.add(event("order", "2026-11-23T16:00:00.010Z", order("recharge", 9999, "2026-11-23T16:00:00.000Z")));
    // Voided days later, and of an order of before.
    QJsonObject voided = order("recharge", 300, "2026-11-25T01:00:00.000Z");
    voided["made_at"] = "2026-11-23T15:59:59.990Z";
    tally.add(event("order_voided", "2026-11-25T01:00:00.010Z", voided));
    voided["made_at"] = "2026-11-20T00:00:00.000Z";
    tally.add(event("order_voided", "2026-11-22T01:00:00.010Z", voided));
    ASSERT_EQ(tally.sales().size(), 1u);
    const auto& s = tally.sales().at("s-1");
    EXPECT_EQ(s.orders, 3u);
    EXPECT_EQ(s.gross, 5300);
    EXPECT_EQ(s.refunded, 700);
    EXPECT_EQ(s.voids, 1u);
    EXPECT_EQ(s.net(), 5300 - 700 - 300);
}

TEST(Tally, counts_denials_by_code_and_those_of_a_flood_as_many_as_they_were) {
    Tally tally(kUtility, kFrom, kUntil);
    tally.add(event("denied", "2026-11-22T10:00:00.000Z", {{"code", "refused"}}));
    tally.add(event("denials_coalesced", "2026-11-23T10:00:00.000Z", {{"code", "refused"}, {"denials", 40}}));
    tally.add(event("session_refused", "2026-11-23T10:00:00.000Z", {{"rule", "hours"}}));
    tally.add(event("denied", "2026-11-23T16:00:00.000Z", {{"code", "refused"}}));  // the day after
    EXPECT_THAT(tally.denials().at("refused"), testing::ElementsAre(1, 40));
    EXPECT_THAT(tally.denials().at("hours"), testing::ElementsAre(0, 1));
}

TEST(Tally, takes_weeks_and_months_for_what_days_would_not_show) {
    EXPECT_EQ(Tally(kUtility, kFrom, kFrom.addDays(30)).bins().size(), 31u);
    const Tally weeks(kUtility, kFrom, kFrom.addDays(89));
    EXPECT_EQ(weeks.step(), Tally::Step::week);
    EXPECT_EQ(weeks.bins().size(), 13u);
    const Tally year(kUtility, QDate(2026, 1, 15), QDate(2026, 12, 3));
    EXPECT_EQ(year.step(), Tally::Step::month);
    EXPECT_EQ(year.bins().size(), 12u);
}

TEST(Tally, an_event_that_is_no_json_counts_for_nothing_else) {
    Tally tally(kUtility, kFrom, kUntil);
    ui::link::pb::AuditEvent odd = event("order", "2026-11-22T10:00:00.000Z", {});
    odd.set_json("{\"amount\":");
    tally.add(odd);
    EXPECT_EQ(tally.sales().at("").gross, 0);
}

TEST(Utility, counts_days_by_the_offset_of_the_log) {
    const Utility u = Utility::of(5, R"({"utility":"U","day_offset":"-03:30"})");
    EXPECT_EQ(u.zone(), "UTC-03:30");
    const auto at = QDateTime::fromString("2026-11-22T03:29:59.999Z", Qt::ISODateWithMs).toMSecsSinceEpoch();
    EXPECT_EQ(u.day_of(at), QDate(2026, 11, 21));
    EXPECT_EQ(u.day_of(at + 1), QDate(2026, 11, 22));
    EXPECT_EQ(u.start(QDate(2026, 11, 22)), at + 1);
}

TEST(Figures, a_spreadsheet_gets_no_formula_and_numbers_without_separators) {
    FiguresModel model(nullptr);
    model.set({{"Station"}, {"Orders"}, {"Net", true}}, {{"=1+1", {1200, -123456}}, {"a,\"b\"", {1, 5}}});
    EXPECT_EQ(model.csv(), "Station,Orders,Net\r\n'=1+1,1200,-1234.56\r\n\"a,\"\"b\"\"\",1,0.05\r\n");
    EXPECT_EQ(model.index(0, 1).data().toString(), ui::parts::number(1200));
    EXPECT_EQ(model.tabbed().count('\t'), 6);
    model.set_note("=not verified");
    EXPECT_TRUE(model.csv().endsWith("\r\n'=not verified,,\r\n")) << "as many cells as everywhere";
    EXPECT_TRUE(model.tabbed().endsWith("\n=not verified\n"));
}

TEST(Verdict, that_is_not_sound_names_what_was_found) {
    const auto v = ui::parts::verdict_of_export(R"({"sound":false,"finding_count":9,"findings":[{"rule":"changed","message":"m","index":12}]})", {});
    EXPECT_EQ(v.tone, ui::parts::Tone::bad);
    EXPECT_TRUE(v.title.startsWith("THE LOG IS NOT SOUND"));
    EXPECT_EQ(v.lines.front(), "Event 12, rule changed: m");
    const auto none = ui::parts::verdict_of_export("", "no such file");
    EXPECT_EQ(none.tone, ui::parts::Tone::bad);
    EXPECT_EQ(none.lines.front(), "no such file");
}

TEST(Verdict, of_a_file_that_ends_before_what_was_seen_is_no_plain_yes) {
    const QByteArray json = R"({"sound":true,"origin":"o","first":0,"size":10,"checkpoint_given_size":null,"trust_anchor_sha256":"abcd","trust_anchor_from_export":false,"rules_replayed":true})";
    const auto v = ui::parts::verdict_of_export(json, {}, {12, 1, "o"});
    EXPECT_EQ(v.tone, ui::parts::Tone::attention);
    EXPECT_TRUE(v.lines.front().startsWith("This computer has seen 12 events")) << v.lines.front().toStdString();
    EXPECT_TRUE(v.lines.join(' ').contains("that you gave: abcd"));
    EXPECT_EQ(ui::parts::verdict_of_export(json, {}, {10, 1, "o"}).tone, ui::parts::Tone::good);
    const auto other = ui::parts::verdict_of_export(json, {}, {10, 1, "p"});
    EXPECT_EQ(other.tone, ui::parts::Tone::attention);
    EXPECT_TRUE(other.lines.front().startsWith("It is of the log o,"));
}

TEST(Verdict, that_the_service_disowns_a_checkpoint_is_its_word_and_an_alarm_where_the_key_holds) {
    for (const auto code : {base::Code::key_invalid, base::Code::invalid_argument}) {
        EXPECT_TRUE(ui::parts::verdict_of_refusal({code, "m", 0}, true).title.startsWith("ALARM"));
        const auto v = ui::parts::verdict_of_refusal({code, "m", 0}, false);
        EXPECT_TRUE(v.title.startsWith("The service says"));
        EXPECT_TRUE(v.lines.join(' ').contains("this is an alarm"));
    }
}

TEST(Verdict, a_checkpoint_is_held_against_files_alone_that_reach_it) {
    const QByteArray range = R"({"sound":true,"first":256,"size":512})";
    EXPECT_FALSE(ui::parts::lies_within(255, range));
    EXPECT_TRUE(ui::parts::lies_within(256, range));
    EXPECT_TRUE(ui::parts::lies_within(512, range));
    EXPECT_FALSE(ui::parts::lies_within(513, range));
    EXPECT_TRUE(ui::parts::lies_within(1, {}));
}

TEST(Verdict, a_checkpoint_that_was_given_and_lies_beside_the_file_is_no_flaw_of_the_log) {
    using ui::parts::Beside;
    const auto found = [](const char* first, const char* size, const char* findings) { return QByteArray(R"({"sound":false,"origin":"o","first":)") + first + R"(,"size":)" + size + R"(,"checkpoint_given_size":null,"trust_anchor_sha256":"abcd","rules_replayed":false,"finding_count":)" + findings + R"(})"; };
    const char* const one = R"(1,"findings":[{"rule":"checkpoint","message":"m"}])";
    const ui::parts::Seen given{.given = ui::parts::Note{"", "o", 352, ""}};
    const auto before = ui::parts::verdict_of_export(found("354", "400", one), {}, given);
    EXPECT_EQ(before.tone, ui::parts::Tone::attention);
    EXPECT_TRUE(before.title.startsWith("Not held against your checkpoint")) << before.title.toStdString();
    EXPECT_TRUE(before.lines.join(' ').contains("Sound: the events from 354 to 399"));
    EXPECT_EQ(before.line, "m");
    const auto behind = ui::parts::verdict_of_export(found("0", "350", one), {}, given);
    EXPECT_EQ(behind.tone, ui::parts::Tone::attention);
    EXPECT_TRUE(behind.title.startsWith("This file ends before your checkpoint"));
    EXPECT_TRUE(behind.lines.join(' ').contains("section 10"));

    for (const char* first : {"0", "352"}) EXPECT_EQ(ui::parts::verdict_of_export(found(first, "400", one), {}, given).tone, ui::parts::Tone::bad) << "it lies within, and does not fit";
    const char* const two = R"(2,"findings":[{"rule":"checkpoint","message":"m"},{"rule":"root","message":"n"}])";
    EXPECT_EQ(ui::parts::lies_beside(given.given, found("354", "400", two)), Beside::no);
    EXPECT_EQ(ui::parts::verdict_of_export(found("354", "400", two), {}, given).tone, ui::parts::Tone::bad) << "the file has flaws of its own";
    EXPECT_EQ(ui::parts::verdict_of_export(found("354", "400", one), {}, {.given = ui::parts::Note{"", "p", 352, ""}}).tone, ui::parts::Tone::bad) << "of another log";
    EXPECT_EQ(ui::parts::verdict_of_export(found("354", "400", one), {}, {}).tone, ui::parts::Tone::bad);

    const auto report = [&](bool sound) { return QByteArray(R"({"origin":"o","day":"2026-11-22","over":true,"verification":{"sound":)") + (sound ? "true" : "false") + R"(,"first":354,"size":400,"earlier_checkpoint_size":null,"finding_count":)" + (sound ? "0" : one) + "}}"; };
    EXPECT_EQ(ui::parts::lies_beside(given.given, report(false)), Beside::before);
    const auto made = ui::parts::verdict_of_report(report(true), {}, given);
    EXPECT_EQ(made.tone, ui::parts::Tone::attention);
    EXPECT_TRUE(made.title.startsWith("Not held against your checkpoint"));
    EXPECT_TRUE(made.lines.join(' ').contains("The log is sound."));
}

TEST(Writer, holds_back_whoever_is_faster_and_leaves_nothing_when_it_goes_early) {
    QTemporaryDir folder;
    const QString file = folder.filePath("log");
    bool room = false;
    std::optional<std::uint64_t> bytes;
    QObject home;
    {
        ui::review::LogWriter writer(&home, file.toStdString(), [&] { room = true; }, [&](base::Result<std::uint64_t> done) { bytes = done ? *done : 0; });
        std::size_t waiting = 0;
        std::size_t sent = 0;
        // Until the disk is behind, or plainly never will be.
        while (waiting <= ui::review::LogWriter::kMuch && sent < (64u << 20)) sent += 1 << 20, waiting = writer.add(std::string(1 << 20, 'x'));
        if (waiting > ui::review::LogWriter::kMuch) { EXPECT_TRUE(QTest::qWaitFor([&] { return room; }, kPatience)); }
        writer.finish();
        ASSERT_TRUE(QTest::qWaitFor([&] { return bytes.has_value(); }, kPatience));
        EXPECT_EQ(*bytes, sent);
        EXPECT_EQ(QFileInfo(file).size(), static_cast<qint64>(sent));
    }
    QFile::remove(file);
    {
        ui::review::LogWriter writer(&home, file.toStdString(), [] {}, [](base::Result<std::uint64_t>) { ADD_FAILURE() << "nobody waits for it"; });
        writer.add("half");
    }
    QTest::qWait(20);
    EXPECT_TRUE(QDir(folder.path()).isEmpty());
}

TEST(Writer, that_is_stopped_leaves_nothing_or_says_that_the_file_is_there) {
    QTemporaryDir folder;
    const QString file = folder.filePath("log");
    QObject home;
    // Before the end, and at it: sooner or later than the file gets its name.
    for (int round = 0; round < 60; ++round) {
        std::optional<base::Result<std::uint64_t>> said;
        auto writer = std::make_unique<ui::review::LogWriter>(&home, file.toStdString(), [] {}, [&](base::Result<std::uint64_t> done) { said = done; });
        writer->add(std::string(1000, 'x'));
        if (round > 0) writer->finish();
        if (round > 2) std::this_thread::sleep_for(std::chrono::microseconds(round * 20));
        writer->stop();
        ASSERT_TRUE(QTest::qWaitFor([&] { return said.has_value(); }, kPatience));
        if (!*said) { EXPECT_EQ(said->error().code, base::Code::cancelled); }
        EXPECT_EQ(QFile::exists(file), said->ok()) << round;
        if (round == 0) { EXPECT_FALSE(*said); }
        ui::review::LogWriter::leave(std::move(writer));
        QFile::remove(file);
        EXPECT_TRUE(QDir(folder.path()).isEmpty()) << round;
    }
}

TEST(Writer, that_is_left_keeps_nobody_waiting_and_tells_nobody) {
    QTemporaryDir folder;
    const QString pipe = folder.filePath("pipe");
    ASSERT_EQ(mkfifo(pipe.toUtf8().constData(), 0600), 0);
    QObject home;
    auto writer = std::make_unique<ui::review::LogWriter>(&home, pipe.toStdString(), [] {}, [](base::Result<std::uint64_t>) { ADD_FAILURE() << "nobody waits for it"; }, base::OutputFile::open);
    QElapsedTimer took;
    took.start();
    // It stands at the pipe, that nobody reads.
    ui::review::LogWriter::leave(std::move(writer));
    EXPECT_LT(took.elapsed(), 1000);
    QFile reader(pipe);
    ASSERT_TRUE(reader.open(QIODevice::ReadOnly));
    QThreadPool::globalInstance()->waitForDone();
    QTest::qWait(20);
}
