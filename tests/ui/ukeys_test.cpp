// The page of UKEYs against a real kmpd.
#include <gtest/gtest.h>

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDateEdit>
#include <QDialog>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QTableView>
#include <QTest>

#include "tests/ui/platform.h"
#include "ui/ukeys/acts.h"
#include "ui/window/page.h"

using State = ui::link::Link::State;
using ui::ukeys::Act;

namespace {

/// The page with this reader's UKEY in detail.
void go_to(Desk& desk, const QString& serial) {
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to(QStringLiteral("ukeys"), serial);
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QLabel>("ukey_name") != nullptr && desk.find<QLabel>("ukey_name")->text().contains(serial); }, 30000));
}

QAction* action(Desk& desk, Act act) { return desk.window().findChild<QAction*>(QStringLiteral("act_%1").arg(static_cast<int>(act))); }

bool comes_to(Desk& desk, const QString& state) {
    return QTest::qWaitFor([&] { return desk.find<QLabel>("ukey_state") != nullptr && desk.find<QLabel>("ukey_state")->text() == state; }, 30000);
}

/// Of the officers whose UKEYs are plugged in, the first.
void choose_officer(Desk& desk) {
    auto* officer = desk.find<QComboBox>("officer");
    ASSERT_NE(officer, nullptr);
    officer->setCurrentIndex(officer->findText("in reader officer-1", Qt::MatchContains));
}

/// Types what the open dialog asks for, and does it.
void do_it(Desk& desk, const QString& reason, const std::map<QString, QString>& pins, const QString& says) {
    QDialog* dialog = desk.dialog();
    ASSERT_NE(dialog, nullptr);
    if (!reason.isEmpty()) desk.find<QLineEdit>("reason")->setText(reason);
    for (const auto& [field, pin] : pins) Desk::type(desk.find<QWidget>(field), pin);
    Desk::click(desk.act());
    EXPECT_TRUE(desk.did(says));
    Desk::click(dialog->findChild<QPushButton*>("close"));
}

}  // namespace

TEST(Ukeys, are_listed_found_suspended_and_resumed) {
    Platform platform("auditor");
    Desk desk(platform);
    const QString user = platform.serial("user");
    go_to(desk, user);
    EXPECT_TRUE(desk.says("station-1"));
    auto* find = desk.find<QLineEdit>("find");
    find->setText(user);
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.find<QTableView>("ukeys")->model()->rowCount() == 1; }, 5000));
    EXPECT_TRUE(desk.find<QLabel>("count")->text().startsWith("1 of "));
    find->setText("nothing is like this");
    EXPECT_TRUE(desk.says("No UKEY is like that."));
    EXPECT_TRUE(desk.find<QLabel>("ukey_name") == nullptr);
    find->setText(platform.serial("key"));
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.find<QTableView>("ukeys") != nullptr; }, 5000));
    QTest::qWait(50);
    EXPECT_TRUE(desk.find<QLabel>("ukey_name")->text().contains(user)) << "the choice does not move to what is left";
    find->clear();

    EXPECT_FALSE(action(desk, Act::resume)->isEnabled());
    EXPECT_FALSE(action(desk, Act::resume)->toolTip().isEmpty());
    action(desk, Act::suspend)->trigger();
    auto* act = desk.act();
    desk.enter("master", Platform::pin("master"));
    EXPECT_FALSE(act->isEnabled()) << "without a reason";
    do_it(desk, "as a test", {}, "is suspended");
    ASSERT_TRUE(comes_to(desk, "suspended"));
    EXPECT_FALSE(action(desk, Act::suspend)->isEnabled());

    action(desk, Act::resume)->trigger();
    desk.dialog();
    desk.act_with("master", "wrong-pin-1");
    EXPECT_TRUE(desk.says("The PIN is wrong"));
    do_it(desk, {}, {{"pin_master", Platform::pin("master")}}, "is in use again");
    EXPECT_TRUE(comes_to(desk, "in use"));
}

