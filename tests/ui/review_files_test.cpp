// What the page Reports writes and prints, what it refuses, and what outlives a change of the language.
#include <gtest/gtest.h>

#include <QCheckBox>
#include <QDateEdit>
#include <QJsonArray>
#include <QJsonObject>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPrintDialog>
#include <QPrinter>
#include <optional>

#include "tests/ui/reports_desk.h"
#include "ui/parts/note.h"
#include "ui/parts/verified.h"
#include "ui/review/log_file.h"
#include "ui/review/pdf_view.h"
#include "ui/window/page.h"

using ui::review::Paper;

namespace {

constexpr int kPatience = kReportsPatience;
const QFile::Permissions kOthers = QFile::ReadGroup | QFile::ReadOther;

}  // namespace

TEST(ReportFiles, a_report_is_saved_and_printed_by_clicks_and_a_place_that_takes_nothing_is_told) {
    Platform platform("auditor");
    ReportsDesk desk(platform, QStringLiteral("report"));
    EXPECT_TRUE(desk.says("There is no report yet.")) << "said where it can be read, not in a tooltip alone";
    desk.push("make_report");
    ASSERT_TRUE(desk.says("The log is sound.", kPatience));
    auto* pages = desk.find<ui::review::PdfView>("pages");
    ASSERT_TRUE(QTest::qWaitFor([&] { return pages->paper() != nullptr; }, kPatience));

    desk.push("save_report");
    desk.choose(kNoPlace + "/day.pdf");
    EXPECT_TRUE(desk.says("day.pdf", kPatience));
    EXPECT_FALSE(desk.says("The report is in", 0));
    const QString file = platform.folder() + "/day.pdf";
    desk.push("save_report");
    desk.choose(file);
    ASSERT_TRUE(desk.says("The report is in", kPatience));
    EXPECT_EQ(content(file), pages->paper()->bytes());

    const QString printed = platform.folder() + "/printed.pdf";
    desk.push("print_report");
    auto* dialog = qobject_cast<QPrintDialog*>(desk.dialog());
    ASSERT_NE(dialog, nullptr);
    dialog->printer()->setOutputFormat(QPrinter::PdfFormat);
    dialog->printer()->setResolution(100);
    dialog->printer()->setOutputFileName(printed);
    dialog->done(QDialog::Accepted);
    ASSERT_TRUE(desk.says("The report went to the printer.", kPatience));
    EXPECT_EQ(Paper(content(printed)).pages(), pages->paper()->pages());
    EXPECT_TRUE(desk.says("The log is sound.", 0)) << "what became of the paper does not take the verdict's place";
    const auto verified = ui::parts::last_verified(desk.link());
    ASSERT_TRUE(verified);
    EXPECT_TRUE(verified->sound && verified->by == ui::parts::Verified::By::report);

    desk.push("print_report");
    dialog = qobject_cast<QPrintDialog*>(desk.dialog());
    ASSERT_NE(dialog, nullptr);
    dialog->printer()->setOutputFormat(QPrinter::PdfFormat);
    dialog->printer()->setOutputFileName(kNoPlace + "/printed.pdf");
    dialog->done(QDialog::Accepted);
    EXPECT_TRUE(desk.says("The report was not printed.", kPatience));
    EXPECT_TRUE(desk.find<QPushButton>("print_report")->isEnabled()) << "another printer may take it";
}

TEST(ReportFiles, a_chart_s_table_is_saved_as_csv) {
    Platform platform("auditor");
    ReportsDesk desk(platform, QStringLiteral("charts"));
    ASSERT_TRUE(desk.says("events read", kPatience));
    desk.push("issued_csv");
    desk.choose(kNoPlace + "/issued.csv");
    EXPECT_TRUE(desk.says("cannot write", kPatience));
    const QString file = platform.folder() + "/issued.csv";
    desk.push("issued_csv");
    desk.choose(file);
    ASSERT_TRUE(desk.says("The table is in", kPatience));
    const QList<QByteArray> lines = content(file).trimmed().split('\n');
    EXPECT_EQ(lines.front().trimmed(), "Day,Issued,Revoked");
    EXPECT_EQ(lines.size(), 32);
    EXPECT_TRUE(lines.back().contains("not verified")) << "as the page says beside the chart";
    EXPECT_EQ(QFile(file).permissions() & kOthers, QFile::Permissions());
}

