// The page Reports against a real kmpd: a day on paper, exports, comparisons. And its figures without one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QFileDialog>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPrinter>
#include <QPushButton>
#include <QRadioButton>
#include <QRegularExpression>
#include <QSettings>
#include <QTabWidget>
#include <QTest>

#include "tests/ui/platform.h"
#include "ui/parts/words.h"
#include "ui/review/chart_pane.h"
#include "ui/review/kept.h"
#include "ui/review/log_writer.h"
#include "ui/review/pdf_view.h"
#include "ui/review/printing.h"
#include "ui/review/review_page.h"
#include "ui/review/tally.h"
#include "ui/review/verdict.h"

using State = ui::link::Link::State;
using ui::review::FiguresModel;
using ui::review::Paper;
using ui::review::Tally;
using ui::review::Utility;

namespace {

constexpr int kPatience = 60000;

/// The window on its page Reports, with one of its tabs in front.
struct ReportsDesk : Desk {
    ReportsDesk(const Platform& platform, const QString& tab) : Desk(platform) {
        qputenv("KMP_BIN_DIR", KMP_BIN_DIR);
        EXPECT_TRUE(comes_to(State::open));
        window().go_to(QStringLiteral("reports"), tab);
    }
    /// Waits until it can be clicked, and clicks it.
    void push(const QString& name) {
        ASSERT_TRUE(QTest::qWaitFor([&] {
            auto* b = find<QPushButton>(name);
            return b != nullptr && b->isEnabled();
        }, kPatience)) << name.toStdString();
        // Where it lies in a scroll area it may be out of sight.
        find<QPushButton>(name)->click();
    }
    /// Gives a file dialog its answer.
    void choose(const QString& file) {
        QDialog* open = dialog();
        ASSERT_NE(qobject_cast<QFileDialog*>(open), nullptr);
        open->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))->setText(file);
        open->accept();
    }
};

QByteArray content(const QString& path) {
    QFile file(path);
    EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << path.toStdString();
    return file.readAll();
}

QStringList reports_in_tmp() { return QDir(QDir::tempPath()).entryList({QStringLiteral("kmp-report-*")}); }

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

TEST(Reports, a_day_is_made_shown_page_by_page_and_saved_and_leaves_nothing_behind) {
    Platform platform("auditor");
    const QStringList before = reports_in_tmp();
    ReportsDesk desk(platform, QStringLiteral("report"));
    EXPECT_FALSE(desk.find<QPushButton>("save_report")->isEnabled()) << "there is no report yet";
    desk.push("make_report");
    ASSERT_TRUE(desk.says("The log is sound.", kPatience));
    EXPECT_TRUE(desk.says("is not over"));
    auto* pages = desk.find<ui::review::PdfView>("pages");
    ASSERT_NE(pages, nullptr);
    ASSERT_TRUE(pages->paper());
    EXPECT_TRUE(QTest::qWaitFor([&] { return !desk.find<QLabel>("sheet")->pixmap(Qt::ReturnByValue).isNull(); }, kPatience));
    QString text;
    for (int p = 0; p < pages->paper()->pages(); ++p) text += pages->paper()->text(p);
    EXPECT_TRUE(text.contains("Test Utility"));
    // A serial may be broken where its column ends.
    EXPECT_TRUE(text.remove(QRegularExpression("\\s")).contains(platform.serial("auditor"))) << "it was issued today";
    EXPECT_TRUE(QTest::qWaitFor([&] { return reports_in_tmp() == before; }, kPatience));

    const QString file = platform.folder() + "/day.pdf";
    desk.push("save_report");
    desk.choose(file);
    ASSERT_TRUE(desk.says("The report is in", kPatience));
    EXPECT_EQ(content(file), pages->paper()->bytes());
    EXPECT_EQ(QFile(file).permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());

    QPrinter printer(QPrinter::HighResolution);
    printer.setOutputFormat(QPrinter::PdfFormat);
    printer.setPageSize(QPageSize(QPageSize::A4));
    printer.setResolution(150);
    printer.setOutputFileName(platform.folder() + "/printed.pdf");
    bool printed = false;
    auto* job = new ui::review::Printing(pages->paper(), printer, nullptr);
    QObject::connect(job, &ui::review::Printing::over, [&](bool well) { printed = well; });
    job->start();
    ASSERT_TRUE(QTest::qWaitFor([&] { return printed; }, kPatience));
    EXPECT_EQ(Paper(content(platform.folder() + "/printed.pdf")).pages(), pages->paper()->pages());
}

