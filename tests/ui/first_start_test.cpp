// The ceremony with clicks and keys, against a real kmpd on an empty home.
#include <gtest/gtest.h>

#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPrintDialog>
#include <QPrinter>
#include <QPushButton>
#include <QRadioButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "tests/ui/platform.h"
#include "ui/first_start/ceremony.h"
#include "ui/first_start/ceremony_wizard.h"
#include "ui/first_start/result_step.h"
#include "ui/parts/notice.h"
#include "ui/parts/pin_field.h"
#include "ui/parts/words.h"
#include "wire/known_log.h"

using State = ui::link::Link::State;
using ui::first_start::Ceremony;

namespace {

constexpr int kPatience = 60000;

/// As far as the places, with a name for the utility.
void begin(Desk& desk) {
    ASSERT_TRUE(desk.comes_to(State::uninitialised));
    ASSERT_TRUE(desk.says("Not set up yet"));
    Desk::click(desk.find<QPushButton>("act_on_state"));
    desk.dialog();
    desk.next();
    EXPECT_FALSE(desk.can_go_on()) << "without a name";
    Desk::type(desk.find<QLineEdit>("utility"), "North Power");
    desk.next();
}

/// Plugs one in and waits until it has this role.
void place(Platform& platform, Desk& desk, const QString& reader, const QString& role) {
    platform.plug_in_blank(reader);
    ASSERT_TRUE(QTest::qWaitFor([&] {
        auto* choice = desk.find<QComboBox>("place_" + role);
        return choice != nullptr && choice->currentData().toString() == reader;
    }, kPatience)) << reader.toStdString() << " does not become " << role.toStdString();
}

}  // namespace

TEST(FirstStart, one_person_holds_the_ceremony_with_clicks_and_the_platform_is_open) {
    Platform platform("empty");
    Desk desk(platform);
    begin(desk);
    EXPECT_FALSE(desk.find<QRadioButton>("one")->isChecked() || desk.find<QRadioButton>("several")->isChecked()) << "nobody decides it by pressing Next";
    EXPECT_FALSE(desk.can_go_on());
    EXPECT_TRUE(desk.says("Choose who holds the master-control UKEY."));
    QTest::keyClick(desk.find<QRadioButton>("one"), Qt::Key_Space);
    desk.next();
    EXPECT_FALSE(desk.can_go_on()) << "no blank UKEY";
    EXPECT_TRUE(desk.says("No blank UKEY is there yet."));
    place(platform, desk, "left", "platform");
    EXPECT_FALSE(desk.can_go_on()) << "the second one is missing";
    place(platform, desk, "right", "master");
    desk.next();
    EXPECT_TRUE(desk.says("The blank UKEY in reader left becomes the platform UKEY."));
    desk.type_twice("platform", Platform::pin("platform"));
    desk.enter("master", Platform::pin("master"));
    desk.enter("again_master", "another-pin-1");
    EXPECT_FALSE(desk.can_go_on()) << "two PINs that differ";
    EXPECT_TRUE(desk.says("Both times the same, please"));
    QTest::keyClick(desk.find<QWidget>("pin_again_master"), Qt::Key_Delete);
    desk.enter("again_master", Platform::pin("master"));
    desk.next();
    ASSERT_TRUE(desk.says("The platform is set up", kPatience));
    ASSERT_TRUE(desk.comes_to(State::open));
    const auto* minutes = desk.find<QPlainTextEdit>("minutes");
    ASSERT_NE(minutes, nullptr);
    EXPECT_TRUE(minutes->toPlainText().contains("North Power")) << minutes->toPlainText().toStdString();
    const QString fingerprint = desk.find<QLabel>("fingerprint")->text().remove(' ').remove('\n').toLower();
    EXPECT_EQ(fingerprint.size(), 64);
    EXPECT_TRUE(minutes->toPlainText().toLower().remove(':').remove(' ').remove('\n').contains(fingerprint));
    desk.next();
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.find<QPushButton>("next") == nullptr; }, kPatience));
    EXPECT_TRUE(desk.link().is_believed());
}

