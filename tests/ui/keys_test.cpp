// The page Keys: versions and classes, rotation and its progress, one meter, the backup; against a real kmpd.
#include <gtest/gtest.h>

#include <QCheckBox>
#include <QDialog>
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

QPushButton* act(Desk& desk) { return desk.dialog()->findChild<QPushButton*>("act"); }

void open_page(Desk& desk) {
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("keys");
    ASSERT_TRUE(desk.says("handed out now"));
}

void rotate(Desk& desk) {
    Desk::click(desk.find<QPushButton>("rotate"));
    desk.dialog();
    QTest::keyClicks(desk.find<QLineEdit>("reason"), "yearly");
    Desk::type(desk.find<QWidget>("pin_master"), Platform::pin("master"));
    Desk::click(act(desk));
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

TEST(Lacking, names_ukeys_in_service_with_what_they_lack_of_the_classes_they_may_hold) {
    const std::vector<pb::Ukey> all{ukey("KY-1", "key", "issued", {"control 1", "credit 1"}), ukey("US-1", "user", "issued", {"credit 1", "credit 2"}), ukey("US-2", "user", "revoked", {"credit 1"}),
                                    ukey("US-3", "user", "issued", {"control 1"}), ukey("AU-1", "auditor", "issued", {})};
    const auto lacks = ui::keys::lacking(all, version(2, true, 2));
    ASSERT_EQ(lacks.size(), 1U) << "one holds it, one is revoked, one may hold no credit, one is no holder of keys";
    EXPECT_EQ(lacks[0].serial, "KY-1");
    EXPECT_EQ(lacks[0].masters, std::vector<std::string>{"credit 2"});
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
    Desk::type(desk.find<QWidget>("pin_master"), "not-the-pin-4");
    for (const char* c : {"control", "identity", "remote", "parameter", "credit", "card"}) desk.find<QCheckBox>(QString("class_") + c)->click();
    EXPECT_FALSE(act(desk)->isEnabled());
    EXPECT_TRUE(desk.says("Choose at least one class."));
    desk.find<QCheckBox>("class_credit")->click();
    Desk::click(act(desk));
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
    Desk::type(desk.find<QWidget>("pin_master"), Platform::pin("master"));
    Desk::click(act(desk));
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
        Desk::type(desk.find<QWidget>("pin_master"), Platform::pin("master"));
        Desk::click(act(desk));
    };
    back_up();
    ASSERT_TRUE(desk.says("SHA-256 of the database"));
    Desk::click(desk.dialog()->findChild<QPushButton*>("close"));
    EXPECT_TRUE(desk.says("The last one was made"));
    back_up();
    EXPECT_TRUE(desk.says("is there already; a backup takes a new one"));
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