TEST(Reports, a_cancelled_report_leaves_nothing_of_the_log) {
    Platform platform("auditor");
    const QStringList before = reports_in_tmp();
    ReportsDesk desk(platform, QStringLiteral("report"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("make_report")->isEnabled(); }, kPatience));
    desk.link().hold_reading(true);
    desk.push("make_report");
    EXPECT_NE(reports_in_tmp(), before);
    EXPECT_FALSE(desk.find<QPushButton>("make_report")->isEnabled());
    desk.push("cancel");
    EXPECT_TRUE(desk.says("It was cancelled."));
    desk.link().hold_reading(false);
    EXPECT_TRUE(QTest::qWaitFor([&] { return reports_in_tmp() == before; }, kPatience));
    EXPECT_TRUE(desk.find<QPushButton>("make_report")->isEnabled());
}

TEST(Reports, an_export_is_written_and_verified_and_a_changed_one_is_not_sound) {
    Platform platform("auditor");
    ReportsDesk desk(platform, QStringLiteral("export"));
    const QString file = platform.folder() + "/log.kmpaudit";
    desk.push("export");
    desk.choose(file);
    ASSERT_TRUE(desk.says("The export is in", kPatience));
    EXPECT_EQ(QFile(file).permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
    desk.push("verify");
    ASSERT_TRUE(desk.says("Sound: all", kPatience));
    EXPECT_TRUE(desk.says("Compare its fingerprint"));

    // The checkpoint that is kept is newer then: that is no flaw of the file.
    platform.ctl({"audit", "checkpoint", platform.folder() + "/newer.note"});
    {
        ui::link::Link other(platform.address());
        other.start();
        ASSERT_TRUE(QTest::qWaitFor([&] { return other.state() == State::open; }, kPatience));
        QTest::qWait(200);
    }
    desk.push("verify");
    ASSERT_TRUE(desk.says("Sound: all", kPatience));

    QByteArray bytes = content(file);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    QFile other(platform.folder() + "/changed.kmpaudit");
    ASSERT_TRUE(other.open(QIODevice::WriteOnly));
    other.write(bytes);
    other.close();
    desk.push("verify_other");
    desk.choose(other.fileName());
    EXPECT_TRUE(desk.says("NOT SOUND", kPatience));
}

TEST(Reports, an_export_for_an_auditor_alone_says_where_it_can_be_opened_and_none_is_made_without_one) {
    Platform platform("auditor");
    ReportsDesk desk(platform, QStringLiteral("export"));
    desk.find<QRadioButton>("sealed")->click();
    auto* auditors = QTest::qWaitFor([&] { return desk.find<QListWidget>("auditors") != nullptr; }, kPatience) ? desk.find<QListWidget>("auditors") : nullptr;
    ASSERT_NE(auditors, nullptr);
    EXPECT_TRUE(desk.says("Choose at least one auditor UKEY."));
    EXPECT_FALSE(desk.find<QPushButton>("export")->isEnabled());
    auditors->item(0)->setCheckState(Qt::Checked);
    const QString file = platform.folder() + "/sealed.kmpaudit";
    desk.push("export");
    desk.choose(file);
    ASSERT_TRUE(desk.says("Only " + platform.serial("auditor") + " can open it", kPatience));
    EXPECT_FALSE(content(file).contains("Test Utility"));
}

TEST(Reports, a_cancelled_export_leaves_no_file) {
    Platform platform("auditor");
    ReportsDesk desk(platform, QStringLiteral("export"));
    const QString file = platform.folder() + "/cancelled.kmpaudit";
    desk.push("export");
    QDialog* open = desk.dialog();
    open->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))->setText(file);
    // Before the service can have answered.
    desk.link().hold_reading(true);
    open->accept();
    desk.push("cancel");
    ASSERT_TRUE(desk.says("The export was cancelled. No file was left.", kPatience));
    desk.link().hold_reading(false);
    EXPECT_FALSE(QFile::exists(file));
    EXPECT_FALSE(QFile::exists(file + ".part"));
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("export")->isEnabled(); }, kPatience)) << "and the next can be made";
}

