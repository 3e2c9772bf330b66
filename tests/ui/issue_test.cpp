// Issuing UKEYs with clicks and keys, one and a list, against a real kmpd.
#include <gtest/gtest.h>

#include <QDialog>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QTableView>
#include <QTest>

#include "tests/ui/platform.h"
#include "ui/issue/batch_model.h"
#include "ui/issue/batch_rows.h"
#include "ui/issue/issue.h"
#include "ui/parts/grant_terms.h"
#include "ui/parts/pin_field.h"

using State = ui::link::Link::State;
using ui::issue::BatchModel;
using ui::issue::BatchRow;

namespace {

constexpr int kPatience = 60000;

/// Otherwise somebody else types it.
void let_the_holder_type(Desk& desk) {
    Desk::click(desk.find<QRadioButton>("present"));
    QTest::qWait(1);
}

void open_wizard(Desk& desk) {
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("ukeys");
    desk.push("issue");
    desk.dialog();
}

/// From the kind to the last look, for station-7.
void fill(Desk& desk, const QString& holder) {
    desk.next();  // a user UKEY is what is chosen
    desk.next();  // the only blank UKEY
    EXPECT_FALSE(desk.can_go_on()) << "nobody holds it";
    Desk::type(desk.find<QLineEdit>("holder"), holder);
    EXPECT_FALSE(desk.can_go_on()) << "no station";
    Desk::type(desk.find<QLineEdit>("station"), "station-7");
    desk.next();
}

/// As far as the PINs of a batch with this list.
void open_batch(Desk& desk, const QString& list) {
    open_wizard(desk);
    Desk::click(desk.find<QPushButton>("many"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QRadioButton>("batch_user") != nullptr; }, kPatience));
    desk.next();
    auto* text = desk.find<QPlainTextEdit>("batch_list");
    ASSERT_NE(text, nullptr);
    if (!list.isEmpty()) text->setPlainText(list);
}

bool task_says(Desk& desk, const QString& text) {
    return QTest::qWaitFor([&] {
        auto* task = desk.find<QLabel>("task");
        return task != nullptr && task->text().contains(text);
    }, kPatience);
}

std::vector<BatchRow> rows_of(const char* list, const std::string& kind = "user") {
    const std::string text(list);
    const auto k = kind == "key" ? model::UkeyKind::key : model::UkeyKind::user;
    auto rows = ui::issue::read_batch({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, kind, ui::parts::usual_terms(k));
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? *rows : std::vector<BatchRow>();
}

}  // namespace

TEST(Issue, a_user_ukey_is_issued_with_clicks_and_its_holders_pin) {
    Platform platform("initialised");
    Desk desk(platform);
    open_wizard(desk);
    desk.next();
    EXPECT_FALSE(desk.can_go_on()) << "no blank UKEY";
    EXPECT_TRUE(desk.says("No blank UKEY is plugged in."));
    platform.plug_in_blank("new-stick");
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.can_go_on(); }, kPatience)) << "the only one is chosen by itself";
    Desk::click(desk.find<QPushButton>("back"));
    fill(desk, "Han Meimei");
    EXPECT_TRUE(desk.says("The blank UKEY in reader new-stick becomes a user UKEY. Its holder is Han Meimei."));
    EXPECT_TRUE(desk.says("For station station-7"));
    let_the_holder_type(desk);
    desk.enter("master", Platform::pin("master"));
    desk.enter("ukey", Platform::pin("user"));
    desk.enter("again_ukey", "another-pin-77");
    EXPECT_FALSE(desk.can_go_on()) << "two PINs that differ";
    EXPECT_TRUE(desk.says("Both times the same, please"));
    QTest::keyClick(desk.find<QWidget>("pin_again_ukey"), Qt::Key_Delete);
    desk.enter("again_ukey", Platform::pin("user"));
    desk.next();
    ASSERT_TRUE(desk.says("is issued.", kPatience));
    EXPECT_TRUE(desk.says("It works at once."));
    EXPECT_EQ(desk.find<QPushButton>("next")->text(), "Close");
    EXPECT_TRUE(platform.ctl({"ukey", "list"}).contains("Han Meimei"));
}

TEST(Issue, a_wrong_pin_issues_nothing_and_a_first_pin_must_be_changed) {
    Platform platform("initialised");
    Desk desk(platform);
    platform.plug_in_blank("new-stick");
    open_wizard(desk);
    fill(desk, "Li Lei");
    EXPECT_FALSE(desk.find<QRadioButton>("present")->isChecked()) << "nobody says by pressing Next that the holder typed it";
    EXPECT_TRUE(desk.says("who must change it before the UKEY works"));
    desk.enter("master", "wrong-pin-99");
    desk.type_twice("ukey", Platform::pin("user"));
    desk.next();
    ASSERT_TRUE(desk.says("The PIN is wrong", kPatience));
    desk.enter("master", Platform::pin("master"));
    desk.type_twice("ukey", Platform::pin("user"));
    desk.next();
    ASSERT_TRUE(desk.says("It works once its holder has changed the PIN.", kPatience));
}

