// The page Stations and accounts: what sells, what is held, and network accounts, against a real kmpd.
#include <gtest/gtest.h>

#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QTest>

#include "tests/ui/platform.h"
#include "ui/stations/accounts_model.h"
#include "ui/stations/certificate_field.h"
#include "ui/stations/stations_model.h"

using State = ui::link::Link::State;
using ui::stations::AccountsModel;
using ui::stations::StationsModel;
namespace pb = wire::pb;

namespace {

pb::Ukey user(const char* serial, const char* grant) {
    pb::Ukey u;
    u.set_serial(serial);
    u.set_kind("user");
    u.set_state("issued");
    u.set_grant(grant);
    return u;
}

constexpr auto kGrant = "grant 1 of user UKEY US-1 at platform PF-1, station north, gate 2, may recharge with keys of classes credit";

QPushButton* act(Desk& desk) { return desk.dialog()->findChild<QPushButton*>("act"); }
void close(Desk& desk) { Desk::click(desk.dialog()->findChild<QPushButton*>("close")); }

void open_accounts(Desk& desk) {
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("stations");
    ASSERT_TRUE(desk.says("station-1"));
    desk.find<QTabWidget>("tabs")->setCurrentIndex(1);
}

void add_account(Desk& desk, const QString& password) {
    Desk::click(desk.find<QPushButton>("add_account"));
    desk.dialog();
    QTest::keyClicks(desk.find<QLineEdit>("account_name"), "shop-7");
    QTest::keyClicks(desk.find<QLineEdit>("account_holder"), "Han Meimei");
    Desk::type(desk.find<QWidget>("pin_master"), Platform::pin("master"));
    Desk::type(desk.find<QWidget>("pin_account"), password);
    EXPECT_FALSE(act(desk)->isEnabled()) << "it is typed twice";
    Desk::type(desk.find<QWidget>("pin_again_account"), password);
    Desk::click(act(desk));
}

}  // namespace

TEST(StationsModel, the_station_is_known_from_the_words_of_the_grant_until_its_terms_come) {
    EXPECT_EQ(ui::stations::station_in(kGrant), "north, gate 2");
    EXPECT_EQ(ui::stations::station_in("grant 1 of key UKEY KY-1, may download_keys"), "");
    EXPECT_EQ(ui::stations::station_in("may , station "), "");
    StationsModel model;
    model.set({user("US-1", kGrant)});
    pb::GrantTerms terms;
    terms.set_station("south");
    model.set_terms("US-1", terms, 0);
    EXPECT_EQ(model.index(0, StationsModel::station).data().toString(), "south");
}