TEST(ReportFiles, a_checkpoint_and_its_key_are_saved_and_can_be_verified_with) {
    Platform platform("auditor");
    ReportsDesk desk(platform, QStringLiteral("compare"));
    desk.push("sign");
    ASSERT_TRUE(desk.says("A checkpoint over", kPatience));
    desk.push("save_note");
    desk.choose(kNoPlace + "/today.note");
    EXPECT_TRUE(desk.says("cannot write", kPatience));
    for (const auto& [button, file] : {std::pair{"save_note", "today.note"}, std::pair{"save_key", "log.key"}}) {
        desk.push(button);
        desk.choose(platform.folder() + QLatin1Char('/') + QLatin1String(file));
        ASSERT_TRUE(desk.says("It is in " + platform.folder() + QLatin1Char('/') + QLatin1String(file), kPatience));
    }
    EXPECT_EQ(QString::fromUtf8(content(platform.folder() + "/today.note")), desk.find<QPlainTextEdit>("note")->toPlainText());
    // The key by itself, as kmp-audit takes it.
    platform.ctl({"audit", "prove", "--since", platform.folder() + "/today.note", "-o", platform.folder() + "/growth.proof"});
    QProcess audit;
    audit.start(QStringLiteral(KMP_BIN_DIR "/kmp-audit"), {"verify-proof", platform.folder() + "/growth.proof", "--key", platform.folder() + "/log.key"});
    ASSERT_TRUE(QTest::qWaitFor([&] { return audit.state() == QProcess::NotRunning; }, kPatience));
    EXPECT_EQ(audit.exitCode(), 0) << audit.readAllStandardError().toStdString();
}

TEST(ReportFiles, what_was_made_and_found_is_there_in_the_other_language_too) {
    Platform platform("auditor");
    ReportsDesk desk(platform, QStringLiteral("report"));
    desk.push("make_report");
    ASSERT_TRUE(desk.says("The log is sound.", kPatience));
    desk.window().go_to(QStringLiteral("reports"), QStringLiteral("compare"));
    desk.push("sign");
    ASSERT_TRUE(desk.says("A checkpoint over", kPatience));
    const QString note = desk.find<QPlainTextEdit>("note")->toPlainText();
    desk.find<QPlainTextEdit>("earlier")->setPlainText(note);
    desk.push("compare");
    ASSERT_TRUE(desk.says("It holds", kPatience));
    desk.window().go_to(QStringLiteral("reports"), QStringLiteral("export"));
    desk.push("export");
    desk.choose(platform.folder() + "/log.kmpaudit");
    ASSERT_TRUE(desk.says("The export is in", kPatience));
    desk.push("verify");
    ASSERT_TRUE(desk.says("Sound: all", kPatience));

    desk.language().set(QStringLiteral("zh_CN"));
    const auto tab = [&](const char* name) { desk.window().go_to(QStringLiteral("reports"), QLatin1String(name)); };
    tab("report");
    ui::review::PdfView* pages = nullptr;
    ASSERT_TRUE(QTest::qWaitFor([&] { return (pages = desk.find<ui::review::PdfView>("pages")) != nullptr; }, kPatience));
    EXPECT_TRUE(pages->paper());
    desk.push("save_report");
    desk.choose(platform.folder() + "/day.pdf");
    EXPECT_TRUE(QTest::qWaitFor([&] { return QFile::exists(platform.folder() + "/day.pdf"); }, kPatience));
    tab("compare");
    ASSERT_NE(desk.find<QLabel>("compare_verdict"), nullptr);
    EXPECT_TRUE(desk.find<QPushButton>("save_proof")->isEnabled());
    EXPECT_EQ(desk.find<QPlainTextEdit>("note")->toPlainText(), note);
    tab("export");
    EXPECT_TRUE(desk.says("log.kmpaudit"));
    EXPECT_NE(desk.find<QPushButton>("verify"), nullptr) << "the same file again";
    desk.language().set(QStringLiteral("en"));
    tab("export");
    EXPECT_TRUE(desk.says("Sound: all")) << "in the words of the language";
    tab("report");
    EXPECT_TRUE(desk.says("The log is sound."));
}