TEST(Issue, whoever_goes_back_finds_what_was_typed_but_no_pin) {
    Platform platform("initialised");
    Desk desk(platform);
    platform.plug_in_blank("new-stick");
    open_wizard(desk);
    fill(desk, "Han Meimei");
    desk.enter("master", Platform::pin("master"));
    desk.type_twice("ukey", Platform::pin("user"));
    Desk::click(desk.find<QPushButton>("back"));
    EXPECT_EQ(desk.find<QLineEdit>("holder")->text(), "Han Meimei");
    EXPECT_EQ(desk.find<QLineEdit>("station")->text(), "station-7");
    desk.find<QDoubleSpinBox>("per_order")->setValue(12.5);
    Desk::click(desk.find<QPushButton>("back"));
    desk.next();
    EXPECT_EQ(desk.find<QDoubleSpinBox>("per_order")->value(), 12.5);
    desk.next();
    EXPECT_TRUE(desk.says("12.50"));
    for (const char* field : {"pin_master", "pin_ukey", "pin_again_ukey"}) EXPECT_TRUE(desk.find<ui::parts::PinField>(field)->is_empty()) << field;
}

TEST(Issue, under_dual_control_it_becomes_a_request_and_takes_no_pin) {
    Platform platform("officers");
    platform.plug_in_blank("new-stick");
    Desk desk(platform);
    open_wizard(desk);
    fill(desk, "Han Meimei");
    EXPECT_EQ(desk.find<QWidget>("pin_master"), nullptr);
    EXPECT_TRUE(desk.says("Officers decide on this"));
    desk.next();
    EXPECT_TRUE(desk.says("was made.", kPatience));
    EXPECT_TRUE(platform.newest_request().contains("to be changed before the first use"));
}

TEST(Batch, two_are_issued_stick_after_stick_and_a_pulled_master_stops_it_between) {
    Platform platform("initialised");
    Desk desk(platform);
    open_batch(desk, "holder,station,per-order\nHan Meimei,shop-1,100\nLi Lei,shop 2,100\n");
    EXPECT_FALSE(desk.can_go_on()) << "a station's name that cannot be";
    desk.find<QPlainTextEdit>("batch_list")->setPlainText("holder,station,per-order\nHan Meimei,shop-1,100\nLi Lei,shop-2,100\n");
    desk.next();
    EXPECT_FALSE(desk.find<QRadioButton>("present")->isChecked());
    let_the_holder_type(desk);
    desk.enter("master", Platform::pin("master"));
    desk.next();
    ASSERT_TRUE(task_says(desk, "Plug in a blank UKEY for Han Meimei."));
    platform.plug_in_blank("slot");
    ASSERT_TRUE(task_says(desk, "Han Meimei types the PIN"));
    desk.type_twice("holder", "han-pin-4711-x");
    Desk::click(desk.find<QPushButton>("give_pin"));
    ASSERT_TRUE(task_says(desk, "Pull UKEY"));
    platform.pull("slot");
    ASSERT_TRUE(task_says(desk, "Plug in a blank UKEY for Li Lei."));

    platform.pull("master");
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.window().is_locked(); }, kPatience));
    EXPECT_EQ(desk.find<QLabel>("task"), nullptr) << "its window is gone, and the PIN with it";
    platform.plug_in("master");
    Desk::click(desk.find<QPushButton>("go_on"));

    open_batch(desk, {});  // the list is still there
    desk.next();
    EXPECT_FALSE(desk.can_go_on()) << "the master's PIN is wanted anew";
    EXPECT_TRUE(desk.find<QRadioButton>("present")->isChecked()) << "as it was chosen for this list";
    Desk::click(desk.find<QRadioButton>("somebody_else"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QWidget>("pin_master") != nullptr && desk.find<QWidget>("pin_master")->isEnabled(); }, kPatience));
    desk.enter("master", Platform::pin("master"));
    desk.type_twice("ukey", "first-pin-4711-x");
    desk.next();
    EXPECT_TRUE(desk.says("issued before as", kPatience));
    ASSERT_TRUE(task_says(desk, "Plug in a blank UKEY for Li Lei."));
    platform.plug_in_blank("slot-2");
    ASSERT_TRUE(task_says(desk, "Pull UKEY"));
    platform.pull("slot-2");
    EXPECT_TRUE(task_says(desk, "All are issued."));
    const QByteArray list = platform.ctl({"ukey", "list"});
    EXPECT_TRUE(list.contains("Han Meimei") && list.contains("Li Lei"));
}