TEST(Reports, an_export_that_cannot_be_written_says_why) {
    Platform platform("auditor");
    ReportsDesk desk(platform, QStringLiteral("export"));
    QDir().mkpath(platform.folder() + "/gone");
    desk.push("export");
    QDialog* open = desk.dialog();
    open->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))->setText(platform.folder() + "/gone/log.kmpaudit");
    // A folder in the place of the file that is written beside.
    QDir().mkpath(platform.folder() + "/gone/log.kmpaudit.part");
    open->accept();
    EXPECT_TRUE(desk.says("cannot write", kPatience));
}

TEST(Reports, an_earlier_checkpoint_holds_and_one_of_another_platform_is_refused) {
    Platform platform("auditor");
    const QString mine = platform.folder() + "/mine.note";
    platform.ctl({"audit", "checkpoint", mine});
    ReportsDesk desk(platform, QStringLiteral("compare"));
    auto* text = desk.find<QPlainTextEdit>("earlier");
    ASSERT_NE(text, nullptr);
    EXPECT_FALSE(desk.find<QPushButton>("compare")->isEnabled()) << "there is nothing to compare with";
    text->setPlainText("not a checkpoint");
    EXPECT_TRUE(desk.says("This is no checkpoint"));
    EXPECT_FALSE(desk.find<QPushButton>("compare")->isEnabled());

    // As a scanner gives it.
    text->setPlainText(QString::fromUtf8(content(mine)).replace("\n", "\r\n") + "  \r\n");
    desk.push("compare");
    ASSERT_TRUE(desk.says("It holds: the log of today begins with all", kPatience));
    const QString proof = platform.folder() + "/growth.proof";
    desk.push("save_proof");
    desk.choose(proof);
    ASSERT_TRUE(desk.says("The proof is in", kPatience));
    EXPECT_GT(content(proof).size(), 100);

    // The same origin, for it was made once for all tests; but another log from some event on.
    {
        Platform other("initialised");
        other.ctl({"audit", "checkpoint", platform.folder() + "/other.note"});
    }
    text->setPlainText(QString::fromUtf8(content(platform.folder() + "/other.note")));
    desk.push("compare");
    EXPECT_TRUE(QTest::qWaitFor([&] {
        auto* verdict = desk.find<QLabel>("compare_verdict");
        return verdict != nullptr && (verdict->text() == "It does NOT hold." || verdict->text() == "It is of another log.");
    }, kPatience));
    EXPECT_FALSE(desk.find<QPushButton>("save_proof")->isEnabled());
}

TEST(Reports, what_this_computer_keeps_is_compared_and_a_key_that_is_not_the_logs_is_told) {
    Platform platform("auditor");
    ReportsDesk desk(platform, QStringLiteral("compare"));
    ASSERT_TRUE(QTest::qWaitFor([&] {
        desk.window().page("reports")->refresh();
        QTest::qWait(200);
        return desk.find<QRadioButton>("own")->isEnabled();
    }, kPatience));
    desk.find<QRadioButton>("own")->click();
    desk.push("compare");
    ASSERT_TRUE(desk.says("It holds", kPatience));
    desk.find<QLineEdit>("key")->setText("other.example/log+36fc1a8b+AYPzRP2PLJvQLjNbPlbvZ7bgkSmUXYjVYyCfsRwTa7QG");
    desk.push("compare");
    EXPECT_TRUE(desk.says("a proof that this key does not confirm", kPatience));
}