TEST(ReportFiles, a_checkpoint_of_before_the_platform_ukey_was_replaced_takes_both_keys) {
    Platform platform("initialised");
    const QString note = platform.folder() + "/old.note";
    platform.ctl({"audit", "checkpoint", note});
    const auto key = [&] { return QJsonDocument::fromJson(platform.ctl({"audit", "checkpoint", "--key"}))["key"].toString(); };
    const QString before = key();
    platform.ctl({"seal"});
    platform.pull("platform");
    platform.plug_in_blank("platform-2");
    const auto content_of = [&](const QString& reader) {
        for (const QJsonValue r : platform.status()["readers"].toArray())
            if (r["name"].toString() == reader) return r["content"].toString();
        return QString();
    };
    ASSERT_TRUE(QTest::qWaitFor([&] { return content_of("platform-2") == "blank"; }, kPatience));
    platform.ctl({"platform", "replace", "--platform-reader", "platform-2", "--reason", "it broke"}, {{"platform", "pf-pin-8822-meadow"}, {"master", Platform::pin("master")}});
    const QString after = key();
    ASSERT_NE(before, after);

    ReportsDesk desk(platform, QStringLiteral("compare"));
    auto* keys = desk.find<QLineEdit>("key");
    ASSERT_TRUE(QTest::qWaitFor([&] {
        desk.window().page("reports")->refresh();
        QTest::qWait(200);
        return keys->text() == after;
    }, kPatience));
    desk.find<QPlainTextEdit>("earlier")->setPlainText(QString::fromUtf8(content(note)));
    desk.push("compare");
    ASSERT_TRUE(desk.says("put in the key of before as well", kPatience)) << "the key of today did not sign it";
    EXPECT_FALSE(desk.find<QPushButton>("save_proof")->isEnabled());
    keys->setText(after + "  " + before);
    desk.push("compare");
    EXPECT_TRUE(desk.says("It holds: the log of today begins with all", kPatience));
}

TEST(ReportFiles, a_day_that_is_archived_is_whole_with_its_segment_and_the_export_goes_on_behind_it) {
    Platform platform("archived");
    ReportsDesk desk(platform, QStringLiteral("export"));
    const QStringList segments = QDir(platform.home() + "/segments").entryList(QDir::Files);
    ASSERT_EQ(segments.size(), 1);
    ASSERT_TRUE(desk.says("are in the files below", kPatience));
    EXPECT_TRUE(desk.says(segments.front(), kPatience));
    desk.push("export");
    desk.choose(platform.folder() + "/live.kmpaudit");
    ASSERT_TRUE(desk.says("The export is in", kPatience));
    desk.push("verify");
    ASSERT_TRUE(desk.says("Sound: the events from", kPatience));
    EXPECT_TRUE(desk.says("could not be replayed")) << "it is told that this is no whole log";

    desk.window().go_to(QStringLiteral("reports"), QStringLiteral("report"));
    const auto make = [&] {
        desk.find<QDateEdit>("day")->setDate(desk.find<QDateEdit>("day")->minimumDate());
        desk.push("make_report");
    };
    make();
    ASSERT_TRUE(desk.says("is in the archive.", kPatience));
    const auto with = [&](const QString& file) {
        desk.push("add_segments");
        desk.choose(file);
        make();
    };
    QFile wrong(platform.folder() + "/wrong.kmpaudit");
    ASSERT_TRUE(wrong.open(QIODevice::WriteOnly));
    wrong.write("no segment");
    wrong.close();
    with(wrong.fileName());
    ASSERT_TRUE(desk.says("wrong.kmpaudit:", kPatience)) << "the file is named that is none";
    with(platform.home() + "/segments/" + segments.front());
    EXPECT_TRUE(desk.says("The log is sound. This is", kPatience));
}