TEST(Ukeys, a_grant_is_changed_and_what_cannot_be_is_not_offered) {
    Platform platform("initialised");
    Desk desk(platform);
    go_to(desk, platform.serial("user"));
    action(desk, Act::grant)->trigger();
    desk.dialog();
    auto* next = desk.find<QPushButton>("go_on_with_grant");
    EXPECT_FALSE(next->isEnabled()) << "nothing is changed yet";
    desk.find<QDoubleSpinBox>("per_day")->setValue(6543.21);
    EXPECT_TRUE(next->isEnabled());
    desk.find<QLineEdit>("station")->setText("no station");
    EXPECT_FALSE(next->isEnabled());
    desk.find<QLineEdit>("station")->setText("station-1");
    Desk::click(next);
    EXPECT_TRUE(desk.says("6,543.21"));
    QPushButton* act = nullptr;
    ASSERT_TRUE(QTest::qWaitFor([&] { return (act = desk.find<QPushButton>("act")) != nullptr; }, 5000));
    desk.act_with("master", Platform::pin("master"));
    EXPECT_TRUE(desk.says("is set."));
    Desk::click(desk.find<QPushButton>("close"));
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.window().findChild<QLabel*>("grant_words")->text().contains("6,543.21 a day"); }, 30000));
}

TEST(Ukeys, a_revoked_one_never_works_again_and_can_only_be_erased) {
    Platform platform("initialised");
    Desk desk(platform);
    go_to(desk, platform.serial("key"));
    action(desk, Act::revoke)->trigger();
    EXPECT_TRUE(desk.says("draw new ones afterwards"));
    do_it(desk, "its holder left", {{"pin_master", Platform::pin("master")}}, "is revoked for good");
    ASSERT_TRUE(comes_to(desk, "revoked"));
    for (const Act act : {Act::suspend, Act::resume, Act::revoke, Act::report_lost, Act::renew, Act::grant, Act::inject, Act::set_pin}) EXPECT_FALSE(action(desk, act)->isEnabled());
    EXPECT_TRUE(action(desk, Act::destroy)->isEnabled());
    action(desk, Act::destroy)->trigger();
    do_it(desk, {}, {{"pin_master", Platform::pin("master")}}, "is erased");
    EXPECT_TRUE(comes_to(desk, "erased"));
}

TEST(Ukeys, their_holder_changes_the_pin_and_a_wrong_one_is_counted) {
    Platform platform("initialised");
    Desk desk(platform);
    go_to(desk, platform.serial("key"));
    action(desk, Act::set_pin)->trigger();
    desk.dialog();
    auto* act = desk.act();
    desk.enter("ukey", "wrong-pin-1");
    desk.enter("fresh", "new-pin-granite");
    desk.enter("again_fresh", "new-pin-");
    EXPECT_FALSE(act->isEnabled()) << "the two differ";
    desk.act_with("again_fresh", "granite");
    EXPECT_TRUE(desk.says("The PIN is wrong"));
    desk.enter("ukey", Platform::pin("key"));
    desk.enter("fresh", "new-pin-granite");
    desk.act_with("again_fresh", "new-pin-granite");
    EXPECT_TRUE(desk.says("is changed."));
}

