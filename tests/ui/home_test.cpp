// Home, the lock and the link, against a real kmpd.
#include <gtest/gtest.h>

#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

#include "tests/ui/platform.h"
#include "ui/home/alarms.h"
#include "ui/parts/pin_field.h"
#include "ui/parts/verified.h"

using State = ui::link::Link::State;

TEST(Home, a_sealed_platform_is_unsealed_with_the_pin_of_its_ukey_and_sealed_again) {
    Platform platform("auditor");
    platform.ctl({"seal"});
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::sealed));
    EXPECT_TRUE(desk.says("Sealed"));
    Desk::click(desk.find<QPushButton>("act_on_state"));
    QDialog* dialog = desk.dialog();
    auto* act = desk.act();
    EXPECT_FALSE(act->isEnabled()) << "without a PIN";
    desk.act_with("platform", "wrong-pin-1");
    EXPECT_TRUE(desk.says("The PIN is wrong"));
    EXPECT_EQ(desk.link().state(), State::sealed);
    desk.act_with("platform", Platform::pin("platform"));
    ASSERT_TRUE(desk.says("The platform is open."));
    Desk::click(dialog->findChild<QPushButton*>("close"));
    ASSERT_TRUE(desk.comes_to(State::open));
    Desk::click(desk.find<QPushButton>("act_on_state"));
    Desk::click(desk.act());
    ASSERT_TRUE(desk.comes_to(State::sealed));
}

TEST(Home, is_in_good_order_only_once_there_is_a_backup_and_leads_to_where_one_is_made) {
    Platform platform("auditor");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    ASSERT_TRUE(desk.says("No backup was ever made."));
    EXPECT_TRUE(desk.says("Open, with something to look at"));
    Desk::click(desk.find<QWidget>("alarm_keys_backup")->findChild<QPushButton*>("action"));
    EXPECT_EQ(desk.window().current(), "keys");
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.window().focusWidget() == desk.find<QPushButton>("back_up"); }, 30000));
    platform.ctl({"backup", platform.folder() + "/backup"}, {{"master", Platform::pin("master")}});
    desk.window().go_to("home");
    EXPECT_TRUE(desk.says("In good order")) << "what stands there: " << desk.find<QLabel>("state")->text().toStdString();
    EXPECT_EQ(desk.find<QWidget>("alarm_keys_backup"), nullptr);
    EXPECT_TRUE(desk.says("Nothing."));
    platform.stop();
    platform.start();
    platform.unseal();
    ASSERT_TRUE(desk.comes_to(State::open));
    EXPECT_TRUE(desk.says("In good order")) << "it is known after a restart";
}

TEST(Home, counts_events_so_that_they_add_up) {
    Platform platform("initialised");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    Desk::click(desk.find<QPushButton>("sign_checkpoint"));
    ASSERT_TRUE(desk.says("A checkpoint was signed."));
    EXPECT_TRUE(desk.says("nothing but the checkpoint itself"));
    platform.ctl({"audit", "checkpoint"});
    EXPECT_TRUE(desk.says("nothing but the checkpoint itself"));
    const auto& s = desk.link().status();
    EXPECT_EQ(s.log_size(), s.last_checkpoint_size() + 1);
}

TEST(Home, a_station_that_is_held_is_said_in_words_of_the_window_and_found_with_a_click) {
    Platform platform("held");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    ASSERT_TRUE(desk.says("Station station-1 is held for an unusual burst of sales."));
    for (const QLabel* label : desk.window().findChildren<QLabel*>()) EXPECT_FALSE(label->isVisible() && label->text().contains("kmpctl")) << label->text().toStdString();
    auto* alarm = desk.find<QWidget>("alarm_stations_station-1");
    ASSERT_NE(alarm, nullptr);
    Desk::click(alarm->findChild<QPushButton*>("action"));
    EXPECT_EQ(desk.window().current(), "stations");
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QLineEdit>("filter_stations") != nullptr; }, 30000));
    EXPECT_EQ(desk.find<QLineEdit>("filter_stations")->text(), "station-1");
}