TEST(ReportFiles, an_export_and_a_file_that_is_verified_wait_for_each_other_and_the_verdict_names_its_file) {
    Platform platform("auditor");
    const QString other = platform.folder() + "/other.kmpaudit";
    platform.ctl({"audit", "export", other});
    QByteArray bytes = content(other);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    QFile changed(other);
    ASSERT_TRUE(changed.open(QIODevice::WriteOnly));
    changed.write(bytes);
    changed.close();

    ReportsDesk desk(platform, QStringLiteral("export"));
    const SlowAudit audit(platform);
    desk.push("verify_other");
    desk.choose(other);
    EXPECT_FALSE(desk.find<QPushButton>("export")->isEnabled()) << "what is said of the one would be taken for the other's";
    EXPECT_TRUE(desk.says("A file is being verified."));
    audit.go();
    ASSERT_TRUE(desk.says("NOT SOUND", kPatience));
    EXPECT_TRUE(desk.says("The file: " + other));

    desk.push("export");
    QDialog* open = desk.dialog();
    open->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))->setText(platform.folder() + "/log.kmpaudit");
    desk.link().hold_reading(true);
    open->accept();
    EXPECT_FALSE(desk.find<QPushButton>("verify_other")->isEnabled());
    EXPECT_TRUE(desk.says("An export is being written."));
    desk.link().hold_reading(false);
    desk.push("verify");
    ASSERT_TRUE(desk.says("Sound: all", kPatience));
    EXPECT_TRUE(desk.says("The file: " + platform.folder() + "/log.kmpaudit"));
}

TEST(ReportFiles, a_verification_is_cancelled_at_any_time) {
    Platform platform("auditor");
    const QString file = platform.folder() + "/log.kmpaudit";
    platform.ctl({"audit", "export", file});
    ReportsDesk desk(platform, QStringLiteral("export"));
    const SlowAudit audit(platform);
    desk.push("verify_other");
    desk.choose(file);
    desk.find<QPushButton>("cancel")->click();  // before kmp-audit can have been started
    EXPECT_TRUE(desk.says("The verification of log.kmpaudit was cancelled.", kPatience));
    desk.push("verify");
    QTest::qWait(500);
    desk.push("cancel");
    EXPECT_TRUE(desk.says("The verification of log.kmpaudit was cancelled.", kPatience));
    audit.go();
    desk.push("verify");
    EXPECT_TRUE(desk.says("Sound: all", kPatience));
}

TEST(ReportFiles, nothing_is_verified_where_the_kept_checkpoint_cannot_be_handed_on) {
    Platform platform("auditor");
    const QString file = platform.folder() + "/log.kmpaudit";
    platform.ctl({"audit", "export", file});
    ReportsDesk desk(platform, QStringLiteral("export"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("export")->isEnabled(); }, kPatience));
    const QByteArray before = qgetenv("TMPDIR");
    qputenv("TMPDIR", "/proc/self");
    desk.push("verify_other");
    desk.choose(file);
    EXPECT_TRUE(desk.says("Nothing was verified", kPatience));
    EXPECT_TRUE(desk.says("(" + QDir::tempPath() + ")")) << "where, to make room there";
    qputenv("TMPDIR", before);
    desk.push("verify");
    EXPECT_TRUE(desk.says("Sound: all", kPatience));

    desk.window().go_to(QStringLiteral("reports"), QStringLiteral("report"));
    const QString known = QString::fromStdString(desk.link().address().known.file);
    const QByteArray kept = content(known);
    const auto keep = [&](const QByteArray& bytes) {
        QFile store(known);
        ASSERT_TRUE(store.open(QIODevice::WriteOnly));
        store.write(bytes);
    };
    keep("damaged");
    desk.push("make_report");
    EXPECT_TRUE(desk.says("Nothing was verified", kPatience));
    EXPECT_TRUE(desk.says(known)) << "where";
    keep(kept);
    desk.push("make_report");
    EXPECT_TRUE(desk.says("The log is sound.", kPatience));
}

