// Steps forth and back, without a service.
#include <gtest/gtest.h>

#include <QApplication>
#include <QPushButton>
#include <QTest>

#include "ui/parts/wizard.h"

namespace {

using ui::parts::Step;

/// Three steps, the last of which counts how often it was begun.
struct ThreeSteps : public ui::parts::Wizard {
    struct Last : public Step {
        explicit Last(QWidget* parent) : Step("Third", {}, parent) {}
        bool leave() override {
            ++begun;
            return false;
        }
        int begun = 0;
    };
    ThreeSteps() : Wizard("Steps", nullptr) {
        setAttribute(Qt::WA_DeleteOnClose, false);
        add(new Step("First", {}, this));
        add(new Step("Second", {}, this));
        add(last = new Last(this));
        begin();
        show();
    }
    QPushButton* button(const char* name) { return findChild<QPushButton*>(name); }
    Last* last = nullptr;
};

class Wizards : public testing::Test {
protected:
    void SetUp() override { QApplication::setDoubleClickInterval(400); }
    void TearDown() override { QApplication::setDoubleClickInterval(0); }
};

}  // namespace

TEST_F(Wizards, a_double_click_goes_one_step_and_begins_nothing_that_was_not_read) {
    ThreeSteps wizard;
    QTest::qWait(600);
    for (int i = 0; i < 2; ++i) QTest::mouseClick(wizard.button("next"), Qt::LeftButton);
    EXPECT_EQ(wizard.now()->title(), "Second");
    QTest::qWait(600);
    for (int i = 0; i < 2; ++i) QTest::mouseClick(wizard.button("next"), Qt::LeftButton);
    EXPECT_EQ(wizard.now()->title(), "Third");
    EXPECT_EQ(wizard.last->begun, 0);
    QTest::qWait(600);
    QTest::mouseClick(wizard.button("next"), Qt::LeftButton);
    EXPECT_EQ(wizard.last->begun, 1) << "whoever reads it can begin it";
}

TEST_F(Wizards, a_key_that_is_pressed_again_and_again_goes_one_step_at_a_time) {
    ThreeSteps wizard;
    QTest::qWait(600);
    wizard.button("next")->setFocus();
    for (int i = 0; i < 3; ++i) QTest::keyClick(wizard.button("next"), Qt::Key_Space);
    EXPECT_EQ(wizard.now()->title(), "Second");
}
