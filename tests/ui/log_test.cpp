// The page Log against a real kmpd.
#include <gtest/gtest.h>

#include <QDialog>
#include <QFileDialog>
#include <QHeaderView>
#include <QJsonArray>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QTest>
#include <QToolButton>

#include "audit/checkpoint.h"
#include "base/bytes.h"
#include "tests/ui/platform.h"
#include "ui/log/log_model.h"
#include "ui/log/proof_dialog.h"
#include "ui/log/search_words.h"
#include "ui/log/verify_card.h"
#include "ui/parts/words.h"

using State = ui::link::Link::State;
using ui::log::LogModel;

namespace {

constexpr int kPatience = 30000;

/// The page Log, open, and its table filled.
class LogDesk : public Desk {
public:
    explicit LogDesk(const Platform& platform) : Desk(platform) {
        EXPECT_TRUE(comes_to(State::open));
        window().go_to("log");
        EXPECT_TRUE(QTest::qWaitFor([&] { return table() != nullptr && table()->model()->rowCount() > 0 && text(0, LogModel::kWhat) != QStringLiteral("…"); }, kPatience));
    }
    QTableView* table() { return find<QTableView>("events"); }
    QString text(int row, int column) { return table()->model()->index(row, column).data().toString(); }
    int row_with(const QString& type) {
        for (int row = 0; row < table()->model()->rowCount(); ++row)
            if (text(row, LogModel::kType) == type) return row;
        return -1;
    }
    /// Onto a row, and Enter.
    void open(int row) {
        table()->setFocus();
        table()->setCurrentIndex(table()->model()->index(row, 0));
        QTest::keyClick(table(), Qt::Key_Return);
    }
};

}  // namespace

TEST(LogPage, a_filter_by_ukey_leaves_its_events_and_can_be_taken_away) {
    Platform platform("auditor");
    LogDesk desk(platform);
    const QString serial = platform.serial("auditor");
    const int all = desk.table()->model()->rowCount();
    Desk::click(desk.find<QWidget>("filter"));
    desk.dialog();
    Desk::type(desk.find<QLineEdit>("filter_meter"), "12");
    Desk::click(desk.find<QPushButton>("show"));
    EXPECT_TRUE(desk.says("Meter '12': it takes a 12-digit meter number"));
    desk.find<QLineEdit>("filter_meter")->clear();
    Desk::type(desk.find<QLineEdit>("filter_ukey"), serial);
    Desk::click(desk.find<QPushButton>("show"));
    ASSERT_TRUE(desk.says("were looked through"));
    const int found = desk.table()->model()->rowCount();
    EXPECT_GT(found, 0);
    EXPECT_LT(found, all);
    for (int row = 0; row < found; ++row) EXPECT_TRUE(desk.text(row, LogModel::kWhat).contains(serial) || desk.text(row, LogModel::kType) == ui::parts::event_word("intent_concluded")) << desk.text(row, LogModel::kWhat).toStdString();
    Desk::click(desk.find<QToolButton>("chip_ukey"));
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.table()->model()->rowCount() >= all; }, kPatience));
    EXPECT_EQ(desk.find<QToolButton>("chip_ukey"), nullptr);
}

TEST(LogPage, words_are_looked_for_and_nothing_found_says_what_to_do) {
    Platform platform("auditor");
    LogDesk desk(platform);
    auto* search = desk.find<QLineEdit>("search");
    Desk::type(search, "ceremony");
    QTest::keyClick(search, Qt::Key_Return);
    ASSERT_TRUE(desk.says("were looked through"));
    EXPECT_GT(desk.table()->model()->rowCount(), 0);
    search->clear();
    Desk::type(search, "nobodywrotethis");
    QTest::keyClick(search, Qt::Key_Return);
    EXPECT_TRUE(desk.says("No event fits."));
}

