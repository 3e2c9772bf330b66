// The page Reports against a real kmpd: a day on paper, exports, comparisons.
#include <gtest/gtest.h>

#include <QDialog>
#include <QDir>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPrinter>
#include <QPushButton>
#include <QRadioButton>
#include <QTest>

#include "tests/ui/reports_desk.h"
#include "ui/parts/note.h"
#include "ui/review/chart_pane.h"
#include "ui/review/pdf_view.h"
#include "ui/review/printing.h"
#include "ui/review/review_page.h"

using State = ui::link::Link::State;
using ui::review::FiguresModel;
using ui::review::Paper;

namespace {

constexpr int kPatience = kReportsPatience;

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
    EXPECT_TRUE(text.contains(platform.serial("auditor"))) << "it was issued today";
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
    ASSERT_TRUE(desk.says("Sound as far as it goes", kPatience));
    EXPECT_TRUE(desk.says("This computer has seen")) << "and it is told that the file may have been cut";

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
    const QString file = platform.folder() + "/it's sealed.kmpaudit";
    desk.push("export");
    desk.choose(file);
    ASSERT_TRUE(desk.says("Only " + platform.serial("auditor") + " can open it", kPatience));
    EXPECT_FALSE(content(file).contains("Test Utility"));
    const QString command = "kmp-audit verify 'it'\\''s sealed.kmpaudit' --ukey FOLDER --certificate anchor.pem --checkpoint yesterday.note";
    EXPECT_TRUE(desk.says(command)) << "as a shell takes it, and held against what the auditor keeps";

    // Of somebody's file the same is told.
    platform.ctl({"audit", "export", platform.folder() + "/clear.kmpaudit"});
    desk.push("verify_other");
    desk.choose(platform.folder() + "/clear.kmpaudit");
    ASSERT_TRUE(desk.says("Sound: all", kPatience));
    desk.push("verify_other");
    desk.choose(file);
    ASSERT_TRUE(desk.says("Only " + platform.serial("auditor") + " can open it", kPatience));
    EXPECT_TRUE(desk.says(command));
    EXPECT_FALSE(desk.says("It could not be checked.", 0));
    EXPECT_EQ(desk.find<QPushButton>("verify"), nullptr) << "here it cannot be";
    EXPECT_TRUE(desk.find<QPushButton>("verify_other")->isEnabled());
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
    for (const QString& name : QDir(platform.folder()).entryList()) EXPECT_FALSE(name.endsWith(".part")) << name.toStdString();
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("export")->isEnabled(); }, kPatience)) << "and the next can be made";

    QFile older(file);
    ASSERT_TRUE(older.open(QIODevice::WriteOnly));
    older.write("older");
    older.close();
    desk.push("export");
    open = desk.dialog();
    open->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))->setText(file);
    desk.link().hold_reading(true);
    // Whoever would be asked whether it may be written over has said so.
    emit qobject_cast<QFileDialog*>(open)->fileSelected(file);
    open->reject();
    desk.push("cancel");
    ASSERT_TRUE(desk.says("The older file of that name was left as it was.", kPatience));
    desk.link().hold_reading(false);
    EXPECT_EQ(content(file), "older");
}

TEST(Reports, an_export_that_cannot_be_written_says_why) {
    Platform platform("auditor");
    ReportsDesk desk(platform, QStringLiteral("export"));
    desk.push("export");
    desk.choose(kNoPlace + "/log.kmpaudit");
    EXPECT_TRUE(desk.says("cannot write", kPatience));
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("export")->isEnabled(); }, kPatience)) << "and another place can be chosen";
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
        return verdict != nullptr && (verdict->text() == "It does NOT hold." || verdict->text().startsWith("ALARM: ") || verdict->text().startsWith("The service says"));
    }, kPatience));
    EXPECT_TRUE(desk.says("Compared "));
    EXPECT_FALSE(desk.find<QPushButton>("save_proof")->isEnabled());
    text->setPlainText("another text");
    EXPECT_EQ(desk.find<QLabel>("compare_verdict"), nullptr) << "the verdict was about what is no longer there";
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
    const auto note = ui::parts::note_of(desk.find<QPlainTextEdit>("note")->toPlainText().toStdString());
    ASSERT_TRUE(note);
    EXPECT_GT(note->size, 10u);
    EXPECT_TRUE(desk.says("Its signature was checked here"));
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

TEST(Reports, denials_are_counted_under_words_and_not_under_programs_names) {
    Platform platform("held");
    ReportsDesk desk(platform, QStringLiteral("charts"));
    ASSERT_TRUE(desk.says("events read", kPatience));
    const FiguresModel* model = desk.find<ui::review::ChartPane>("denials")->model();
    ASSERT_EQ(model->columnCount(), 2);
    EXPECT_EQ(model->headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), "against a rule");
    EXPECT_EQ(model->index(model->rowCount() - 1, 1).data().toInt(), 1);
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
    Desk::click(desk.act());
    EXPECT_TRUE(desk.says("events read", kPatience));
}
