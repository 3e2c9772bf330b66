// The page Approvals: what officers decide, in words and by clicks, against a real kmpd.
#include <gtest/gtest.h>
#include <unistd.h>

#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QTest>

#include "base/clock.h"
#include "tests/ui/platform.h"
#include "ui/approvals/request_deeds.h"
#include "ui/approvals/request_words.h"
#include "ui/approvals/requests_model.h"
#include "ui/parts/caller.h"
#include "ui/parts/words.h"

using State = ui::link::Link::State;
using ui::approvals::Term;
namespace pb = wire::pb;

namespace {

/// Asks on the page Keys for new masters of all classes; the page Approvals shows the request.
void ask_for_rotation(Desk& desk) {
    desk.window().go_to("keys");
    desk.push("rotate");
    QDialog* dialog = desk.dialog();
    QTest::keyClicks(desk.find<QLineEdit>("reason"), "yearly");
    Desk::click(desk.act());
    ASSERT_TRUE(desk.says("was made."));
    for (QPushButton* b : dialog->findChildren<QPushButton*>())
        if (b->isVisible() && b->text() == "Go to it") Desk::click(b);
    ASSERT_TRUE(desk.says("2 more officer"));
    ASSERT_EQ(desk.window().current(), "approvals");
}

/// The first officer of the list types a PIN; empty: the right one. Returns the officer's number.
int judge(Desk& desk, const char* button, const QString& pin = {}) {
    desk.push(button);
    QDialog* dialog = desk.dialog();
    auto* officer = desk.find<QComboBox>("officer");
    if (officer == nullptr || dialog == nullptr) return 0;
    EXPECT_EQ(officer->currentIndex(), -1) << "nobody is proposed";
    EXPECT_TRUE(QTest::qWaitFor([&] { return officer->itemText(0).startsWith("Officer "); }, 30000)) << officer->itemText(0).toStdString();
    officer->setCurrentIndex(0);
    const int number = officer->currentText().section("officer-", 1).toInt();
    desk.act_with("officer", pin.isEmpty() ? Platform::officer_pin(number) : pin);
    return number;
}

pb::Request rotation() {
    pb::Request r;
    r.set_number(7);
    r.set_deed("rotate");
    r.set_state("waiting");
    r.set_needed(2);
    (*r.mutable_terms())["version"] = "2";
    (*r.mutable_terms())["reason"] = "yearly";
    return r;
}

}  // namespace

TEST(RequestWords, every_term_is_shown_also_one_that_nobody_has_a_word_for) {
    pb::Request r = rotation();
    (*r.mutable_terms())["of_a_newer_service"] = "something";
    QStringList names;
    for (const Term& t : ui::approvals::terms_of(r)) names << t.name;
    EXPECT_EQ(names, (QStringList{"Version", "Reason", "of_a_newer_service"}));
}

TEST(RequestWords, meters_that_are_lost_and_cautions_stand_out) {
    pb::Request r = rotation();
    (*r.mutable_terms())["meters_lost"] = "12";
    (*r.mutable_terms())["caution"] = "every officer is needed";
    const auto terms = ui::approvals::terms_of(r);
    EXPECT_EQ(terms.front().tone, ui::parts::Tone::attention) << "the caution comes first";
    EXPECT_TRUE(std::ranges::any_of(terms, [](const Term& t) { return t.value == "12" && t.tone == ui::parts::Tone::bad; }));
}

TEST(RequestWords, it_can_be_run_only_when_it_is_approved_and_enough_shares_are_at_hand) {
    pb::Request r = rotation();
    r.set_shares(2);
    EXPECT_FALSE(ui::approvals::can_run(r)) << "waiting";
    r.set_state("approved");
    EXPECT_TRUE(ui::approvals::can_run(r));
    r.set_shares(1);
    EXPECT_FALSE(ui::approvals::can_run(r)) << "a share is gone";
    EXPECT_TRUE(ui::approvals::standing_of(r, 0).title.contains("1 of 2 shares"));
}

TEST(RequestWords, the_time_that_shares_are_kept_is_counted_down) {
    pb::Request r = rotation();
    r.set_state("approved");
    r.set_shares(2);
    EXPECT_TRUE(ui::approvals::standing_of(r, 9 * base::kMinute + 5 * base::kSecond).next.contains("9:05"));
}