TEST(LogPage, an_event_is_opened_proved_and_its_receipt_checked) {
    Platform platform("auditor");
    qputenv("KMP_BIN_DIR", KMP_BIN_DIR);
    LogDesk desk(platform);
    const int row = desk.row_with(ui::parts::event_word("ukey_issued"));
    ASSERT_GE(row, 0);
    const QString index = desk.table()->model()->index(row, 0).data(LogModel::kIndexRole).toString();
    desk.open(row);
    ASSERT_TRUE(desk.says("Kind of UKEY") || desk.says("Leaf hash"));
    EXPECT_TRUE(desk.says("UKEY issued"));
    Desk::click(desk.find<QPushButton>("prove"));
    auto* proof = qobject_cast<ui::log::ProofDialog*>(desk.dialog());
    ASSERT_NE(proof, nullptr);
    ASSERT_TRUE(desk.says("Yes: the proof holds.", 60000));
    const QString file = platform.folder() + "/event.proof";
    Desk::click(desk.find<QPushButton>("save"));
    QDialog* where = proof->findChild<QFileDialog*>();
    ASSERT_NE(where, nullptr);
    where->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))->setText(file);
    where->accept();
    ASSERT_TRUE(desk.says("The proof is saved."));
    // With a key of one's own, which is not this log's: then with the right one.
    auto* own = desk.find<QLineEdit>("proof_key");
    ASSERT_TRUE(QTest::qWaitFor([&] { return own->text().contains(u'+'); }, kPatience));
    const QString right = own->text();
    const auto check_with = [&](const QString& key) {
        own->selectAll();
        QTest::keyClicks(own, key);
        EXPECT_FALSE(desk.says("Yes: the proof holds.", 0)) << "not with these keys";
        EXPECT_TRUE(desk.says("With these keys it was not checked yet."));
        Desk::click(desk.find<QPushButton>("action"));
    };
    check_with(QString::fromStdString(*audit::verifier_key("elsewhere.example", audit::parse_verifier_key(right.toStdString())->spki)));
    EXPECT_TRUE(desk.says("It cannot be checked with this key.", 60000));
    check_with(right);
    EXPECT_TRUE(desk.says("Yes: the proof holds.", 60000));
    proof->close();

    // Whoever is given the file asks; then somebody has changed it.
    Desk::click(desk.find<QPushButton>("receipt"));
    auto* receipt = qobject_cast<ui::log::ReceiptDialog*>(desk.dialog());
    ASSERT_NE(receipt, nullptr);
    receipt->check_file(file);
    ASSERT_TRUE(desk.says("Yes: the proof holds.", 60000));
    EXPECT_TRUE(desk.says("The file: " + file));
    QFile saved(file);
    ASSERT_TRUE(saved.open(QIODevice::ReadOnly));
    QByteArray bytes = saved.readAll();
    QFile changed(platform.folder() + "/changed.proof");
    ASSERT_TRUE(changed.open(QIODevice::WriteOnly));
    bytes[bytes.size() / 3] = bytes[bytes.size() / 3] == 'A' ? 'B' : 'A';
    changed.write(bytes);
    changed.close();
    receipt->check_file(changed.fileName());
    EXPECT_TRUE(desk.says("No: this proves nothing.", 60000));
    EXPECT_TRUE(desk.says("The file: " + changed.fileName()));

    // By what a receipt says: the number, and a leaf hash that is another's.
    Desk::type(desk.find<QLineEdit>("receipt_index"), index);
    EXPECT_FALSE(desk.says("No: this proves nothing.", 0)) << "it was about what is no longer asked";
    EXPECT_FALSE(desk.find<QPushButton>("receipt_check")->isEnabled()) << "without a leaf hash";
    const QJsonObject event = QJsonDocument::fromJson(platform.ctl({"audit", "show", index})).object();
    Desk::type(desk.find<QLineEdit>("receipt_leaf"), event["leaf_hash"].toString());
    Desk::click(desk.find<QPushButton>("receipt_check"));
    EXPECT_TRUE(desk.says("Yes: the proof holds.", 60000));
    EXPECT_FALSE(desk.says("The file: ", 0)) << "no file was asked about";
    desk.find<QLineEdit>("receipt_leaf")->setText(QString(64, 'a'));
    EXPECT_FALSE(desk.says("Yes: the proof holds.", 0)) << "not with this hash";
    Desk::click(desk.find<QPushButton>("receipt_check"));
    EXPECT_TRUE(desk.says("No: the log has another event there.", 60000));
    EXPECT_TRUE(desk.says("or the log was changed or set back since"));
    desk.find<QLineEdit>("receipt_index")->setText(QStringLiteral("900000"));
    Desk::click(desk.find<QPushButton>("receipt_check"));
    EXPECT_TRUE(desk.says("No: the log has no event 900,000", 60000));
    EXPECT_TRUE(desk.says("or the log was changed or set back since"));

    // Of a proof under a key that is not here nobody can say anything.
    const QString key = desk.find<QLineEdit>("receipt_key")->text();
    EXPECT_TRUE(key.contains(u'+')) << "the one that is known here";
    const auto elsewhere = audit::verifier_key("elsewhere.example", audit::parse_verifier_key(key.toStdString())->spki);
    desk.find<QLineEdit>("receipt_key")->setText(QString::fromStdString(*elsewhere));
    receipt->check_file(file);
    EXPECT_TRUE(desk.says("It cannot be checked with this key.", 60000));
    EXPECT_TRUE(desk.says("elsewhere.example"));
    desk.find<QLineEdit>("receipt_key")->setText(desk.find<QLineEdit>("receipt_key")->text() + u' ' + key);
    receipt->check_file(file);
    EXPECT_TRUE(desk.says("Yes: the proof holds.", 60000)) << "one of several";
    QTest::keyClick(desk.find<QLineEdit>("receipt_key"), Qt::Key_Backspace);
    EXPECT_FALSE(desk.says("Yes: the proof holds.", 0)) << "not with this key";

    // What Compare saves is a proof too, but of no event.
    const QString before = platform.folder() + "/before.note";
    const QString growth = platform.folder() + "/growth.proof";
    platform.ctl({"audit", "checkpoint", before});
    platform.ctl({"audit", "prove", "--since", before, "-o", growth});
    receipt->check_file(growth);
    EXPECT_TRUE(desk.says("This is a proof of growth, not of an event.", 60000));
}