TEST(Batch, a_wrong_pin_stops_at_its_row_and_it_goes_on_from_there) {
    Platform platform("initialised");
    Desk desk(platform);
    open_batch(desk, "Han Meimei,shop-1\n");
    desk.next();
    desk.enter("master", "wrong-pin-99");
    desk.type_twice("ukey", "first-pin-4711-x");
    desk.next();
    ASSERT_TRUE(task_says(desk, "Plug in a blank UKEY for Han Meimei."));
    platform.plug_in_blank("slot");
    ASSERT_TRUE(task_says(desk, "It stopped at Han Meimei."));
    EXPECT_TRUE(desk.says("The PIN is wrong"));
    EXPECT_EQ(desk.find<QPushButton>("next")->text(), "Go on …");
    desk.next();
    desk.enter("master", Platform::pin("master"));
    desk.type_twice("ukey", "first-pin-4711-x");
    desk.next();
    ASSERT_TRUE(task_says(desk, "Pull UKEY"));
    platform.pull("slot");
    EXPECT_TRUE(task_says(desk, "All are issued."));
}

TEST(BatchRows, columns_are_those_of_kmpctl_and_what_is_left_out_is_the_templates) {
    const auto rows = rows_of("holder,station,per-order,meters,reader\nHan Meimei,shop-1,12.50,000000000001-000000000009;000000000020,desk-1\n\nshop-2,,,,\n");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].line, 2u);
    EXPECT_EQ(rows[0].reader, "desk-1");
    EXPECT_EQ(rows[0].terms.per_order_fen(), 1250);
    EXPECT_EQ(rows[0].terms.meters_size(), 2);
    EXPECT_EQ(rows[1].line, 4u);
    EXPECT_EQ(rows[1].terms.station(), "shop-2") << "its holder stands for it";
    EXPECT_EQ(rows[1].terms.per_order_fen(), ui::parts::usual_terms(model::UkeyKind::user).per_order_fen());
}

TEST(BatchRows, a_paste_from_a_spreadsheet_needs_no_first_line) {
    const auto rows = rows_of("Han, Meimei\tshop-1\t100\t200\r\nLi Lei\tshop-2\r\n");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].holder, "Han, Meimei");
    EXPECT_EQ(rows[0].terms.per_day_fen(), 20000);
    EXPECT_EQ(rows[0].problem, "");
    EXPECT_EQ(rows[1].problem, "");
}

TEST(BatchRows, a_row_that_cannot_be_says_why) {
    const auto rows = rows_of("holder,station,kind,per-order\nA,shop 1,,\nB,shop-1,key,\nC,shop-1,,x\n,shop-1,,\nD,shop-1,,\nD,shop-1,,\nE,shop-1,,,,\n");
    ASSERT_EQ(rows.size(), 7u);
    for (const std::size_t i : {0u, 1u, 2u, 3u, 5u, 6u}) EXPECT_NE(rows[i].problem, "") << i;
    EXPECT_EQ(rows[4].problem, "");
    EXPECT_NE(rows_of("holder,colour\nA,red\n").front().problem, "");
    BatchModel model;
    EXPECT_NE(model.problem(), "");
    model.set(rows);
    EXPECT_TRUE(model.problem().startsWith("Line 2:")) << model.problem().toStdString();
}

TEST(BatchRows, a_model_tells_what_is_next_and_what_came_of_each) {
    BatchModel model;
    model.set(rows_of("A,s-1\nB,s-2\n"));
    EXPECT_EQ(model.problem(), "");
    EXPECT_EQ(model.next(), 0u);
    model.tell(0, BatchRow::State::failed, "no");
    EXPECT_EQ(model.next(), 0u) << "what failed is tried again";
    model.tell(0, BatchRow::State::done, "yes", "US-1");
    EXPECT_EQ(model.next(), 1u);
    EXPECT_EQ(model.index(0, BatchModel::outcome).data().toString(), "yes");
    model.tell(1, BatchRow::State::done, "yes");
    EXPECT_EQ(model.next(), 2u);
}

TEST(IssueWords, what_is_missing_is_said) {
    ui::issue::Issue issue;
    EXPECT_NE(issue.missing(), "");
    issue.holder = "Han Meimei";
    issue.terms = ui::parts::usual_terms(model::UkeyKind::user);
    EXPECT_NE(issue.missing(), "") << "no station";
    issue.terms.set_station("s-1");
    EXPECT_EQ(issue.missing(), "");
    issue.kind = "master-control";
    EXPECT_NE(issue.missing(), "") << "no reason";
    issue.reason = "fire";
    EXPECT_EQ(issue.missing(), "");
    EXPECT_TRUE(issue.request().has_master_add());
    issue.kind = "auditor";
    issue.not_after = 5;
    EXPECT_EQ(issue.request().ukey_issue().not_after_ms(), 5);
    EXPECT_FALSE(issue.request().ukey_issue().has_terms());
}