TEST(Alarms, every_code_has_words_of_the_window_and_what_nobody_named_keeps_its_line) {
    wire::pb::StatusReply status;
    const auto* codes = wire::pb::Warning::Code_descriptor();
    for (int i = 0; i < codes->value_count(); ++i) {
        status.add_warnings("say 'kmpctl something'");
        auto& of = *status.add_warned_of();
        of.set_code(static_cast<wire::pb::Warning::Code>(codes->value(i)->number()));
        of.set_subject("US-A");
    }
    status.add_warnings("of a service that names nothing");
    const auto alarms = ui::home::alarms_of(status);
    ASSERT_EQ(alarms.size(), static_cast<std::size_t>(codes->value_count()) + 1);
    EXPECT_EQ(alarms.front().text, "say 'kmpctl something'") << "OTHER";
    EXPECT_EQ(alarms.back().text, "of a service that names nothing");
    QStringList seen;
    for (int i = 1; i < codes->value_count(); ++i) {
        const auto& alarm = alarms[static_cast<std::size_t>(i)];
        EXPECT_FALSE(alarm.title.isEmpty()) << codes->value(i)->name();
        EXPECT_FALSE(alarm.text.contains("kmpctl")) << codes->value(i)->name();
        EXPECT_FALSE(seen.contains(alarm.title)) << codes->value(i)->name();
        seen << alarm.title;
    }
}

TEST(Alarms, of_very_many_the_worst_are_shown_and_the_others_counted) {
    wire::pb::StatusReply status;
    for (int i = 0; i < 9000; ++i) {
        status.add_warnings("once more");
        status.add_warned_of()->set_code(i == 8999 ? wire::pb::Warning::SEALED : wire::pb::Warning::BACKUP_OLD);
    }
    const auto alarms = ui::home::alarms_of(status);
    ASSERT_EQ(alarms.size(), 41U);
    EXPECT_EQ(alarms.front().tone, ui::parts::Tone::bad) << "the last one is the worst";
    EXPECT_TRUE(alarms.back().title.contains("8960")) << alarms.back().title.toStdString();
}

TEST(Alarms, a_revocation_list_is_signed_by_one_person_and_asked_for_where_officers_decide) {
    wire::pb::StatusReply status;
    status.add_warnings("a line");
    status.add_warned_of()->set_code(wire::pb::Warning::CRL_BEHIND);
    status.mutable_warned_of(0)->set_subject("MC-A");
    EXPECT_TRUE(ui::home::alarms_of(status).front().text.endsWith("Sign a new one with master-control UKEY MC-A."));
    status.set_officers(3);
    auto alarm = ui::home::alarms_of(status).front();
    EXPECT_TRUE(alarm.text.endsWith("Ask for a new one: officers decide on it.")) << alarm.text.toStdString();
    EXPECT_EQ(alarm.page, "keys");
    alarm = ui::home::alarms_of(status, 7).front();
    EXPECT_TRUE(alarm.text.endsWith("Request 7 asks for a new one: officers approve and run it.")) << alarm.text.toStdString();
    EXPECT_EQ(alarm.page, "approvals");
    EXPECT_EQ(alarm.item, "7");
}

TEST(Home, a_revocation_list_that_officers_are_asked_for_leads_to_its_request) {
    Platform platform("officers");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    platform.ctl({"ukey", "suspend", platform.serial("user"), "--reason", "left behind", "--officer", platform.serial("officer-1")}, {{"officer", Platform::officer_pin(1)}});
    ASSERT_TRUE(desk.says("The revocation list does not say what has happened to UKEYs since."));
    ASSERT_TRUE(desk.says("asks for a new one: officers approve and run it."));
    EXPECT_FALSE(desk.says("with master-control UKEY", 0));
    QWidget* alarm = nullptr;
    ASSERT_TRUE(QTest::qWaitFor([&] {
        for (QWidget* w : desk.window().findChildren<QWidget*>())
            if (w->isVisible() && w->objectName().startsWith("alarm_approvals_")) alarm = w;
        return alarm != nullptr;
    }, 30000));
    Desk::click(alarm->findChild<QPushButton*>("action"));
    EXPECT_EQ(desk.window().current(), "approvals");
    EXPECT_TRUE(desk.says("Publish the revocation list"));
}

