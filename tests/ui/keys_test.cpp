// The page Keys: versions and classes, rotation and its progress, one meter, the backup; against a real kmpd.
#include <gtest/gtest.h>

#include <QCheckBox>
#include <QDialog>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QTest>

#include "tests/ui/platform.h"
#include "ui/keys/lacking.h"
#include "ui/keys/key_deeds.h"
#include "ui/keys/versions_model.h"
#include "ui/parts/bar.h"
#include "ui/parts/pin_field.h"

using State = ui::link::Link::State;
using ui::keys::VersionsModel;
namespace pb = wire::pb;

namespace {

pb::KeyVersion version(std::uint32_t number, bool newest, std::uint32_t credit) {
    pb::KeyVersion v;
    v.set_version(number);
    v.set_newest(newest);
    auto& control = *v.add_masters();
    control.set_key_class("control");
    control.set_version(1);
    auto& one = *v.add_masters();
    one.set_key_class("credit");
    one.set_version(credit);
    return v;
}

pb::Ukey ukey(const char* serial, const char* kind, const char* state, std::vector<std::string> masters) {
    pb::Ukey u;
    u.set_serial(serial);
    u.set_kind(kind);
    u.set_state(state);
    for (std::string& m : masters) u.add_masters(std::move(m));
    return u;
}

void open_page(Desk& desk) {
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("keys");
    ASSERT_TRUE(desk.says("handed out now"));
}

void rotate(Desk& desk) {
    Desk::click(desk.find<QPushButton>("rotate"));
    desk.dialog();
    QTest::keyClicks(desk.find<QLineEdit>("reason"), "yearly");
    desk.act_with("master", Platform::pin("master"));
    ASSERT_TRUE(desk.says("There is version 2."));
    Desk::click(desk.dialog()->findChild<QPushButton*>("close"));
}

}  // namespace

TEST(VersionsModel, the_newest_stands_first_and_each_class_names_the_master_it_uses) {
    pb::KeysListReply keys;
    *keys.add_versions() = version(1, false, 1);
    *keys.add_versions() = version(2, true, 2);
    keys.mutable_versions(0)->set_meters(3);
    keys.mutable_versions(1)->set_meters(4);
    VersionsModel model;
    model.set(keys);
    EXPECT_EQ(model.index(0, VersionsModel::version).data().toString(), "2");
    EXPECT_EQ(model.index(0, VersionsModel::first_class).data().toString(), "1") << "control goes on";
    EXPECT_EQ(model.index(0, VersionsModel::first_class + 4).data().toString(), "2") << "credit is new";
    EXPECT_EQ(model.index(0, VersionsModel::first_class + 1).data().toString(), "–") << "identity is not told";
    EXPECT_EQ(model.newest()->version(), 2U);
    EXPECT_EQ(model.known_meters(), 7U);
}

TEST(VersionsModel, a_destroyed_master_is_marked) {
    pb::KeysListReply keys;
    *keys.add_versions() = version(1, false, 1);
    keys.mutable_versions(0)->set_destroyed(true);
    keys.mutable_versions(0)->mutable_masters(1)->set_destroyed(true);
    VersionsModel model;
    model.set(keys);
    EXPECT_EQ(model.index(0, VersionsModel::first_class + 4).data().toString(), "1 destroyed");
    EXPECT_EQ(model.index(0, VersionsModel::state).data().toString(), "destroyed");
    EXPECT_EQ(model.newest(), nullptr);
}

TEST(Campaign, counts_as_the_service_does_and_names_who_is_counted) {
    const auto granted = [](pb::Ukey u, std::vector<const char*> classes) {
        for (const char* c : classes) u.mutable_terms()->add_classes(c);
        return u;
    };
    std::vector<pb::Ukey> all{granted(ukey("KY-1", "key", "issued", {"control 1", "credit 1"}), {"control", "credit"}), granted(ukey("US-1", "user", "suspended", {"credit 1", "credit 2"}), {"credit"}),
                              granted(ukey("US-2", "user", "revoked", {"credit 1"}), {"credit"}),  granted(ukey("US-3", "user", "issued", {"control 1"}), {"control"}),
                              granted(ukey("US-4", "user", "issued", {}), {"credit"}),             granted(ukey("US-5", "user", "blocked", {"credit 1"}), {"credit"}),
                              granted(ukey("US-6", "user", "issued", {}), {}),                     ukey("AU-1", "auditor", "issued", {})};
    auto c = ui::keys::campaign(all, version(2, true, 2));
    EXPECT_EQ(c.ready, 2U) << "one holds it, one may hold no credit";
    ASSERT_EQ(c.lacking.size(), 2U) << "whoever is not in service, or serves no meter, is not waited for; whoever holds no master of the class is";
    EXPECT_EQ(c.lacking[0].serial, "KY-1");
    EXPECT_EQ(c.lacking[0].masters, std::vector<std::string>{"credit 2"});
    EXPECT_EQ(c.lacking[1].serial, "US-4");
    for (pb::Ukey& u : all) u.add_masters("credit 2");
    c = ui::keys::campaign(all, version(2, true, 2));
    EXPECT_EQ(c.ready, c.all()) << "full exactly when nobody is named";
    EXPECT_TRUE(c.lacking.empty());
}