TEST(LogPage, an_event_that_is_shown_otherwise_than_it_is_proved_is_told_in_red) {
    Platform platform("auditor");
    qputenv("KMP_BIN_DIR", KMP_BIN_DIR);
    LogDesk desk(platform);
    const QString index = desk.table()->model()->index(desk.row_with(ui::parts::event_word("ukey_issued")), 0).data(LogModel::kIndexRole).toString();
    const QJsonObject told = QJsonDocument::fromJson(platform.ctl({"audit", "show", index})).object();
    wire::pb::AuditEvent forged;
    forged.set_index(index.toULongLong());
    forged.set_leaf_hash(base::to_string(*base::from_hex(told["leaf_hash"].toString().toStdString())));
    forged.set_type("ukey_issued");
    forged.set_json("{\"type\":\"ukey_issued\",\"ukey\":\"another\"}");
    (new ui::log::ProofDialog(desk.link(), forged, &desk.window()))->open();
    EXPECT_TRUE(desk.says("No: the log has another event than the one that is shown.", 60000));
    EXPECT_TRUE(desk.says(platform.serial("user"))) << "what is proved";
}

TEST(LogPage, what_came_of_an_event_leads_on_to_all_of_its_ukey) {
    Platform platform("auditor");
    LogDesk desk(platform);
    desk.window().go_to("log", "ukey=" + platform.serial("user"));
    ASSERT_TRUE(desk.says("were looked through"));
    EXPECT_NE(desk.find<QToolButton>("chip_ukey"), nullptr);
    desk.window().go_to("log", "0");
    EXPECT_TRUE(desk.says("The log begins"));
    EXPECT_EQ(desk.find<QToolButton>("chip_ukey"), nullptr) << "it was no part of what was filtered";
    EXPECT_TRUE(desk.says("Trust anchor"));
    QTest::keyClick(desk.table(), Qt::Key_Escape);
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.find<QWidget>("event") == nullptr; }, kPatience));
}