TEST(Ukeys, with_officers_one_suspends_and_all_must_agree_to_renew) {
    Platform platform("officers");
    Desk desk(platform);
    const QString user = platform.serial("user");
    go_to(desk, user);
    action(desk, Act::suspend)->trigger();
    desk.dialog();
    choose_officer(desk);
    do_it(desk, "as a test", {{"pin_officer", Platform::officer_pin(1)}}, "is suspended");
    ASSERT_TRUE(comes_to(desk, "suspended"));
    action(desk, Act::resume)->trigger();
    desk.dialog();
    choose_officer(desk);
    do_it(desk, {}, {{"pin_officer", Platform::officer_pin(1)}}, "is in use again");
    ASSERT_TRUE(comes_to(desk, "in use"));
    action(desk, Act::renew)->trigger();
    desk.dialog();
    EXPECT_TRUE(desk.says("it becomes a request"));
    EXPECT_EQ(desk.find<QPushButton>("act")->text(), "Ask the officers");
    auto* until = desk.find<QDateEdit>("renew_until");
    const QDate offered = until->date();
    EXPECT_GT(offered, QDate::currentDate().addYears(1)) << "a year more than it has";
    until->setDate(QDate::currentDate().addDays(9));
    EXPECT_TRUE(desk.says("it is shortened"));
    until->setDate(offered);
    EXPECT_EQ(desk.find<QWidget>("pin_master"), nullptr);
    do_it(desk, {}, {}, "was made");
}

TEST(Ukeys, a_certificate_is_saved_and_a_place_that_takes_none_is_named) {
    Platform platform("initialised");
    Desk desk(platform);
    const QString user = platform.serial("user");
    go_to(desk, user);
    desk.window().page("ukeys")->show_scene("certificate");
    const QString file = platform.folder() + "/user.pem";
    const auto save = [&](const QString& where) {
        desk.push("save_certificate");
        desk.choose(where);
    };
    save(file);
    ASSERT_TRUE(desk.says("The certificate is in " + file));
    QFile saved(file);
    ASSERT_TRUE(saved.open(QIODevice::ReadOnly));
    EXPECT_TRUE(saved.readAll().startsWith("-----BEGIN CERTIFICATE-----"));
    save("/proc/self/user.pem");  // nobody can write there, root neither
    EXPECT_TRUE(desk.says("/proc/self/user.pem"));
}

TEST(Ukeys, history_comes_from_the_log_the_newest_first) {
    Platform platform("initialised");
    platform.ctl({"ukey", "suspend", platform.serial("user"), "--reason", "to be seen in the history"}, {{"master", Platform::pin("master")}});
    Desk desk(platform);
    go_to(desk, platform.serial("user"));
    desk.window().page("ukeys")->show_scene("history");
    EXPECT_TRUE(desk.says("to be seen in the history"));
    desk.language().set(QStringLiteral("zh_CN"));
    go_to(desk, platform.serial("user"));
    desk.window().page("ukeys")->show_scene("history");
    EXPECT_TRUE(desk.says(QStringLiteral("暂停：状态由“使用中”变为“已暂停”，")));
}

TEST(Ukeys, one_opens_by_itself_once_its_pin_is_kept_and_no_longer_when_it_is_forgotten) {
    Platform platform("initialised");
    Desk desk(platform);
    go_to(desk, platform.serial("user"));
    action(desk, Act::attend)->trigger();
    desk.dialog();
    desk.act_with("ukey", "wrong-pin-1");
    EXPECT_TRUE(desk.says("The PIN is wrong"));
    do_it(desk, {}, {{"pin_ukey", Platform::pin("user")}}, "opens by itself while");
    ASSERT_TRUE(QTest::qWaitFor([&] { return action(desk, Act::forget_pin)->isEnabled(); }, 30000));
    EXPECT_FALSE(action(desk, Act::attend)->isEnabled());
    EXPECT_TRUE(action(desk, Act::attend)->text().contains("It does already.")) << "the reason stands in the menu";
    action(desk, Act::forget_pin)->trigger();
    do_it(desk, {}, {}, "is forgotten");
    EXPECT_TRUE(QTest::qWaitFor([&] { return action(desk, Act::attend)->isEnabled(); }, 30000));
}

TEST(Ukeys, masters_that_came_with_a_rotation_are_given_with_its_pin) {
    Platform platform("initialised");
    platform.ctl({"keys", "rotate", "--reason", "yearly"}, {{"master", Platform::pin("master")}});
    Desk desk(platform);
    go_to(desk, platform.serial("user"));
    action(desk, Act::inject)->trigger();
    desk.enter("master", "wrong-pin-1");
    desk.act_with("ukey", Platform::pin("user"));
    EXPECT_TRUE(desk.says("The PIN is wrong"));
    do_it(desk, {}, {{"pin_master", Platform::pin("master")}, {"pin_ukey", Platform::pin("user")}}, "holds every master");
    EXPECT_TRUE(desk.says("credit 2"));
}