TEST(Keys, a_rotation_makes_a_version_and_its_progress_is_shown) {
    Platform platform("initialised");
    Desk desk(platform);
    open_page(desk);
    rotate(desk);
    for (const char* kind : {"key", "user"}) EXPECT_TRUE(desk.says(platform.serial(kind))) << kind << ": it is to be injected";
    EXPECT_TRUE(desk.says("give the new masters to the UKEYs"));
    EXPECT_EQ(desk.find<ui::parts::Bar>("ukeys_on_newest")->part(), 0.0);
}

TEST(Keys, a_rotation_of_no_class_or_with_a_wrong_pin_is_refused) {
    Platform platform("initialised");
    Desk desk(platform);
    open_page(desk);
    Desk::click(desk.find<QPushButton>("rotate"));
    desk.dialog();
    QTest::keyClicks(desk.find<QLineEdit>("reason"), "yearly");
    desk.enter("master", "not-the-pin-4");
    for (const char* c : {"control", "identity", "remote", "parameter", "credit", "card"}) desk.find<QCheckBox>(QString("class_") + c)->click();
    EXPECT_FALSE(desk.act()->isEnabled());
    EXPECT_TRUE(desk.says("Choose at least one class."));
    desk.find<QCheckBox>("class_credit")->click();
    Desk::click(desk.act());
    EXPECT_TRUE(desk.says("The PIN is wrong"));
}

TEST(Keys, an_old_version_is_destroyed_and_the_newest_is_not) {
    Platform platform("initialised");
    Desk desk(platform);
    open_page(desk);
    auto* table = desk.find<QTableView>("versions");
    table->selectRow(0);
    EXPECT_FALSE(desk.find<QPushButton>("destroy")->isEnabled()) << "it is handed out";
    EXPECT_TRUE(desk.find<QPushButton>("destroy")->toolTip().contains("newest"));
    rotate(desk);
    ASSERT_TRUE(QTest::qWaitFor([&] { return table->model()->rowCount() == 2; }, 30000));
    table->selectRow(1);
    Desk::click(desk.find<QPushButton>("destroy"));
    desk.dialog();
    EXPECT_TRUE(desk.says("No meter is known to hold it."));
    QTest::keyClicks(desk.find<QLineEdit>("reason"), "nothing is left on it");
    desk.act_with("master", Platform::pin("master"));
    ASSERT_TRUE(desk.says("Version 1 is gone"));
    Desk::click(desk.dialog()->findChild<QPushButton*>("close"));
    EXPECT_TRUE(desk.says("1 destroyed"));
}

TEST(Keys, a_version_that_meters_hold_is_destroyed_only_by_who_accepts_their_loss) {
    ui::link::Link link({});
    QWidget window;
    pb::KeyVersion v = version(1, false, 1);
    v.set_meters(12);
    auto* dialog = ui::keys::destroying(link, v, 1, &window);
    auto* accept = dialog->findChild<QCheckBox*>("accept_loss");
    ASSERT_NE(accept, nullptr);
    EXPECT_TRUE(dialog->form().why_not().contains("service")) << "nobody answers";
    EXPECT_FALSE(accept->isChecked()) << "nobody accepts by default";
    EXPECT_TRUE(accept->text().contains("12"));
    v.set_meters(0);
    EXPECT_EQ(ui::keys::destroying(link, v, 1, &window)->findChild<QCheckBox*>("accept_loss"), nullptr);
}