TEST(RequestWords, an_officer_without_whom_all_others_are_needed_or_are_too_few_is_cautioned_about) {
    pb::Quorum quorum;
    quorum.set_needed(2);
    for (const char* ukey : {"OF-1", "OF-2", "OF-3", "OF-4"}) {
        auto& o = *quorum.add_officers();
        o.set_ukey(ukey);
        o.set_state("issued");
    }
    pb::Request r = rotation();
    (*r.mutable_terms())["ukey"] = "OF-1";
    (*r.mutable_terms())["action"] = "revoke";
    EXPECT_EQ(ui::approvals::too_few_after(quorum, r), "") << "three are left";
    quorum.mutable_officers(3)->set_state("revoked");
    EXPECT_TRUE(ui::approvals::too_few_after(quorum, r).contains("all of them must agree"));
    EXPECT_TRUE(ui::approvals::judging(r, true, quorum).warning.contains("all of them must agree"));
    EXPECT_TRUE(ui::approvals::running(r, quorum).warning.contains("all of them must agree"));
    quorum.mutable_officers(2)->set_state("lost");
    EXPECT_TRUE(ui::approvals::too_few_after(quorum, r).contains("nothing could be decided"));
    (*r.mutable_terms())["action"] = "resume";
    EXPECT_EQ(ui::approvals::too_few_after(quorum, r), "");
    EXPECT_EQ(ui::approvals::too_few_without(quorum, "US-1"), "") << "no officer's";
}

TEST(RequestWords, only_what_is_final_is_said_to_be_so) {
    pb::Request r = rotation();
    r.set_deed("revoke");
    for (const auto& [action, is_final] : {std::pair{"revoke", true}, {"report-lost", true}, {"suspend", false}, {"resume", false}}) {
        (*r.mutable_terms())["action"] = action;
        const auto deed = ui::approvals::running(r, {});
        EXPECT_EQ(deed.warning.contains("cannot be taken back"), is_final) << action;
        EXPECT_EQ(deed.danger, is_final) << action;
        EXPECT_EQ(ui::approvals::title_of(r) == ui::parts::deed_word("revoke"), std::string_view(action) == "revoke") << action;
    }
}

TEST(RequestsModel, rows_that_stay_are_changed_and_not_made_anew) {
    ui::approvals::RequestsModel model;
    pb::RequestListReply list;
    *list.add_requests() = rotation();
    model.set(list.requests());
    const QPersistentModelIndex row(model.index(0));
    list.mutable_requests(0)->set_agreeing(1);
    model.set(list.requests());
    EXPECT_TRUE(row.isValid());
    EXPECT_TRUE(row.data().toString().contains("1 of 2"));
    list.clear_requests();
    model.set(list.requests());
    EXPECT_FALSE(row.isValid());
    EXPECT_EQ(model.row_of(7), -1);
}

TEST(Approvals, a_rotation_is_asked_for_approved_by_two_officers_at_the_same_window_and_run) {
    Platform platform("officers");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    ask_for_rotation(desk);
    EXPECT_FALSE(desk.find<QPushButton>("run")->isEnabled()) << "nobody agrees yet";
    EXPECT_TRUE(desk.find<QLabel>("reasons") != nullptr && desk.find<QLabel>("reasons")->text().startsWith("Run:")) << "and that stands under the buttons";
    const QString asker = ui::parts::caller_word("uid " + std::to_string(getuid()) + " (pid 1)");
    EXPECT_TRUE(desk.says("asked by " + asker + ", ")) << "a person, not a process";
    EXPECT_TRUE(desk.says(asker + ": uid ")) << "which stands among the details";

    const int first = judge(desk, "approve");
    ASSERT_TRUE(desk.says("1 more officer"));
    const int second = judge(desk, "approve");
    EXPECT_NE(first, second) << "whoever has agreed stands last";
    ASSERT_TRUE(desk.says("can be run now"));
    EXPECT_TRUE(desk.says("kept for 9:")) << "the shares' time is counted down";

    Desk::click(desk.find<QPushButton>("run"));
    Desk::click(desk.act());
    ASSERT_TRUE(desk.says("is done: Draw new masters"));
    Desk::click(desk.dialog()->findChild<QPushButton*>("close"));
    EXPECT_TRUE(desk.says("It was done."));
    EXPECT_FALSE(desk.find<QPushButton>("run")) << "once is enough";
}

