// The window itself: the login, the lock and the language, against a real kmpd.
#include <gtest/gtest.h>

#include <QDialog>
#include <QPushButton>
#include <QTest>

#include "tests/ui/platform.h"
#include "ui/parts/deed_form.h"

using State = ui::link::Link::State;

namespace {

constexpr int kPatience = 60000;

/// As far as the PIN, and on.
QDialog* log_in(Desk& desk) {
    Desk::click(desk.find<QWidget>("login"));
    QDialog* dialog = desk.dialog();
    Desk::type(desk.find<QWidget>("pin_auditor"), Platform::pin("auditor"));
    Desk::click(dialog->findChild<QPushButton*>("act"));
    return dialog;
}

}  // namespace

TEST(Login, whoever_stops_waiting_for_it_is_not_logged_in) {
    Platform platform("auditor");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.link().hold_reading(true);  // the service answers, and nobody hears it
    QDialog* dialog = log_in(desk);
    auto* form = dialog->findChild<ui::parts::DeedForm*>();
    auto* close = dialog->findChild<QPushButton*>("close");
    ASSERT_TRUE(form->is_running());
    QTest::qWait(1000);
    Desk::click(close);
    EXPECT_FALSE(form->is_running());
    EXPECT_TRUE(desk.says("It was cancelled."));
    desk.link().hold_reading(false);
    QTest::qWait(1000);
    EXPECT_FALSE(desk.link().auditor().has_value());

    // Esc does the same, and it can be tried again.
    desk.link().hold_reading(true);
    Desk::type(desk.find<QWidget>("pin_auditor"), Platform::pin("auditor"));
    Desk::click(dialog->findChild<QPushButton*>("act"));
    ASSERT_TRUE(form->is_running());
    QTest::keyClick(dialog, Qt::Key_Escape);
    EXPECT_FALSE(form->is_running());
    desk.link().hold_reading(false);
    ASSERT_TRUE(QTest::qWaitFor([&] {
        if (desk.link().auditor()) return true;
        if (!form->is_running()) {
            Desk::type(desk.find<QWidget>("pin_auditor"), Platform::pin("auditor"));
            Desk::click(dialog->findChild<QPushButton*>("act"));
        }
        return false;
    }, kPatience));
    EXPECT_TRUE(desk.says("is logged in as auditor"));
}