TEST(FirstStart, three_officers_of_whom_two_agree_hold_it_and_the_log_of_before_is_put_aside) {
    Platform before("auditor");
    const std::string known = before.address().known.file;
    {
        Desk desk(before);
        ASSERT_TRUE(desk.comes_to(State::open));
        ASSERT_TRUE(QTest::qWaitFor([&] { return QFile::exists(QString::fromStdString(known)); }, kPatience));
    }
    before.stop();
    Platform platform("empty");
    const QString here = QString::fromStdString(platform.address().known.file);
    QDir().mkpath(QFileInfo(here).path());
    ASSERT_TRUE(QFile::copy(QString::fromStdString(known), here));

    Desk desk(platform);
    begin(desk);
    Desk::click(desk.find<QRadioButton>("several"));
    EXPECT_FALSE(desk.can_go_on()) << "nobody is named";
    for (const char* name : {"officer_1", "officer_2", "officer_3"}) Desk::type(desk.find<QLineEdit>(name), "Wang Fang");
    EXPECT_FALSE(desk.can_go_on()) << "one person three times";
    for (const auto& [field, name] : {std::pair{"officer_2", "Zhao Min"}, std::pair{"officer_3", "Liu Yang"}}) {
        desk.find<QLineEdit>(field)->clear();
        Desk::type(desk.find<QLineEdit>(field), name);
    }
    EXPECT_EQ(desk.find<QSpinBox>("needed")->value(), 2);
    desk.next();
    for (const auto& [reader, role] : {std::pair{"p", "platform"}, std::pair{"m", "master"}, std::pair{"d1", "officer1"}, std::pair{"d2", "officer2"}, std::pair{"d3", "officer3"}}) place(platform, desk, reader, role);
    desk.next();
    EXPECT_EQ(desk.find<QWidget>("pin_master"), nullptr) << "nobody types the PIN that they share";
    desk.type_twice("platform", Platform::pin("platform"));
    for (int i = 1; i <= 3; ++i) desk.type_twice(QStringLiteral("officer%1").arg(i), Platform::officer_pin(i));
    desk.next();
    ASSERT_TRUE(desk.says("The platform is set up", kPatience));
    ASSERT_TRUE(desk.comes_to(State::open));
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.link().status().officers() == 3 && desk.link().status().officers_needed() == 2; }, kPatience));
    EXPECT_TRUE(QTest::qWaitFor([&] { return desk.link().is_believed(); }, kPatience)) << desk.link().trouble().message;
    EXPECT_GE(QFileInfo(here).dir().entryList(QDir::Files).size(), 2) << "what was known before is kept beside";
}

TEST(FirstStart, a_ukey_that_is_pulled_loses_its_role) {
    Platform platform("empty");
    Desk desk(platform);
    begin(desk);
    Desk::click(desk.find<QRadioButton>("one"));
    desk.next();
    place(platform, desk, "left", "platform");
    place(platform, desk, "right", "master");
    platform.pull("left");
    EXPECT_TRUE(QTest::qWaitFor([&] { return !desk.can_go_on(); }, kPatience));
    EXPECT_TRUE(desk.says("becomes the platform UKEY, and choose it"));
}

TEST(FirstStart, a_pin_that_cannot_be_is_refused_and_nothing_is_made) {
    Platform platform("empty");
    Desk desk(platform);
    begin(desk);
    Desk::click(desk.find<QRadioButton>("one"));
    desk.next();
    place(platform, desk, "left", "platform");
    place(platform, desk, "right", "master");
    desk.next();
    desk.type_twice("platform", "123456789");
    desk.type_twice("master", Platform::pin("master"));
    desk.next();
    EXPECT_TRUE(desk.says("Something that was entered cannot be."));
    EXPECT_EQ(desk.link().state(), State::uninitialised);
}

TEST(FirstStart, whoever_goes_back_finds_what_was_typed_but_no_pin) {
    Platform platform("empty");
    Desk desk(platform);
    begin(desk);
    const auto back = [&] {
        Desk::click(desk.find<QPushButton>("back"));
        QTest::qWait(1);  // fields that were just made are shown by an event
    };
    Desk::click(desk.find<QRadioButton>("several"));
    Desk::type(desk.find<QLineEdit>("officer_2"), "Zhao Min");
    back();
    EXPECT_EQ(desk.find<QLineEdit>("utility")->text(), "North Power");
    desk.next();
    EXPECT_TRUE(desk.find<QRadioButton>("several")->isChecked());
    EXPECT_EQ(desk.find<QLineEdit>("officer_2")->text(), "Zhao Min");
    Desk::click(desk.find<QRadioButton>("one"));
    desk.next();
    place(platform, desk, "left", "platform");
    place(platform, desk, "right", "master");
    desk.next();
    desk.type_twice("master", Platform::pin("master"));
    back();
    EXPECT_EQ(desk.find<QComboBox>("place_platform")->currentData().toString(), "left");
    EXPECT_EQ(desk.find<QComboBox>("place_master")->currentData().toString(), "right");
    desk.next();
    for (const char* field : {"pin_master", "pin_again_master"}) EXPECT_TRUE(desk.find<ui::parts::PinField>(field)->is_empty()) << field;
}

