// Issuing what is not a station's UKEY, and a list under dual control, with clicks against a real kmpd.
#include <gtest/gtest.h>

#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QTest>

#include "tests/ui/platform.h"

using State = ui::link::Link::State;

namespace {

constexpr int kPatience = 60000;

void open_wizard(Desk& desk) {
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("ukeys");
    desk.push("issue");
    desk.dialog();
}

/// As far as the question who holds it.
void choose(Desk& desk, const char* kind) {
    open_wizard(desk);
    Desk::click(desk.find<QRadioButton>(kind));
    desk.next();
    desk.next();  // the only blank UKEY
    EXPECT_FALSE(desk.can_go_on()) << "nobody holds it";
}

void close(Desk& desk) {
    desk.next();
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("next") == nullptr; }, kPatience));
}

}  // namespace

TEST(IssueKinds, an_engineers_and_an_auditors_ukey_are_issued_and_a_poor_pin_is_refused) {
    Platform platform("initialised");
    platform.plug_in_blank("slot");
    Desk desk(platform);
    choose(desk, "kind_key");
    Desk::type(desk.find<QLineEdit>("holder"), "Wang Fang");
    desk.next();
    EXPECT_TRUE(desk.says("becomes a key UKEY. Its holder is Wang Fang."));
    const auto pins = [&](const QString& fresh) {
        desk.enter("master", Platform::pin("master"));
        desk.type_twice("ukey", fresh);
        desk.next();
    };
    pins("111111");
    ASSERT_TRUE(desk.says("Something that was entered cannot be.", kPatience));
    pins("wang-pin-4711-x");
    ASSERT_TRUE(desk.says("is issued.", kPatience));
    close(desk);
    platform.pull("slot");

    platform.plug_in_blank("slot-2");
    choose(desk, "kind_auditor");
    EXPECT_EQ(desk.find<QLineEdit>("station"), nullptr) << "an auditor has no grant";
    Desk::type(desk.find<QLineEdit>("holder"), "Zhao Min");
    desk.next();
    pins("zhao-pin-4711-x");
    ASSERT_TRUE(desk.says("is issued.", kPatience));
    close(desk);
    const QByteArray list = platform.ctl({"ukey", "list"});
    EXPECT_TRUE(list.contains("Wang Fang") && list.contains("Zhao Min"));
}

TEST(IssueKinds, a_further_master_wants_a_reason_and_its_own_pin) {
    Platform platform("initialised");
    platform.plug_in_blank("safe-2");
    Desk desk(platform);
    choose(desk, "kind_master-control");
    Desk::type(desk.find<QLineEdit>("holder"), "Second safe");
    EXPECT_FALSE(desk.can_go_on()) << "no reason";
    Desk::type(desk.find<QLineEdit>("issue_reason"), "fire");
    desk.next();
    EXPECT_TRUE(desk.says("whoever opens it can do the same"));
    desk.enter("master", Platform::pin("master"));
    desk.type_twice("ukey", "second-pin-4711-x");
    desk.next();
    ASSERT_TRUE(desk.says("is issued.", kPatience));
    EXPECT_TRUE(desk.says("another safe than the first"));
}

TEST(IssueKinds, under_dual_control_each_row_of_a_list_becomes_a_request) {
    Platform platform("officers");
    platform.plug_in_blank("slot");
    Desk desk(platform);
    open_wizard(desk);
    ASSERT_TRUE(QTest::qWaitFor([&] {
        for (const auto& reader : desk.link().status().readers())
            if (reader.name() == "slot" && reader.content() == "blank") return true;
        return false;
    }, kPatience));
    Desk::click(desk.find<QPushButton>("many"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QRadioButton>("batch_user") != nullptr; }, kPatience));
    desk.next();
    desk.find<QPlainTextEdit>("batch_list")->setPlainText("Han Meimei,shop 1\n");
    EXPECT_FALSE(desk.can_go_on()) << "a station's name that cannot be";
    desk.find<QPlainTextEdit>("batch_list")->setPlainText("Han Meimei,shop-1\n");
    desk.next();
    EXPECT_EQ(desk.find<QWidget>("pin_master"), nullptr) << "officers decide";
    EXPECT_TRUE(desk.says("Officers decide on this"));
    EXPECT_TRUE(desk.says("name reader slot")) << "and the next blank UKEY belongs into it";
    EXPECT_TRUE(desk.says("For a year, until"));
    desk.next();
    EXPECT_TRUE(desk.says("Everything is asked for.", kPatience));
    EXPECT_FALSE(platform.ctl({"ukey", "list"}).contains("Han Meimei"));
    EXPECT_TRUE(platform.ctl({"request", "list"}).contains("Han Meimei"));
    EXPECT_TRUE(platform.newest_request().contains("to be changed before the first use")) << "nobody has said that the holder will type it";
}
