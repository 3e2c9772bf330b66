// The page Stations and accounts: what sells, what is held, and network accounts, against a real kmpd.
#include <gtest/gtest.h>

#include <QComboBox>
#include <QDialog>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QProcess>
#include <QTest>
#include <QTreeWidget>

#include "tests/ui/platform.h"
#include "ui/parts/pin_field.h"
#include "ui/stations/account_deeds.h"
#include "ui/stations/accounts_model.h"
#include "ui/stations/certificate_field.h"
#include "ui/stations/stations_model.h"
#include "ui/window/page.h"

using State = ui::link::Link::State;
using ui::stations::AccountsModel;
using ui::stations::StationsModel;
namespace pb = wire::pb;

namespace {

std::shared_ptr<const std::vector<pb::Ukey>> list_of(std::vector<pb::Ukey> ukeys) { return std::make_shared<const std::vector<pb::Ukey>>(std::move(ukeys)); }

pb::Ukey user(const char* serial, const char* station) {
    pb::Ukey u;
    u.set_serial(serial);
    u.set_kind("user");
    u.set_state("issued");
    u.mutable_terms()->set_station(station);
    return u;
}

/// In a window of the usual size: none is out of sight, and no name is cut.
void expect_no_column_is_cut(const QHeaderView& header) {
    EXPECT_LE(header.length(), header.viewport()->width());
    for (int c = 0; c < header.count(); ++c) EXPECT_LE(header.sectionSizeHint(c), header.sectionSize(c)) << header.model()->headerData(c, Qt::Horizontal).toString().toStdString();
}

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
    desk.enter("master", Platform::pin("master"));
    desk.enter("account", password);
    EXPECT_FALSE(desk.act()->isEnabled()) << "it is typed twice";
    desk.act_with("again_account", password);
}

}  // namespace