TEST(LogPage, in_chinese_events_are_told_in_chinese_and_found_by_the_services_words) {
    Platform platform("auditor");
    LogDesk desk(platform);
    const QString serial = platform.serial("user");
    desk.language().set(QStringLiteral("zh_CN"));
    desk.window().go_to("log");
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.table() != nullptr && desk.table()->model()->rowCount() > 0; }, kPatience));
    ASSERT_TRUE(desk.says(QStringLiteral("已签发用户UKEY ") + serial));
    desk.open(desk.row_with(ui::parts::event_word("ukey_issued")));
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.find<QLabel>("event_what") != nullptr && desk.find<QLabel>("event_what")->text().startsWith(QStringLiteral("已签发")); }, kPatience));
    auto* search = desk.find<QLineEdit>("search");
    EXPECT_TRUE(ui::log::searches_another_language());
    Desk::type(search, "issued " + serial);
    QTest::keyClick(search, Qt::Key_Return);
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.table()->model()->rowCount() > 0 && desk.text(0, LogModel::kWhat).startsWith(QStringLiteral("已签发用户UKEY")); }, kPatience));
}

TEST(LogPage, the_log_is_verified_with_a_verdict_that_stays) {
    Platform platform("auditor");
    LogDesk desk(platform);
    Desk::click(desk.find<QPushButton>("verify"));
    EXPECT_FALSE(desk.find<QPushButton>("verify")->isEnabled());
    ASSERT_TRUE(desk.says("The service found its log sound.", 60000));
    EXPECT_TRUE(desk.find<QPushButton>("verify")->isEnabled());
    desk.window().go_to("home");
    desk.window().go_to("log");
    EXPECT_TRUE(desk.says("The service found its log sound."));
}

TEST(LogPage, a_verification_that_is_cancelled_says_nothing_about_the_log) {
    Platform platform("auditor");
    LogDesk desk(platform);
    Desk::click(desk.find<QPushButton>("verify"));
    Desk::click(desk.find<QPushButton>("verify_cancel"));
    ASSERT_TRUE(desk.says("Not verified: it was cancelled."));
    EXPECT_FALSE(desk.says("The service found its log sound.", 1500));
    Desk::click(desk.find<QPushButton>("verify"));
    EXPECT_TRUE(desk.says("The service found its log sound.", 60000));
}

TEST(LogPage, a_proof_that_could_not_be_checked_is_saved_all_the_same_and_checked_again) {
    Platform platform("auditor");
    qputenv("KMP_BIN_DIR", KMP_BIN_DIR);
    LogDesk desk(platform);
    desk.open(desk.row_with(ui::parts::event_word("ukey_issued")));
    ASSERT_TRUE(desk.says("Leaf hash"));
    const QByteArray before = qgetenv("TMPDIR");
    qputenv("TMPDIR", "/proc/self");
    Desk::click(desk.find<QPushButton>("prove"));
    desk.dialog();
    ASSERT_TRUE(desk.says("It could not be checked.", kPatience));
    EXPECT_TRUE(desk.find<QPushButton>("save")->isEnabled());
    qputenv("TMPDIR", before);
    Desk::click(desk.find<QPushButton>("action"));
    EXPECT_TRUE(desk.says("Yes: the proof holds.", 60000));
    EXPECT_EQ(desk.find<QPushButton>("action"), nullptr) << "there is nothing to try again";
}

TEST(LogPage, a_proof_that_takes_long_can_be_cancelled_and_asked_for_again) {
    Platform platform("auditor");
    qputenv("KMP_BIN_DIR", KMP_BIN_DIR);
    LogDesk desk(platform);
    desk.open(desk.row_with(ui::parts::event_word("ukey_issued")));
    ASSERT_TRUE(desk.says("Leaf hash"));
    desk.link().hold_reading(true);
    Desk::click(desk.find<QPushButton>("prove"));
    desk.dialog();
    EXPECT_FALSE(desk.find<QPushButton>("save")->isEnabled());
    Desk::click(desk.find<QPushButton>("cancel"));
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("cancel") == nullptr; }, kPatience));
    EXPECT_FALSE(desk.find<QPushButton>("save")->isEnabled()) << "nothing was proved";
    desk.link().hold_reading(false);
    Desk::click(desk.find<QPushButton>("action"));
    EXPECT_TRUE(desk.says("Yes: the proof holds.", 60000));
}