TEST(Home, readers_are_live_as_ukeys_are_plugged_and_pulled) {
    Platform platform("auditor");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    const auto named = [&](const QString& text) {
        return QTest::qWaitFor([&] {
            for (QWidget* w : desk.window().findChildren<QWidget*>())
                if (w->isVisible() && w->accessibleName() == text) return true;
            return false;
        }, 30000);
    };
    EXPECT_TRUE(named("Reader user: user UKEY"));
    platform.plug_in_blank("new-stick");
    EXPECT_TRUE(named("Reader new-stick: Blank UKEY"));
    platform.pull("user");
    EXPECT_TRUE(QTest::qWaitFor([&] {
        for (QWidget* w : desk.window().findChildren<QWidget*>())
            if (w->isVisible() && w->accessibleName() == "Reader user: user UKEY") return false;
        return true;
    }, 30000));
}

TEST(Home, the_window_connects_again_by_itself_and_says_meanwhile_that_nobody_answers) {
    Platform platform("auditor");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    platform.stop();
    ASSERT_TRUE(desk.comes_to(State::away));
    EXPECT_TRUE(desk.says("The service does not answer."));
    platform.start();
    EXPECT_TRUE(desk.comes_to(State::sealed));
}

TEST(Lock, a_pulled_auditor_ukey_ends_the_login_and_locks_the_window) {
    Platform platform("auditor");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    Desk::click(desk.find<QWidget>("login"));
    desk.dialog();
    desk.act_with("auditor", Platform::pin("auditor"));
    ASSERT_TRUE(desk.says("is logged in as auditor"));
    ASSERT_TRUE(desk.link().auditor().has_value());
    platform.pull("auditor");
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.window().is_locked(); }, 30000));
    EXPECT_FALSE(desk.link().auditor().has_value());
    EXPECT_TRUE(desk.says("was pulled"));
    Desk::click(desk.find<QPushButton>("go_on"));
    EXPECT_FALSE(desk.window().is_locked());
}

TEST(Home, requests_that_others_make_are_told_without_reading_again) {
    Platform platform("officers");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    ASSERT_TRUE(desk.says("No backup was ever made."));
    EXPECT_EQ(desk.find<QPushButton>("open_requests"), nullptr);
    platform.ctl({"keys", "rotate", "--reason", "yearly"});
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("open_requests") != nullptr; }, 30000));
    EXPECT_TRUE(desk.find<QPushButton>("open_requests")->text().contains("1"));
}

TEST(Home, says_when_the_log_was_last_verified_here_and_what_came_of_it) {
    Platform platform("initialised");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    EXPECT_TRUE(desk.says("not from this window yet"));
    ui::parts::keep_verified(desk.link(), {base::SystemClock().now() - base::kHour, true, 42});
    EXPECT_TRUE(desk.says("1 h ago, sound: 42 events"));
    ui::parts::keep_verified(desk.link(), {base::SystemClock().now() - base::kHour, false, 43});
    EXPECT_TRUE(desk.says("1 h ago, NOT SOUND"));
    using By = ui::parts::Verified::By;
    ui::parts::keep_verified(desk.link(), {base::SystemClock().now() - base::kHour, false, 43, By::report});
    EXPECT_TRUE(desk.says("1 h ago, NOT SOUND, by a daily report"));
    ui::parts::keep_verified(desk.link(), {base::SystemClock().now(), true, 44, By::service});
    EXPECT_FALSE(ui::parts::last_verified(desk.link())->sound) << "the service's own word does not clear it";
    ui::parts::keep_verified(desk.link(), {base::SystemClock().now() - base::kHour, true, 45, By::file});
    EXPECT_TRUE(desk.says("sound: 45 events, by an export"));
}

TEST(Login, one_of_several_auditor_ukeys_is_chosen_and_anothers_pin_does_not_open_it) {
    Platform platform("auditors");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    Desk::click(desk.find<QWidget>("login"));
    desk.dialog();
    auto* which = desk.find<QComboBox>("auditor");
    ASSERT_NE(which, nullptr);
    ASSERT_EQ(which->count(), 2);
    EXPECT_EQ(which->currentIndex(), -1) << "nobody is proposed";
    EXPECT_FALSE(desk.find<QWidget>("pin_auditor")->isEnabled());
    EXPECT_TRUE(desk.says("Choose your auditor UKEY."));
    which->setCurrentIndex(which->findData(platform.serial("auditor-2")));
    desk.act_with("auditor", "not-the-pin-4");
    EXPECT_TRUE(desk.says("The PIN is wrong"));
    desk.act_with("auditor", Platform::pin("auditor"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.link().auditor().has_value(); }, 60000));
    EXPECT_EQ(desk.link().auditor()->ukey(), platform.serial("auditor-2").toStdString());
}