TEST(ReportFiles, a_checkpoint_of_one_s_own_is_held_against_and_one_of_another_history_is_not_sound) {
    Platform platform("auditor");
    const QString file = platform.folder() + "/log.kmpaudit";
    platform.ctl({"audit", "checkpoint", platform.folder() + "/mine.note"});
    {
        // The same origin, for it was made once for all tests; but another log from some event on.
        Platform other("initialised");
        other.ctl({"audit", "checkpoint", platform.folder() + "/other.note"});
    }
    platform.ctl({"audit", "export", file});
    ReportsDesk desk(platform, QStringLiteral("export"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("verify_other")->isEnabled(); }, kPatience));
    EXPECT_EQ(desk.find<QPlainTextEdit>("earlier"), nullptr) << "optional";
    desk.find<QCheckBox>("own_note")->click();
    EXPECT_TRUE(desk.says("Your own checkpoint is still missing."));
    auto* own = desk.find<QPlainTextEdit>("earlier");
    ASSERT_NE(own, nullptr);
    own->setPlainText("no checkpoint");
    EXPECT_FALSE(desk.find<QPushButton>("verify_other")->isEnabled());
    own->clear();
    desk.push("earlier_file");
    desk.choose(platform.folder() + "/mine.note");
    desk.push("verify_other");
    desk.choose(file);
    ASSERT_TRUE(desk.says("Sound", kPatience));
    EXPECT_TRUE(desk.says("of the checkpoint that you gave"));
    own->setPlainText(QString::fromUtf8(content(platform.folder() + "/other.note")));
    desk.push("verify");
    ASSERT_TRUE(desk.says("NOT SOUND", kPatience));
    EXPECT_TRUE(desk.says("Rule checkpoint"));

    desk.window().go_to(QStringLiteral("reports"), QStringLiteral("report"));
    ASSERT_FALSE(desk.find<QCheckBox>("own_note")->isChecked()) << "it was given for the file";
    desk.push("make_report");
    ASSERT_TRUE(desk.says("The log is sound.", kPatience));
    desk.find<QCheckBox>("own_note")->click();
    desk.find<QPlainTextEdit>("earlier")->setPlainText(QString::fromUtf8(content(platform.folder() + "/other.note")));
    desk.push("make_report");
    ASSERT_TRUE(desk.says("NOT SOUND", kPatience));
    desk.find<QPlainTextEdit>("earlier")->setPlainText(QString::fromUtf8(content(platform.folder() + "/mine.note")));
    desk.push("make_report");
    ASSERT_TRUE(desk.says("The log is sound.", kPatience));
    EXPECT_TRUE(desk.says("of the checkpoint that you gave"));
    desk.window().go_to(QStringLiteral("reports"), QStringLiteral("export"));
    EXPECT_EQ(desk.find<QPlainTextEdit>("earlier")->toPlainText(), QString::fromUtf8(content(platform.folder() + "/other.note"))) << "each has its own";
}