TEST(Reports, a_checkpoint_is_shown_to_take_away) {
    Platform platform("auditor");
    ReportsDesk desk(platform, QStringLiteral("compare"));
    desk.push("sign");
    ASSERT_TRUE(desk.says("A checkpoint over", kPatience));
    const auto note = ui::review::note_of(desk.find<QPlainTextEdit>("note")->toPlainText().toStdString());
    ASSERT_TRUE(note);
    EXPECT_GT(note->size, 10u);
    EXPECT_TRUE(desk.says("Its key: " + QString::fromStdString(note->origin)));
}

TEST(Reports, charts_count_what_the_log_says_beside_a_table_of_the_same) {
    Platform platform("auditor");
    ReportsDesk desk(platform, QStringLiteral("charts"));
    ASSERT_TRUE(desk.says("events read", kPatience));
    auto* pane = desk.find<ui::review::ChartPane>("issued");
    ASSERT_NE(pane, nullptr);
    const FiguresModel* model = pane->model();
    const int last = model->rowCount() - 1;
    EXPECT_EQ(model->rowCount(), 30);
    EXPECT_GE(model->index(last, 1).data().toInt(), 3);
    EXPECT_EQ(model->index(last, 2).data().toInt(), 0);
    EXPECT_TRUE(desk.says("Nothing was sold in this period."));
}

TEST(Reports, a_log_for_auditors_alone_is_shown_to_whoever_logs_in) {
    Platform platform("auditor");
    QFile config(platform.home() + "/kmp.toml");
    ASSERT_TRUE(config.open(QIODevice::Append));
    config.write("\n[audit]\nauditor_only = true\n");
    config.close();
    platform.stop();
    platform.start();
    platform.unseal();
    ReportsDesk desk(platform, QStringLiteral("charts"));
    ASSERT_TRUE(desk.says("The log of this platform is for auditors alone.", kPatience));
    Desk::click(desk.find<QWidget>("login"));
    Desk::type((desk.dialog(), desk.find<QWidget>("pin_auditor")), Platform::pin("auditor"));
    Desk::click(desk.dialog()->findChild<QPushButton*>("act"));
    EXPECT_TRUE(desk.says("events read", kPatience));
}

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
    EXPECT_EQ(s.sold, 5300);
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
    EXPECT_EQ(tally.sales().at("").sold, 0);
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
}

TEST(Verdict, that_is_not_sound_names_what_was_found) {
    const auto v = ui::review::verdict_of_export(R"({"sound":false,"finding_count":9,"findings":[{"rule":"changed","message":"m","index":12}]})", {});
    EXPECT_EQ(v.tone, ui::parts::Tone::bad);
    EXPECT_TRUE(v.title.startsWith("NOT SOUND"));
    EXPECT_EQ(v.lines.front(), "Event 12, rule changed: m");
    const auto none = ui::review::verdict_of_export("", "no such file");
    EXPECT_EQ(none.tone, ui::parts::Tone::bad);
    EXPECT_EQ(none.lines.front(), "no such file");
}

TEST(Verdict, a_checkpoint_is_held_against_files_alone_that_reach_it) {
    const QByteArray range = R"({"sound":true,"first":256,"size":512})";
    EXPECT_FALSE(ui::review::lies_within(255, range));
    EXPECT_TRUE(ui::review::lies_within(256, range));
    EXPECT_TRUE(ui::review::lies_within(512, range));
    EXPECT_FALSE(ui::review::lies_within(513, range));
    EXPECT_TRUE(ui::review::lies_within(1, {}));
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