TEST(LogPage, columns_are_as_they_were_dragged_and_a_verdict_stays_in_another_language) {
    Platform platform("auditor");
    LogDesk desk(platform);
    desk.table()->horizontalHeader()->moveSection(LogModel::kType, 0);
    Desk::click(desk.find<QPushButton>("verify"));
    ASSERT_TRUE(desk.says("The service found its log sound.", 60000));
    desk.language().set(QStringLiteral("zh_CN"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.table() != nullptr; }, kPatience));
    EXPECT_EQ(desk.table()->horizontalHeader()->visualIndex(LogModel::kType), 0);
    EXPECT_TRUE(desk.table()->horizontalHeader()->sectionsMovable());
    EXPECT_NE(desk.find<QWidget>("verify_card"), nullptr);
    desk.language().set(QStringLiteral("en"));
    EXPECT_TRUE(desk.says("The service found its log sound."));
    Desk::click(desk.find<QToolButton>("verify_close"));
    desk.language().set(QStringLiteral("zh_CN"));
    EXPECT_EQ(desk.find<QWidget>("verify_card"), nullptr) << "it was put away";
}

TEST(LogPage, a_log_for_auditors_alone_asks_for_the_login_and_then_shows_itself) {
    Platform platform("auditor");
    platform.stop();
    QFile config(platform.home() + "/kmp.toml");
    ASSERT_TRUE(config.open(QIODevice::WriteOnly | QIODevice::Append));
    config.write("[audit]\nauditor_only = true\n");
    config.close();
    QFile::remove(platform.home() + "/run/admin.sock");
    platform.start();
    platform.unseal();
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("log");
    ASSERT_TRUE(desk.says("The log is for auditors."));
    Desk::click(desk.find<QPushButton>("log_in"));
    desk.dialog();
    desk.act_with("auditor", Platform::pin("auditor"));
    ASSERT_TRUE(desk.says("is logged in as auditor"));
    auto* table = desk.find<QTableView>("events");
    ASSERT_TRUE(QTest::qWaitFor([&] { return (table = desk.find<QTableView>("events")) != nullptr; }, kPatience));
    EXPECT_TRUE(QTest::qWaitFor([&] { return table->model()->rowCount() > 0 && table->model()->index(0, LogModel::kWhat).data().toString() != QStringLiteral("…"); }, kPatience));
    platform.pull("auditor");
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.window().is_locked(); }, kPatience));
}

TEST(LogPage, the_services_word_that_all_is_well_goes_with_the_auditor) {
    ui::link::Link nobody({"/nowhere", "/nowhere/admin.sock", {"/nowhere/log", {}}});
    wire::pb::AuditVerifyReply verdict;
    verdict.set_sound(true);
    ui::log::VerifyCard card(nobody, nullptr);
    card.show_verdict(verdict, 1);
    EXPECT_FALSE(card.isHidden());
    emit nobody.auditor_changed();
    EXPECT_TRUE(card.isHidden());
    verdict.set_sound(false);
    verdict.add_findings("record 4711: changed");
    card.show_verdict(verdict, 1);
    emit nobody.auditor_changed();
    EXPECT_FALSE(card.isHidden()) << "what was found stays";
}

TEST(LogPage, a_verdict_that_is_not_sound_cannot_be_misread) {
    ui::link::Link nobody({"/nowhere", "/nowhere/admin.sock", {"/nowhere/log", {}}});
    ui::log::VerifyCard card(nobody, nullptr);
    wire::pb::AuditVerifyReply verdict;
    verdict.set_sound(false);
    verdict.set_size(9000);
    verdict.set_root(std::string(32, 'r'));
    verdict.add_findings("record 4711: changed: its bytes are not those that the tree has for it");
    verdict.set_finding_count(101);
    card.show_verdict(verdict, 1);
    QStringList said;
    for (const QLabel* label : card.findChildren<QLabel*>())
        if (!label->isHidden()) said << label->text();
    const QString all = said.join(QLatin1Char('\n'));
    EXPECT_TRUE(all.contains(QStringLiteral("THE LOG IS NOT SOUND"))) << all.toStdString();
    EXPECT_TRUE(all.contains(QStringLiteral("record 4711: changed"))) << all.toStdString();
    EXPECT_TRUE(all.contains(QStringLiteral("100 more"))) << all.toStdString();
    EXPECT_FALSE(all.contains(QStringLiteral("found its log sound")));
}