TEST(StationsModel, the_bar_is_there_once_the_cap_is_known) {
    StationsModel model;
    model.set({user("US-1", kGrant)});
    const QModelIndex today = model.index(0, StationsModel::today);
    EXPECT_FALSE(today.data(StationsModel::kPart).isValid());
    pb::GrantTerms terms;
    terms.set_per_day_fen(100'000);
    model.set_terms("US-1", terms, 25'000);
    EXPECT_EQ(today.data(StationsModel::kPart).toDouble(), 0.25);
    EXPECT_EQ(today.data().toString(), "250.00 of 1,000.00");
    terms.set_per_day_fen(0);
    model.set_terms("US-1", terms, 0);
    EXPECT_FALSE(today.data(StationsModel::kPart).isValid()) << "without a cap there is no part of it";
}

TEST(StationsModel, only_user_ukeys_are_listed_and_a_held_station_is_told) {
    pb::Ukey key = user("KY-1", "");
    key.set_kind("key");
    StationsModel model;
    model.set({user("US-1", kGrant), key});
    ASSERT_EQ(model.rowCount(), 1);
    EXPECT_EQ(model.index(0, StationsModel::state).data().toString(), "in use");
    model.set_held({"north, gate 2"});
    EXPECT_TRUE(model.index(0, StationsModel::state).data().toString().contains("held"));
}

TEST(AccountsModel, says_by_what_an_account_is_used_and_when_its_ukey_is_not) {
    pb::Account a;
    a.set_name("shop-7");
    a.set_ukey("US-1");
    a.set_ukey_state("suspended");
    a.set_state("active");
    a.set_sessions(2);
    AccountsModel model;
    model.set({a});
    EXPECT_EQ(model.index(0, AccountsModel::ways).data().toString(), "by password");
    EXPECT_EQ(model.index(0, AccountsModel::ukey).data().toString(), "US-1 (suspended)");
    EXPECT_EQ(model.live(), 2U);
    EXPECT_EQ(model.row_of("shop-8"), -1);
    a.set_key("00ff");
    EXPECT_EQ(ui::stations::ways_of(a), "by certificate");
}

TEST(CertificateField, a_file_with_a_private_key_is_refused) {
    EXPECT_TRUE(ui::stations::problem_with_certificate("-----BEGIN CERTIFICATE-----").isEmpty());
    EXPECT_TRUE(ui::stations::problem_with_certificate("-----BEGIN PRIVATE KEY-----").contains("private key"));
    EXPECT_FALSE(ui::stations::problem_with_certificate({}).isEmpty());
    EXPECT_FALSE(ui::stations::problem_with_certificate(QByteArray(20000, 'x')).isEmpty());
}

TEST(Stations, user_ukeys_are_shown_with_what_is_sold_of_the_day) {
    Platform platform("initialised");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("stations");
    EXPECT_TRUE(desk.says("station-1"));
    EXPECT_TRUE(desk.says("0.00 of 2,000,000.00")) << "the terms of the row in view were asked for";
}

TEST(Stations, an_account_is_added_disabled_and_enabled) {
    Platform platform("initialised");
    Desk desk(platform);
    open_accounts(desk);
    EXPECT_TRUE(desk.says("No account is there yet."));
    add_account(desk, "first-password-9");
    ASSERT_TRUE(desk.says("Account shop-7 is added."));
    EXPECT_TRUE(desk.says("changes the password before the first use"));
    close(desk);
    ASSERT_TRUE(desk.says("by password"));
    desk.find<QTableView>("accounts")->selectRow(0);
    EXPECT_FALSE(desk.find<QPushButton>("enable_account")->isEnabled()) << "it is in force";
    Desk::click(desk.find<QPushButton>("disable_account"));
    desk.dialog();
    Desk::type(desk.find<QWidget>("pin_master"), Platform::pin("master"));
    EXPECT_FALSE(act(desk)->isEnabled()) << "a reason is missing";
    QTest::keyClicks(desk.find<QLineEdit>("reason"), "left");
    Desk::click(act(desk));
    ASSERT_TRUE(desk.says("Account shop-7 is disabled."));
    close(desk);
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("enable_account") != nullptr && desk.find<QPushButton>("enable_account")->isEnabled(); }, 30000));
    EXPECT_FALSE(desk.find<QPushButton>("disable_account")->isEnabled());
    Desk::click(desk.find<QPushButton>("enable_account"));
    desk.dialog();
    Desk::type(desk.find<QWidget>("pin_master"), Platform::pin("master"));
    Desk::click(act(desk));
    EXPECT_TRUE(desk.says("Account shop-7 is in force."));
}

TEST(Stations, a_second_account_of_the_same_name_and_a_poor_password_are_refused) {
    Platform platform("initialised");
    Desk desk(platform);
    open_accounts(desk);
    add_account(desk, "111111");
    EXPECT_TRUE(desk.says("Something that was entered cannot be."));
    close(desk);
    add_account(desk, "first-password-9");
    ASSERT_TRUE(desk.says("Account shop-7 is added."));
    close(desk);
    add_account(desk, "other-password-9");
    EXPECT_TRUE(desk.says("There is one already."));
}

TEST(Stations, a_held_station_is_released_with_a_reason) {
    Platform platform("held");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("stations");
    ASSERT_TRUE(desk.says("Station station-1 is held"));
    EXPECT_TRUE(desk.says("held: sells nothing"));
    auto* strip = desk.find<QWidget>("held_station-1");
    ASSERT_NE(strip, nullptr);
    Desk::click(strip->findChild<QPushButton*>());
    desk.dialog();
    QTest::keyClicks(desk.find<QLineEdit>("reason"), "a fair, and they told us");
    Desk::type(desk.find<QWidget>("pin_master"), "not-the-pin-4");
    Desk::click(act(desk));
    EXPECT_TRUE(desk.says("The PIN is wrong"));
    Desk::type(desk.find<QWidget>("pin_master"), Platform::pin("master"));
    Desk::click(act(desk));
    ASSERT_TRUE(desk.says("Station station-1 may sell again."));
    close(desk);
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.find<QWidget>("held_station-1") == nullptr; }, 30000));
}