TEST(FirstStart, minutes_that_did_not_reach_the_printer_are_told) {
    ui::first_start::ResultStep step(
        [] {
            ui::link::pb::InitReply done;
            done.set_minutes("Held on a Monday.");
            return done;
        },
        nullptr);
    step.enter();
    step.show();
    const QTemporaryDir folder;
    const auto print_to = [&](const QString& file) {
        step.findChild<QPushButton*>("print_minutes")->click();
        auto* dialog = step.findChild<QPrintDialog*>();
        ASSERT_NE(dialog, nullptr);
        dialog->printer()->setOutputFormat(QPrinter::PdfFormat);
        dialog->printer()->setOutputFileName(file);
        dialog->done(QDialog::Accepted);
    };
    const auto says = [&](const QString& title) {
        return QTest::qWaitFor([&] { return std::ranges::any_of(step.findChildren<ui::parts::Notice*>(), [&](const auto* n) { return n->isVisible() && n->title() == title; }); }, 30000);
    };
    print_to("/proc/self/minutes.pdf");
    EXPECT_TRUE(says("The minutes were not printed."));
    print_to(folder.filePath("minutes.pdf"));
    EXPECT_TRUE(says("The minutes went to the printer."));
    EXPECT_TRUE(QFile::exists(folder.filePath("minutes.pdf")));
}

TEST(Ceremony, a_reader_has_one_role_and_a_role_one_reader) {
    Ceremony c;
    EXPECT_EQ(c.next_role(), "platform");
    c.put("platform", "a");
    c.put("master", "a");
    EXPECT_EQ(c.reader_of("platform"), "");
    EXPECT_EQ(c.reader_of("master"), "a");
    c.put("platform", "b");
    EXPECT_EQ(c.next_role(), "");
    c.holders = Ceremony::Holders::officers;
    EXPECT_EQ(c.next_role(), "officer1");
    EXPECT_FALSE(c.missing_places().isEmpty());
}

TEST(Ceremony, officers_need_names_that_differ_and_no_more_may_be_needed_than_there_are) {
    Ceremony c;
    EXPECT_NE(c.missing_people(), "") << "nobody has decided";
    c.holders = Ceremony::Holders::one;
    EXPECT_EQ(c.missing_people(), "");
    c.holders = Ceremony::Holders::officers;
    EXPECT_NE(c.missing_people(), "");
    c.officers = {"A", "B", " A "};
    EXPECT_NE(c.missing_people(), "");
    c.officers = {"A", "B", "C"};
    EXPECT_EQ(c.missing_people(), "");
    c.needed = 4;
    EXPECT_NE(c.missing_people(), "");
    c.needed = 3;
    EXPECT_EQ(c.missing_people(), "");
    c.officers[0] = QString(65, 'x');
    EXPECT_NE(c.missing_people(), "");
}

TEST(Ceremony, the_request_says_what_was_chosen) {
    Ceremony c;
    c.utility = " North Power ";
    c.day_offset_minutes = -210;
    c.holders = Ceremony::Holders::officers;
    c.officers = {"A", "B"};
    c.put("platform", "p");
    c.put("master", "m");
    c.put("officer1", "x");
    c.put("officer2", "y");
    const auto request = c.request();
    EXPECT_EQ(request.init().utility(), "North Power");
    EXPECT_EQ(request.init().day_offset_minutes(), -210);
    EXPECT_EQ(request.init().officers(1).reader(), "y");
    EXPECT_EQ(request.init().quorum(), 2u);
    EXPECT_EQ(ui::parts::utc_offset(-210), "-03:30");
    EXPECT_EQ(ui::first_start::fingerprint_lines("aa:bb:cc"), "aabb cc");
}

TEST(CeremonyPictures, are_drawn_with_readers_a_fingerprint_and_minutes_although_no_stick_is_there) {
    ui::link::Link link({});
    QWidget window;
    auto* wizard = new ui::first_start::CeremonyWizard(link, &window);
    wizard->show_step(4);
    const auto texts = [&] {
        QStringList out;
        for (const QLabel* label : wizard->findChildren<QLabel*>()) out << label->text();
        return out.join('\n');
    };
    EXPECT_TRUE(texts().contains("The blank UKEY in reader platform becomes the platform UKEY.")) << texts().toStdString();
    EXPECT_TRUE(texts().contains("The blank UKEY in reader master becomes the master-control UKEY."));
    wizard->show_step(5);
    EXPECT_FALSE(wizard->findChild<QLabel*>("fingerprint")->text().isEmpty());
    EXPECT_FALSE(wizard->findChild<QPlainTextEdit*>("minutes")->toPlainText().isEmpty());
}
