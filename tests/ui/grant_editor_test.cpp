// The terms of a grant: read, checked, compared, and edited. No service.
#include <gtest/gtest.h>

#include <QCheckBox>
#include <QDateTimeEdit>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QRadioButton>
#include <QSignalSpy>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "ui/parts/grant_editor.h"
#include "ui/parts/grant_terms.h"
#include "ui/parts/style.h"
#include "ui/parts/theme.h"
#include "ui/parts/words.h"

using namespace ui::parts;
using model::UkeyKind;

namespace {

constexpr base::Millis kNow = 1'800'000'000'000;

pb::GrantTerms user_terms() {
    pb::GrantTerms out = usual_terms(UkeyKind::user);
    out.set_station("station-1");
    return out;
}

}  // namespace

TEST(GrantTerms, usual_ones_can_be_but_for_the_station_of_a_user_ukey) {
    EXPECT_EQ(problem_of(usual_terms(UkeyKind::key), UkeyKind::key, kNow), QString());
    EXPECT_NE(problem_of(usual_terms(UkeyKind::user), UkeyKind::user, kNow), QString());
    EXPECT_EQ(problem_of(user_terms(), UkeyKind::user, kNow), QString());
}

TEST(GrantTerms, what_the_service_would_refuse_is_told_before) {
    const auto broken = [](auto change) {
        pb::GrantTerms terms = user_terms();
        change(terms);
        return problem_of(terms, UkeyKind::user, kNow);
    };
    EXPECT_NE(broken([](auto& t) { t.set_station("a shop"); }), QString());
    EXPECT_NE(broken([](auto& t) { t.clear_operations(); }), QString());
    EXPECT_NE(broken([](auto& t) { t.add_operations("fly"); }), QString());
    EXPECT_NE(broken([](auto& t) { t.add_operations("download_keys"); }), QString());
    EXPECT_NE(broken([](auto& t) { t.clear_classes(); }), QString());
    EXPECT_NE(broken([](auto& t) { t.add_classes("control"); }), QString());
    EXPECT_NE(broken([](auto& t) { t.clear_meters(); }), QString());
    EXPECT_NE(broken([](auto& t) { t.set_per_order_fen(0x80000000LL); }), QString());
    EXPECT_NE(broken([](auto& t) { t.set_not_after_ms(kNow - 1); }), QString());
    EXPECT_NE(broken([](auto& t) { t.set_not_before_ms(kNow + 2), t.set_not_after_ms(kNow + 1); }), QString());
    EXPECT_NE(broken([](auto& t) { for (std::uint32_t u = 0; u < 17; ++u) t.add_uids(u); }), QString());
}

TEST(GrantTerms, caps_that_let_nothing_through_are_doubted) {
    EXPECT_EQ(doubt_of(user_terms()), QString());
    pb::GrantTerms terms = user_terms();
    terms.set_per_day_fen(terms.per_order_fen() - 1);
    EXPECT_NE(doubt_of(terms), QString());
    terms.set_per_day_fen(0);
    EXPECT_NE(doubt_of(terms), QString());
}

TEST(GrantTerms, meters_are_read_as_people_type_them) {
    const auto ranges = parse_meters(QStringLiteral("000000100000 – 000000199999;\n000000300000"));
    ASSERT_TRUE(ranges.ok());
    ASSERT_EQ(ranges->size(), 2u);
    EXPECT_EQ((*ranges)[0].first.number(), 100000u);
    EXPECT_EQ((*ranges)[0].last.number(), 199999u);
    EXPECT_EQ((*ranges)[1].first, (*ranges)[1].last);
    for (const char* wrong : {"", "12", "000000000000", "000000200000-000000100000", "000000100000-", "-000000100000", "000000100000-000000100001-000000100002", "meter"})
        EXPECT_FALSE(parse_meters(QString::fromUtf8(wrong)).ok()) << wrong;
    QString many;
    for (int i = 1; i <= 65; ++i) many += meter_number(static_cast<std::uint64_t>(i)) + QLatin1Char(' ');
    EXPECT_FALSE(parse_meters(many).ok());
}

TEST(GrantTerms, differences_name_what_is_another_and_nothing_else) {
    EXPECT_TRUE(differences(user_terms(), user_terms()).isEmpty());
    pb::GrantTerms terms = user_terms();
    terms.set_per_day_fen(6'000'00);
    terms.set_hours(0xFFFFFF);  // all, as 0 is
    const QStringList found = differences(user_terms(), terms);
    ASSERT_EQ(found.size(), 1);
    EXPECT_TRUE(found[0].contains(QStringLiteral("6,000.00")) && found[0].contains(QStringLiteral("50,000.00"))) << found[0].toStdString();
}