TEST(Ukeys, ten_wrong_pins_block_one_and_a_new_pin_unblocks_it) {
    Platform platform("initialised");
    Desk desk(platform);
    const QString serial = platform.serial("key");
    go_to(desk, serial);
    for (int i = 0; i < 10; ++i) {
        wire::pb::AdminRequest request;
        request.mutable_ukey_set_pin()->set_serial(serial.toStdString());
        ui::link::Pins pins;
        pins.push_back({"ukey", base::Secret::copy_of(base::as_bytes("wrong-pin-1"))});
        pins.push_back({"fresh", base::Secret::copy_of(base::as_bytes("new-pin-granite"))});
        bool answered = false;
        desk.link().ask(&desk.link(), std::move(request), [&](base::Result<wire::pb::AdminReply> reply) {
            EXPECT_FALSE(reply);
            answered = true;
        }, std::move(pins));
        ASSERT_TRUE(QTest::qWaitFor([&] { return answered; }, 30000));
    }
    desk.window().page("ukeys")->refresh();
    ASSERT_TRUE(comes_to(desk, "blocked (PIN)"));
    EXPECT_FALSE(action(desk, Act::set_pin)->isEnabled());
    action(desk, Act::unblock)->trigger();
    desk.dialog();
    desk.enter("master", Platform::pin("master"));
    for (const char* field : {"pin_ukey", "pin_again_ukey"}) Desk::type(desk.find<QWidget>(field), "111111");
    Desk::click(desk.act());
    EXPECT_TRUE(desk.says("Something that was entered cannot be.")) << "one character repeated is no PIN";
    do_it(desk, {}, {{"pin_master", Platform::pin("master")}, {"pin_ukey", "new-pin-granite"}, {"pin_again_ukey", "new-pin-granite"}}, "is in use again, with the new PIN");
    EXPECT_TRUE(comes_to(desk, "in use"));
}

TEST(Ukeys, one_that_is_reported_lost_is_refused_for_good_and_names_what_it_held_in_our_words) {
    Platform platform("initialised");
    Desk desk(platform);
    go_to(desk, platform.serial("user"));
    action(desk, Act::report_lost)->trigger();
    EXPECT_TRUE(desk.says("credit 1"));
    EXPECT_FALSE(desk.act()->isEnabled()) << "without a reason";
    do_it(desk, "left in a taxi", {{"pin_master", Platform::pin("master")}}, "is reported lost");
    ASSERT_TRUE(comes_to(desk, "lost"));
    EXPECT_FALSE(action(desk, Act::resume)->isEnabled());
    EXPECT_TRUE(action(desk, Act::revoke)->isEnabled());
}

TEST(Ukeys, the_pages_share_one_list_that_is_read_anew_when_something_was_done) {
    Platform platform("initialised");
    Desk desk(platform);
    auto& list = desk.link().ukeys();
    go_to(desk, platform.serial("user"));
    ASSERT_TRUE(list.is_known());
    QTest::qWait(2500);  // the status has said twice that nothing happened
    const auto read = list.readings();
    for (const char* page : {"stations", "keys", "ukeys"}) desk.window().go_to(page);
    QTest::qWait(1500);
    EXPECT_EQ(list.readings(), read) << "nothing has changed";
    action(desk, Act::suspend)->trigger();
    do_it(desk, "as a test", {{"pin_master", Platform::pin("master")}}, "is suspended");
    EXPECT_TRUE(QTest::qWaitFor([&] { return list.readings() > read; }, 30000));
    desk.window().go_to("stations");
    EXPECT_TRUE(desk.says("suspended"));
}