TEST(StationsModel, there_is_a_bar_for_each_cap_that_allows_money) {
    StationsModel model;
    pb::Ukey u = user("US-1", "north, gate 2");
    model.set(list_of({u}));
    const QModelIndex today = model.index(0, StationsModel::today), month = model.index(0, StationsModel::month);
    EXPECT_EQ(model.index(0, StationsModel::station).data().toString(), "north, gate 2");
    EXPECT_FALSE(today.data(StationsModel::kPart).isValid()) << "without a cap there is no part of it";
    u.mutable_terms()->set_per_day_fen(100'000);
    u.mutable_terms()->set_per_month_fen(1'000'000);
    u.set_spent_today_fen(25'000);
    u.set_spent_this_month_fen(900'000);
    model.set(list_of({u}));
    EXPECT_EQ(today.data(StationsModel::kPart).toDouble(), 0.25);
    EXPECT_EQ(today.data().toString(), "250.00 of 1,000.00");
    EXPECT_EQ(month.data(StationsModel::kPart).toDouble(), 0.9);
    EXPECT_EQ(month.data().toString(), "9,000.00 of 10,000.00");
    EXPECT_TRUE(month.data(Qt::ForegroundRole).isValid()) << "it is nearly used up";
    EXPECT_FALSE(today.data(Qt::ForegroundRole).isValid());
}

TEST(StationsModel, a_grant_that_is_set_anew_is_shown_at_once) {
    StationsModel model;
    model.set(list_of({user("US-1", "north")}));
    model.set(list_of({user("US-1", "south")}));
    EXPECT_EQ(model.index(0, StationsModel::station).data().toString(), "south");
}

TEST(StationsModel, only_user_ukeys_are_listed_and_a_held_station_is_told) {
    pb::Ukey key = user("KY-1", "");
    key.set_kind("key");
    StationsModel model;
    model.set(list_of({user("US-1", "north, gate 2"), key}));
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
    EXPECT_TRUE(desk.says("0.00 of 2,000,000.00"));
    expect_no_column_is_cut(*desk.find<QTableView>("stations")->horizontalHeader());
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
    expect_no_column_is_cut(*desk.find<QTableView>("accounts")->horizontalHeader());
    desk.find<QTableView>("accounts")->selectRow(0);
    EXPECT_FALSE(desk.find<QPushButton>("enable_account")->isEnabled()) << "it is in force";
    Desk::click(desk.find<QPushButton>("disable_account"));
    desk.dialog();
    desk.enter("master", Platform::pin("master"));
    EXPECT_FALSE(desk.act()->isEnabled()) << "a reason is missing";
    QTest::keyClicks(desk.find<QLineEdit>("reason"), "left");
    Desk::click(desk.act());
    ASSERT_TRUE(desk.says("Account shop-7 is disabled."));
    close(desk);
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("enable_account") != nullptr && desk.find<QPushButton>("enable_account")->isEnabled(); }, 30000));
    EXPECT_FALSE(desk.find<QPushButton>("disable_account")->isEnabled());
    Desk::click(desk.find<QPushButton>("enable_account"));
    desk.dialog();
    desk.act_with("master", Platform::pin("master"));
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

TEST(Stations, of_several_ukeys_an_account_has_none_until_it_is_chosen) {
    Platform platform("initialised");
    Desk desk(platform);
    open_accounts(desk);
    ui::stations::adding_account(desk.link(), {{platform.serial("user").toStdString(), "north"}, {"US-2", "south"}}, &desk.window())->open();
    desk.dialog();
    auto* ukey = desk.find<QComboBox>("account_ukey");
    EXPECT_TRUE(ukey->currentText().isEmpty()) << ukey->currentText().toStdString();
    QTest::keyClicks(desk.find<QLineEdit>("account_name"), "shop-7");
    QTest::keyClicks(desk.find<QLineEdit>("account_holder"), "Han Meimei");
    EXPECT_TRUE(desk.says("Choose the UKEY whose grant it uses."));
    desk.enter("master", Platform::pin("master"));
    for (const char* field : {"pin_account", "pin_again_account"}) Desk::type(desk.find<QWidget>(field), "first-password-9");
    EXPECT_FALSE(desk.act()->isEnabled());
    ukey->setCurrentIndex(0);
    EXPECT_TRUE(desk.says("The account is refused until the holder has changed it"));
    Desk::click(desk.find<QWidget>("present"));
    EXPECT_TRUE(desk.says("the account can be used at once"));
    Desk::click(desk.act());
    ASSERT_TRUE(desk.did("Account shop-7 is added."));
    EXPECT_FALSE(desk.says("changes the password before the first use", 0));
}

TEST(Stations, a_held_station_is_released_with_a_reason) {
    Platform platform("held");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("stations");
    ASSERT_TRUE(desk.says("Station station-1 is held"));
    EXPECT_EQ(desk.find<QTableView>("stations")->model()->index(0, StationsModel::state).data().toString(), "held");
    auto* strip = desk.find<QWidget>("held_station-1");
    ASSERT_NE(strip, nullptr);
    Desk::click(strip->findChild<QPushButton*>());
    desk.dialog();
    QTest::keyClicks(desk.find<QLineEdit>("reason"), "a fair, and they told us");
    desk.act_with("master", "not-the-pin-4");
    EXPECT_TRUE(desk.says("The PIN is wrong"));
    desk.act_with("master", Platform::pin("master"));
    ASSERT_TRUE(desk.says("Station station-1 may sell again."));
    close(desk);
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.find<QWidget>("held_station-1") == nullptr; }, 30000));
}

