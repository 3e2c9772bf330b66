// The window itself: the login, the lock and the language, against a real kmpd.
#include <gtest/gtest.h>

#include <QAction>
#include <QApplication>
#include <QDialog>
#include <QLabel>
#include <QListWidget>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QTest>
#include <QTimer>
#include <optional>

#include "tests/ui/platform.h"
#include "ui/parts/deed_form.h"

using State = ui::link::Link::State;

namespace {

constexpr int kPatience = 60000;

/// As far as the PIN, and on.
QDialog* log_in(Desk& desk) {
    Desk::click(desk.find<QWidget>("login"));
    QDialog* dialog = desk.dialog();
    desk.act_with("auditor", Platform::pin("auditor"));
    return dialog;
}

/// Whether the line of who reads answers: it is made anew after a login that nobody waited for.
bool reader_answers(Desk& desk) {
    return QTest::qWaitFor([&] {
        std::optional<bool> well;
        wire::pb::AdminRequest request;
        request.mutable_ukey_list();
        desk.link().read(&desk.window(), std::move(request), [&](const base::Result<wire::pb::AdminReply>& reply) { well = reply.ok(); });
        return QTest::qWaitFor([&] { return well.has_value(); }, kPatience) && *well;
    }, kPatience);
}

/// A login whose answer nobody hears until hold_reading(false): something that runs.
QDialog* begin_login(Desk& desk) {
    desk.link().hold_reading(true);
    QDialog* dialog = log_in(desk);
    EXPECT_TRUE(dialog->findChild<ui::parts::DeedForm*>()->is_running());
    return dialog;
}

void choose_language(Desk& desk, const QString& name) {
    for (QAction* action : desk.window().findChildren<QAction*>())
        if (action->text() == name) return action->trigger();
    ADD_FAILURE() << "no such language";
}

QStringList titles(Desk& desk) {
    QStringList out;
    const QListWidget* pages = nullptr;
    if (!QTest::qWaitFor([&] { return (pages = desk.find<QListWidget>("pages")) != nullptr; }, kPatience)) return out;  // a window that was built anew is shown by an event
    for (int i = 0; i < pages->count(); ++i) out << pages->item(i)->text();
    return out;
}

bool has_reader(Desk& desk, const QString& name) {
    return QTest::qWaitFor([&] {
        for (QWidget* w : desk.window().findChildren<QWidget*>())
            if (w->isVisible() && w->accessibleName().contains(name)) return true;
        return false;
    }, kPatience);
}

}  // namespace

TEST(Login, whoever_stops_waiting_for_it_is_not_logged_in) {
    Platform platform("auditor");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    QDialog* dialog = begin_login(desk);
    auto* form = dialog->findChild<ui::parts::DeedForm*>();
    auto* close = dialog->findChild<QPushButton*>("close");
    QTest::qWait(1000);  // the service has long answered
    Desk::click(close);
    EXPECT_FALSE(form->is_running());
    EXPECT_TRUE(desk.says("It was cancelled."));
    desk.link().hold_reading(false);
    ASSERT_TRUE(reader_answers(desk));
    EXPECT_FALSE(desk.link().auditor().has_value());

    // Esc does the same, and then it can be tried again.
    desk.link().hold_reading(true);
    desk.act_with("auditor", Platform::pin("auditor"));
    ASSERT_TRUE(form->is_running());
    QTest::keyClick(dialog, Qt::Key_Escape);
    EXPECT_FALSE(form->is_running());
    EXPECT_TRUE(dialog->isVisible());
    desk.link().hold_reading(false);
    ASSERT_TRUE(reader_answers(desk));
    desk.act_with("auditor", Platform::pin("auditor"));
    EXPECT_TRUE(desk.says("is logged in as auditor"));
}