TEST(GrantEditor, what_was_not_touched_comes_out_as_it_was_put_in) {
    GrantEditor editor(nullptr);
    pb::GrantTerms terms = user_terms();
    terms.clear_meters();
    terms.add_meters()->set_first(5);
    terms.mutable_meters(0)->set_last(9);
    terms.set_hours(0x3FF00);
    terms.set_weekdays(0x1F);
    terms.set_not_before_ms(kNow + 12'345);
    terms.set_not_after_ms(kNow + 365 * base::kDay + 59'999);
    terms.add_uids(1001);
    editor.set_terms(UkeyKind::user, terms);
    EXPECT_EQ(editor.terms().SerializeAsString(), terms.SerializeAsString());
    EXPECT_TRUE(editor.is_possible()) << editor.problem().toStdString();
}

TEST(GrantEditor, the_usual_validity_is_left_to_the_service) {
    GrantEditor editor(nullptr);
    editor.set_kind(UkeyKind::key);
    EXPECT_EQ(editor.terms().not_after_ms(), 0);
    EXPECT_EQ(editor.terms().not_before_ms(), 0);
    EXPECT_EQ(editor.terms().station(), "");
    EXPECT_EQ(editor.terms().per_order_fen(), 0);
    EXPECT_TRUE(editor.is_possible()) << editor.problem().toStdString();
}

TEST(GrantEditor, says_at_once_why_it_cannot_be) {
    GrantEditor editor(nullptr);
    QSignalSpy changed(&editor, &GrantEditor::changed);
    EXPECT_FALSE(editor.is_possible()) << "no station";
    editor.findChild<QLineEdit*>("station")->setText("station-7");
    EXPECT_EQ(changed.count(), 1);
    EXPECT_TRUE(editor.is_possible()) << editor.problem().toStdString();
    editor.findChild<QRadioButton*>("some_meters")->setChecked(true);
    EXPECT_FALSE(editor.is_possible());
    editor.findChild<QLineEdit*>("meters")->setText("000000100000-000000199999");
    EXPECT_TRUE(editor.is_possible());
    for (int h = 0; h < 24; ++h) editor.findChild<QToolButton*>(QStringLiteral("hour_%1").arg(h))->setChecked(false);
    EXPECT_FALSE(editor.is_possible()) << "no hour is not every hour";
    editor.findChild<QToolButton*>("hour_8")->setChecked(true);
    EXPECT_TRUE(editor.is_possible());
    EXPECT_EQ(editor.terms().hours(), 1u << 8);
    editor.findChild<QLineEdit*>("users")->setText("root");
    EXPECT_FALSE(editor.is_possible());
}

TEST(GrantEditor, what_may_not_sell_has_no_caps_and_a_user_ukey_never_control) {
    GrantEditor editor(nullptr);
    editor.set_terms(UkeyKind::user, user_terms());
    EXPECT_GT(editor.terms().per_day_fen(), 0);
    for (const char* o : {"may_open_account", "may_recharge", "may_refund", "may_initialise_wallet"}) editor.findChild<QCheckBox*>(o)->setChecked(false);
    EXPECT_EQ(editor.terms().per_day_fen(), 0);
    EXPECT_FALSE(editor.findChild<QDoubleSpinBox*>("per_day")->isEnabled());
    EXPECT_FALSE(editor.findChild<QCheckBox*>("class_control")->isEnabled());
    editor.findChild<QCheckBox*>("may_recharge")->setChecked(true);
    EXPECT_GT(editor.terms().per_day_fen(), 0);
    editor.set_kind(UkeyKind::key);
    EXPECT_TRUE(editor.findChild<QCheckBox*>("class_control")->isEnabled());
}

namespace {

/// WCAG 2.1, the definitions of relative luminance and of contrast ratio.
double luminance(const QColor& colour) {
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

double contrast(const QColor& a, const QColor& b) {
    const auto [dark, light] = std::minmax({luminance(a), luminance(b)});
    return (light + 0.05) / (dark + 0.05);
}

}  // namespace

TEST(GrantEditor, which_hours_are_chosen_is_seen_in_the_dark_too) {
    Style style(QStringLiteral("Fusion"));
    for (const QPalette& palette : {light_palette(), dark_palette()}) {
        GrantEditor editor(nullptr);
        auto* hour = editor.findChild<QToolButton*>("hour_7");
        ASSERT_NE(hour, nullptr);
        hour->setStyle(&style);
        hour->setPalette(palette);
        const auto ground = [&](bool on) {
            hour->setChecked(on);
            return QColor(hour->grab().toImage().pixel(4, hour->height() / 2));
        };
        const QColor off = ground(false);
        const QColor on = ground(true);
        EXPECT_GT(contrast(on, off), 1.3) << on.name().toStdString() << " and " << off.name().toStdString();
        EXPECT_GT(contrast(on, palette.color(QPalette::ButtonText)), 4.5);
    }
}