TEST(Keys, a_backup_says_its_hash_and_a_second_into_the_same_folder_is_refused) {
    Platform platform("initialised");
    Desk desk(platform);
    open_page(desk);
    EXPECT_TRUE(desk.says("None was made yet."));
    const auto back_up = [&] {
        Desk::click(desk.find<QPushButton>("back_up"));
        desk.dialog();
        auto* folder = desk.find<QLineEdit>("folder");
        folder->selectAll();
        QTest::keyClicks(folder, "backup");
        EXPECT_TRUE(desk.says("it begins with /"));
        folder->selectAll();
        QTest::keyClicks(folder, platform.folder() + "/backup");
        desk.act_with("master", Platform::pin("master"));
    };
    back_up();
    ASSERT_TRUE(desk.says("SHA-256 of the database"));
    Desk::click(desk.dialog()->findChild<QPushButton*>("close"));
    EXPECT_TRUE(desk.says("The last one was made"));
    back_up();
    EXPECT_TRUE(desk.says("is there already; a backup takes a new one"));
    EXPECT_TRUE(desk.says("There is one already.", 0));
}

TEST(Keys, a_meter_that_is_not_known_is_told) {
    Platform platform("initialised");
    Desk desk(platform);
    open_page(desk);
    QTest::keyClicks(desk.find<QLineEdit>("meter"), "4711");
    Desk::click(desk.find<QPushButton>("find_meter"));
    EXPECT_TRUE(desk.says("Meter 000000004711 is not known."));
    EXPECT_EQ(desk.find<QPushButton>("allow_download"), nullptr);
}

TEST(Keys, the_bar_of_the_campaign_is_full_when_nobody_is_named) {
    Platform platform("initialised");
    Desk desk(platform);
    open_page(desk);
    const auto bar = [&] { return desk.find<ui::parts::Bar>("ukeys_on_newest"); };
    ASSERT_TRUE(QTest::qWaitFor([&] { return bar() != nullptr; }, 30000));
    EXPECT_EQ(bar()->part(), 1.0);
    EXPECT_EQ(desk.find<QWidget>("lacking"), nullptr);
}

TEST(Keys, the_trust_anchor_is_saved_for_the_auditor) {
    Platform platform("initialised");
    Desk desk(platform);
    open_page(desk);
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("save_anchor") != nullptr && desk.find<QPushButton>("save_anchor")->isEnabled(); }, 30000));
    const QString file = platform.folder() + "/for the auditor.pem";
    desk.find<QPushButton>("save_anchor")->click();
    desk.choose(file);
    ASSERT_TRUE(desk.says("The trust anchor is in " + file));
    QFile saved(file);
    QFile made(platform.folder() + "/anchor.pem");  // as the ceremony gave it
    ASSERT_TRUE(saved.open(QIODevice::ReadOnly) && made.open(QIODevice::ReadOnly));
    EXPECT_EQ(saved.readAll().trimmed(), made.readAll().trimmed());
}

TEST(Keys, a_revocation_list_is_published_with_the_right_pin) {
    Platform platform("initialised");
    Desk desk(platform);
    open_page(desk);
    Desk::click(desk.find<QPushButton>("refresh_crl"));
    desk.dialog();
    desk.act_with("master", "not-the-pin-4");
    EXPECT_TRUE(desk.says("The PIN is wrong"));
    desk.act_with("master", Platform::pin("master"));
    EXPECT_TRUE(desk.did("holds until"));
}

TEST(Keys, a_meter_with_keys_of_its_own_may_be_let_download_them_once_more) {
    Platform platform("held");
    Desk desk(platform);
    open_page(desk);
    desk.window().go_to("keys", "130000000777");
    EXPECT_TRUE(desk.says("Meter 130000000777 is not known."));
    EXPECT_EQ(desk.find<QPushButton>("allow_download"), nullptr);
    desk.window().go_to("keys", "130000000009");
    ASSERT_TRUE(desk.says("its own, version 1"));
    QTest::keyClick(desk.find<QLineEdit>("meter"), Qt::Key_Backspace);
    EXPECT_EQ(desk.find<QPushButton>("allow_download"), nullptr) << "it is another meter's";
    EXPECT_FALSE(desk.says("its own, version 1", 0));
    QTest::keyClicks(desk.find<QLineEdit>("meter"), "9");
    Desk::click(desk.find<QPushButton>("find_meter"));
    desk.push("allow_download");
    desk.dialog();
    desk.enter("master", Platform::pin("master"));
    EXPECT_FALSE(desk.act()->isEnabled()) << "a reason is missing";
    QTest::keyClicks(desk.find<QLineEdit>("reason"), "a new board");
    desk.find<ui::parts::PinField>("pin_master")->clear();
    desk.act_with("master", "not-the-pin-4");
    EXPECT_TRUE(desk.says("The PIN is wrong"));
    desk.act_with("master", Platform::pin("master"));
    EXPECT_TRUE(desk.did("It is allowed until"));
}