TEST(Approvals, a_wrong_pin_approves_nothing) {
    Platform platform("officers");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    ask_for_rotation(desk);
    judge(desk, "approve", "not-the-pin-4");
    EXPECT_TRUE(desk.says("The PIN is wrong"));
    EXPECT_TRUE(desk.dialog()->isVisible()) << "it can be tried again";
    Desk::click(desk.dialog()->findChild<QPushButton*>("close"));
    EXPECT_TRUE(desk.says("2 more officer"));
}

TEST(Approvals, a_rejected_request_cannot_be_run) {
    Platform platform("officers");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    ask_for_rotation(desk);
    judge(desk, "approve");
    ASSERT_TRUE(desk.says("1 more officer"));
    judge(desk, "reject");
    ASSERT_TRUE(desk.says("It was rejected."));
    for (const char* name : {"approve", "reject", "run"}) EXPECT_EQ(desk.find<QPushButton>(name), nullptr) << name;
}

TEST(Approvals, one_person_has_nothing_to_approve_and_is_told_so) {
    Platform platform("initialised");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("approvals");
    EXPECT_TRUE(desk.says("There is nothing to approve."));
}

TEST(Approvals, a_change_of_the_officers_says_what_does_not_go_together) {
    Platform platform("officers");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("approvals");
    ASSERT_TRUE(desk.says("2 of 3 must agree."));
    ASSERT_TRUE(desk.says("Officer 3"));
    Desk::click(desk.find<QPushButton>("change_officers"));
    auto* act = desk.act();
    EXPECT_EQ(act->text(), "Ask the officers");
    EXPECT_TRUE(desk.says("Choose what changes."));
    QTest::keyClicks(desk.find<QLineEdit>("reason"), "the board wants three");
    EXPECT_FALSE(act->isEnabled());
    QTest::keyClick(desk.find<QWidget>("needed"), Qt::Key_Up);
    EXPECT_TRUE(desk.says("Every officer would be needed."));
    EXPECT_TRUE(act->isEnabled());
    QTest::keyClick(desk.find<QWidget>("needed"), Qt::Key_Up);
    EXPECT_TRUE(desk.says("only 3 officers would be left"));
    EXPECT_FALSE(act->isEnabled());
    QTest::keyClick(desk.find<QWidget>("needed"), Qt::Key_Down);
    Desk::click(act);
    EXPECT_TRUE(desk.says("was made."));
}

TEST(Approvals, officers_change_when_their_request_is_run) {
    Platform platform("officers");
    platform.plug_in_blank("officer-4");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("approvals");
    ASSERT_TRUE(desk.says("2 of 3 must agree."));
    Desk::click(desk.find<QPushButton>("change_officers"));
    auto* act = desk.act();
    ASSERT_TRUE(desk.says("Choose what changes."));  // and its fields are shown
    Desk::click(desk.find<QPushButton>("add_officer"));
    QTest::keyClicks(desk.find<QLineEdit>("reason"), "the board wants four");
    EXPECT_FALSE(act->isEnabled());
    ASSERT_TRUE(desk.says("Write the name of every officer who comes."));
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QLineEdit>("holder") != nullptr; }, 30000));
    desk.find<QLineEdit>("holder")->setText("Officer 4");
    ASSERT_TRUE(QTest::qWaitFor([&] { return act->isEnabled(); }, 30000)) << act->toolTip().toStdString();
    Desk::click(act);
    ASSERT_TRUE(desk.did("was made."));
    for (QPushButton* b : desk.dialog()->findChildren<QPushButton*>())
        if (b->isVisible() && b->text() == "Go to it") Desk::click(b);
    ASSERT_TRUE(desk.says("2 more officer"));
    judge(desk, "approve");
    ASSERT_TRUE(desk.says("1 more officer"));
    judge(desk, "approve");
    ASSERT_TRUE(desk.says("can be run now"));
    Desk::click(desk.find<QPushButton>("run"));
    QDialog* dialog = desk.dialog();
    QPushButton* go = desk.act();
    EXPECT_FALSE(go->isEnabled()) << "who comes chooses a PIN";
    for (QWidget* field : dialog->findChildren<QWidget*>(QRegularExpression("^pin_")))
        if (field->isVisible()) Desk::type(field, Platform::officer_pin(4));
    Desk::click(go);
    ASSERT_TRUE(desk.did("2 of 4 officers must agree now."));
    Desk::click(dialog->findChild<QPushButton*>("close"));
    EXPECT_TRUE(desk.says("2 of 4 must agree."));
}