TEST(Lock, a_ukey_that_is_pulled_while_something_runs_locks_the_window_when_it_is_done) {
    Platform platform("auditor");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    begin_login(desk);
    platform.pull("auditor");
    const auto present = [&] {
        for (const auto& reader : desk.link().status().readers())
            if (reader.ukey_kind() == "auditor") return true;
        return false;
    };
    ASSERT_TRUE(QTest::qWaitFor([&] { return !present(); }, kPatience));
    QTest::qWait(1500);  // a status more
    EXPECT_FALSE(desk.window().is_locked()) << "its answer would be lost";
    desk.link().hold_reading(false);
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.window().is_locked(); }, kPatience));
    EXPECT_TRUE(desk.says("was pulled"));
    EXPECT_FALSE(desk.link().auditor().has_value());
}

TEST(Lock, a_service_that_is_started_anew_is_no_pulled_ukey) {
    Platform platform("auditor");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    platform.stop();
    ASSERT_TRUE(desk.comes_to(State::away));
    platform.start();
    ASSERT_TRUE(desk.comes_to(State::sealed));
    QTest::qWait(2500);  // statuses in which kinds are not known
    platform.unseal();
    ASSERT_TRUE(desk.comes_to(State::open));
    EXPECT_FALSE(desk.window().is_locked());
    platform.pull("master");
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.window().is_locked(); }, kPatience)) << "it is known still";
}

TEST(Lock, a_window_that_nobody_touches_locks_by_itself_but_not_while_something_runs) {
    Platform platform("auditor");
    QSettings().setValue("lock_minutes", 0.04);  // 2.4 s
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    if (desk.window().is_locked()) Desk::click(desk.find<QPushButton>("go_on"));
    begin_login(desk);
    QTest::qWait(4000);
    EXPECT_FALSE(desk.window().is_locked()) << "something runs";
    desk.link().hold_reading(false);
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.window().is_locked(); }, kPatience));
    EXPECT_TRUE(desk.says("Nobody was at the window"));
    EXPECT_FALSE(desk.link().auditor().has_value()) << "the auditor is logged out";
    Desk::click(desk.find<QPushButton>("go_on"));
    for (int i = 0; i < 40; ++i) {
        QTest::keyClick(&desk.window(), Qt::Key_Shift);
        QTest::qWait(100);
    }
    EXPECT_FALSE(desk.window().is_locked()) << "somebody is there";
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.window().is_locked(); }, kPatience));
}

TEST(Language, it_changes_at_run_time_and_the_pages_live_on) {
    Platform platform("auditor");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    desk.window().go_to("ukeys");
    ASSERT_TRUE(desk.says(platform.serial("user")));
    const QStringList before = titles(desk);
    choose_language(desk, "简体中文");
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.language().code() == "zh_CN"; }, kPatience));
    EXPECT_NE(titles(desk), before);
    EXPECT_EQ(titles(desk).size(), before.size());
    EXPECT_EQ(desk.window().current(), "ukeys") << "the page that was there";
    EXPECT_TRUE(desk.says(platform.serial("user")));
    desk.window().go_to("home");
    platform.plug_in_blank("new-stick");
    EXPECT_TRUE(has_reader(desk, "new-stick"));
    choose_language(desk, "English");
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.language().code() == "en"; }, kPatience));
    EXPECT_EQ(titles(desk), before);
}

TEST(Language, it_is_put_off_while_something_runs) {
    Platform platform("auditor");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    QDialog* dialog = begin_login(desk);
    QString said;
    QTimer::singleShot(500, &desk.window(), [&] {
        auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
        ASSERT_NE(box, nullptr);
        said = box->text();
        box->accept();
    });
    choose_language(desk, "简体中文");
    QTest::qWait(100);
    EXPECT_TRUE(said.contains("Something is still being done.")) << said.toStdString();
    EXPECT_EQ(desk.language().code(), "en");
    EXPECT_TRUE(dialog->findChild<ui::parts::DeedForm*>()->is_running()) << "nothing was cut off";
    desk.link().hold_reading(false);
    EXPECT_TRUE(desk.says("is logged in as auditor"));
}