TEST(Lock, what_was_typed_is_gone_when_the_window_locks) {
    Platform platform("auditor");
    Desk desk(platform);
    ASSERT_TRUE(desk.comes_to(State::open));
    Desk::click(desk.find<QWidget>("login"));
    desk.dialog();
    desk.enter("auditor", "half-typed");
    EXPECT_FALSE(desk.find<ui::parts::PinField>("pin_auditor")->is_empty());
    desk.window().lock("because");
    EXPECT_EQ(desk.find<ui::parts::PinField>("pin_auditor"), nullptr);
    EXPECT_TRUE(desk.window().is_locked());
}

TEST(Link, a_log_that_was_set_back_is_told_and_nothing_is_given_to_anybody) {
    Platform platform("auditor");
    {
        Desk desk(platform);
        ASSERT_TRUE(desk.comes_to(State::open));
        ASSERT_TRUE(QTest::qWaitFor([&] { return QFile::exists(QString::fromStdString(platform.address().known.file)); }, 30000));
    }
    // The home as it was before what this window saw: another platform with the same name.
    Platform other("initialised");
    ui::link::Address address = other.address();
    address.known.file = platform.address().known.file;
    ui::link::Link link(address);
    link.start();
    ASSERT_TRUE(QTest::qWaitFor([&] { return link.state() == State::open && !link.is_believed(); }, 30000));
    wire::pb::AdminRequest request;
    request.mutable_keys_rotate()->set_reason("none");
    std::optional<base::Error> refused;
    link.ask(&link, std::move(request), [&](base::Result<wire::pb::AdminReply> reply) { refused = reply ? base::Error{} : reply.error(); });
    ASSERT_TRUE(QTest::qWaitFor([&] { return refused.has_value(); }, 30000));
    EXPECT_EQ(refused->code, base::Code::tampered);
}

TEST(Link, on_a_log_that_was_set_back_only_what_takes_away_is_offered_and_the_rest_says_why) {
    Platform other("auditor");
    const QString known = QString::fromStdString(other.address().known.file);
    {
        Desk desk(other);
        ASSERT_TRUE(desk.comes_to(State::open));
        ASSERT_TRUE(QTest::qWaitFor([&] { return QFile::exists(known); }, 30000));
    }
    Platform platform("initialised");
    const QString here = QString::fromStdString(platform.address().known.file);
    QDir().mkpath(QFileInfo(here).path());
    ASSERT_TRUE(QFile::copy(known, here));
    Desk desk(platform);
    ASSERT_TRUE(QTest::qWaitFor([&] { return desk.link().state() == State::open && !desk.link().is_believed(); }, 30000));
    EXPECT_TRUE(desk.says("accounts disabled, requests rejected"));
    EXPECT_TRUE(desk.says("does not go on from what this computer saw before"));
    ui::parts::keep_verified(desk.link(), {base::SystemClock().now(), true, 42, ui::parts::Verified::By::file});
    EXPECT_FALSE(ui::parts::last_verified(desk.link())) << "nobody knows of which log that was said";
    // Its reasons stand on the pages too, not in tooltips alone.
    desk.window().go_to("keys");
    EXPECT_TRUE(desk.says("Back up: the log is not the one that is known here"));
    for (const auto& [page, button] : {std::pair{"keys", "rotate"}, {"keys", "back_up"}, {"keys", "refresh_crl"}, {"ukeys", "issue"}}) {
        desk.window().go_to(page);
        ASSERT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>(button) != nullptr; }, 30000));
        EXPECT_FALSE(desk.find<QPushButton>(button)->isEnabled()) << button;
        EXPECT_FALSE(desk.find<QPushButton>(button)->accessibleDescription().isEmpty()) << button;
    }
}