TEST(Stations, whoever_is_logged_in_is_listed_with_where_from_and_what_was_ordered) {
    Platform platform("initialised");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("stations");
    desk.find<QTabWidget>("tabs")->setCurrentIndex(2);
    EXPECT_TRUE(desk.says("Nobody is logged in."));
    QProcess station;
    const QString script = "import sys; sys.path.insert(0, sys.argv[1]); from station import Station\ns = Station(sys.argv[2]); s.login(sys.argv[3], sys.argv[4]); print('in', flush=True); sys.stdin.read()";
    station.start("/usr/bin/python3", {"-c", script, KMP_SOURCE_DIR "/tests/e2e", platform.home() + "/run/kmp.sock", platform.serial("user"), Platform::pin("user")});
    ASSERT_TRUE(QTest::qWaitFor([&] { return station.canReadLine() || station.state() == QProcess::NotRunning; }, 60000));
    ASSERT_EQ(station.state(), QProcess::Running) << station.readAllStandardError().toStdString();
    desk.window().page("stations")->refresh();
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QTreeWidget>("sessions") != nullptr; }, 30000));
    const QTreeWidgetItem* row = desk.find<QTreeWidget>("sessions")->topLevelItem(0);
    EXPECT_EQ(row->text(0), "station-1");
    EXPECT_EQ(row->text(1), platform.serial("user"));
    EXPECT_TRUE(row->text(4).endsWith("of this computer") || row->text(4).endsWith("on this computer")) << row->text(4).toStdString();
    EXPECT_EQ(row->text(5), "PIN");
    EXPECT_EQ(row->text(7), "0");
    EXPECT_EQ(row->toolTip(4), row->text(4));
    expect_no_column_is_cut(*desk.find<QTreeWidget>("sessions")->header());
    station.closeWriteChannel();
    station.waitForFinished();
}

TEST(Stations, an_account_gets_a_new_password_and_is_bound_to_a_certificate) {
    Platform platform("initialised");
    Desk desk(platform);
    open_accounts(desk);
    add_account(desk, "first-password-9");
    ASSERT_TRUE(desk.did("Account shop-7 is added."));
    close(desk);
    ASSERT_TRUE(desk.says("by password"));
    desk.find<QTableView>("accounts")->selectRow(0);
    Desk::click(desk.find<QPushButton>("reset_account"));
    desk.dialog();
    const auto reset = [&](const QString& password) {
        desk.enter("master", Platform::pin("master"));
        for (const char* field : {"pin_account", "pin_again_account"}) Desk::type(desk.find<QWidget>(field), password);
        Desk::click(desk.act());
    };
    ASSERT_NE(desk.find<QLabel>("pin_rule"), nullptr) << "before somebody thinks of one";
    EXPECT_EQ(desk.find<QLabel>("pin_rule")->text(), ui::parts::PinField::rule());
    reset("111111");
    EXPECT_TRUE(desk.says("Something that was entered cannot be."));
    reset("second-password-9");
    EXPECT_TRUE(desk.did("has a new password"));
    close(desk);

    const QString key = platform.folder() + "/station.key", file = platform.folder() + "/station.pem";
    ASSERT_EQ(QProcess::execute("openssl", {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", file, "-subj", "/CN=shop-7", "-days", "30"}), 0);
    Desk::click(desk.find<QPushButton>("bind_account"));
    desk.dialog();
    EXPECT_TRUE(desk.says("Choose the file of the certificate."));
    EXPECT_EQ(desk.find<QLabel>("pin_rule"), nullptr) << "no new one is typed";
    auto* field = desk.find<ui::stations::CertificateField>("certificate");
    field->read(key);
    EXPECT_TRUE(desk.says("private key"));
    desk.enter("master", Platform::pin("master"));
    EXPECT_FALSE(desk.act()->isEnabled()) << "a private key is taken nowhere";
    field->read(file);
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.act()->isEnabled(); }, 30000));
    Desk::click(desk.act());
    EXPECT_TRUE(desk.did("is bound to key"));
    close(desk);
    EXPECT_TRUE(desk.says("by certificate"));
}

TEST(Stations, under_dual_control_an_account_is_asked_for_and_one_officer_is_not_enough) {
    Platform platform("officers");
    Desk desk(platform);
    open_accounts(desk);
    Desk::click(desk.find<QPushButton>("add_account"));
    desk.dialog();
    ASSERT_TRUE(desk.says("Write a name"));
    EXPECT_FALSE(desk.act()->isEnabled());
    EXPECT_EQ(desk.find<QWidget>("pin_master"), nullptr);
    QTest::keyClicks(desk.find<QLineEdit>("account_name"), "shop-7");
    QTest::keyClicks(desk.find<QLineEdit>("account_holder"), "Han Meimei");
    Desk::click(desk.act());
    EXPECT_TRUE(desk.did("was made."));
    close(desk);
    EXPECT_TRUE(desk.says("No account is there yet.")) << "officers decide";
}