TEST(ReportFiles, a_checkpoint_of_one_s_own_before_or_behind_the_file_is_no_alarm) {
    Platform platform("auditor");
    const auto in = [&](const char* name) { return platform.folder() + QLatin1Char('/') + QLatin1String(name); };
    platform.ctl({"audit", "checkpoint", in("mine.note")});
    platform.ctl({"audit", "export", in("all.kmpaudit")});
    for (int i = 0; i < 3; ++i) platform.ctl({"audit", "checkpoint", in("newer.note")});
    const auto mine = ui::parts::note_of(content(in("mine.note")).toStdString());
    ASSERT_TRUE(mine);
    platform.ctl({"audit", "export", "--first", QString::number(mine->size + 1), in("part.kmpaudit")});

    ReportsDesk desk(platform, QStringLiteral("export"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("verify_other")->isEnabled(); }, kPatience));
    const auto verify = [&](const char* file, const char* note) {
        desk.find<QPlainTextEdit>("earlier")->setPlainText(QString::fromUtf8(content(in(note))));
        desk.push("verify_other");
        desk.choose(in(file));
    };
    desk.find<QCheckBox>("own_note")->click();
    verify("part.kmpaudit", "mine.note");
    ASSERT_TRUE(desk.says("Not held against your checkpoint: it lies before what was verified.", kPatience));
    EXPECT_TRUE(desk.says("What was found without it: Sound: the events from"));
    EXPECT_FALSE(desk.says("NOT SOUND", 0));
    verify("all.kmpaudit", "newer.note");
    ASSERT_TRUE(desk.says("This file ends before your checkpoint: is it an older file?", kPatience));
    EXPECT_TRUE(desk.says("the log was set back: an alarm."));
    EXPECT_FALSE(desk.says("NOT SOUND", 0));
    verify("all.kmpaudit", "mine.note");
    EXPECT_TRUE(desk.says("of the checkpoint that you gave", kPatience));
}

TEST(ReportFiles, a_report_that_begins_behind_a_checkpoint_of_one_s_own_is_made_without_it_and_says_so) {
    Platform platform("archived");
    platform.ctl({"audit", "checkpoint", platform.folder() + "/mine.note"});
    QList<QByteArray> lines = content(platform.folder() + "/mine.note").split('\n');
    lines[1] = "2";
    ReportsDesk desk(platform, QStringLiteral("report"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("make_report")->isEnabled(); }, kPatience));
    desk.find<QCheckBox>("own_note")->click();
    desk.find<QPlainTextEdit>("earlier")->setPlainText(QString::fromUtf8(lines.join('\n')));
    desk.push("make_report");
    ASSERT_TRUE(desk.says("Not held against your checkpoint: it lies before what was verified.", kPatience));
    EXPECT_TRUE(desk.says("What was found without it: The log is sound"));
    const auto paper = desk.find<ui::review::PdfView>("pages")->paper();
    ASSERT_TRUE(paper);
    QString text;
    for (int p = 0; p < paper->pages(); ++p) text += paper->text(p);
    EXPECT_FALSE(text.contains("NOT SOUND", Qt::CaseInsensitive)) << "on paper neither";
}

TEST(ReportFiles, the_log_is_fetched_for_one_at_a_time) {
    Platform platform("auditor");
    ReportsDesk desk(platform, QStringLiteral("export"));
    ui::review::LogFile log(desk.link(), nullptr);
    std::optional<bool> first;
    std::optional<base::Code> second;
    const QString file = platform.folder() + "/first.kmpaudit";
    log.get({}, file, [&](const base::Result<ui::review::LogFile::Got>& got) { first = got.ok(); });
    log.get({}, platform.folder() + "/second.kmpaudit", [&](const base::Result<ui::review::LogFile::Got>& got) { second = got ? base::Code::internal : got.error().code; });
    EXPECT_FALSE(second) << "told later, as always";
    ASSERT_TRUE(QTest::qWaitFor([&] { return first && second; }, kPatience));
    EXPECT_TRUE(*first);
    EXPECT_EQ(*second, base::Code::busy);
    EXPECT_FALSE(QFile::exists(platform.folder() + "/second.kmpaudit"));
    EXPECT_FALSE(log.is_running());
    QProcess audit;
    audit.start(QStringLiteral(KMP_BIN_DIR "/kmp-audit"), {"verify", file});
    ASSERT_TRUE(QTest::qWaitFor([&] { return audit.state() == QProcess::NotRunning; }, kPatience));
    EXPECT_EQ(audit.exitCode(), 0) << audit.readAllStandardError().toStdString();
}
