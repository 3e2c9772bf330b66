#include "ui/parts/grant_times.h"

#include <QCheckBox>
#include <QDateTimeEdit>
#include <QFormLayout>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLocale>
#include <QToolButton>

#include "kmp/terms/grant.h"
#include "ui/parts/grant_editor.h"
#include "ui/parts/words.h"

namespace ui::parts {
namespace {

QDateTime shown(base::Millis time) {
    // The field has no seconds: what it shows must be what it holds, or it would look edited.
    return QDateTime::fromMSecsSinceEpoch(time - time % base::kMinute);
}

/// As it stands untouched, the time is what was given: "one year" is reckoned by the service, when it issues.
base::Millis time_of(const QDateTimeEdit& edit, base::Millis given) { return edit.dateTime() == edit.property("given").toDateTime() ? given : edit.dateTime().toMSecsSinceEpoch(); }

QToolButton* toggle(QWidget* parent, const QString& label, const QString& words) {
    auto* button = new QToolButton(parent);
    button->setText(label);
    button->setCheckable(true);
    button->setChecked(true);
    button->setAccessibleName(words);
    button->setToolTip(words);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

std::uint32_t bits_of(const std::vector<QToolButton*>& buttons) {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < buttons.size(); ++i)
        if (buttons[i]->isChecked()) out |= 1U << i;
    return out;
}

void set_bits(const std::vector<QToolButton*>& buttons, std::uint32_t bits) {
    for (std::size_t i = 0; i < buttons.size(); ++i) buttons[i]->setChecked(bits == 0 || (bits >> i & 1U) != 0);
}

}  // namespace

GrantTimes::GrantTimes(QFormLayout& form, QWidget* parent) : QObject(parent) {
    auto* clock = new QWidget(parent);
    auto* grid = new QGridLayout(clock);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(2);
    for (int h = 0; h < 24; ++h) {
        const QString hour = QStringLiteral("%1").arg(h, 2, 10, QLatin1Char('0'));
        auto* button = toggle(clock, hour, GrantEditor::tr("%1:00 to %1:59 of the utility's day").arg(hour));
        button->setObjectName(QStringLiteral("hour_%1").arg(h));
        button->setMinimumWidth(30);
        connect(button, &QToolButton::toggled, this, &GrantTimes::changed);
        grid->addWidget(button, h / 12, h % 12);
        hours_.push_back(button);
    }
    grid->setColumnStretch(12, 1);
    form.addRow(GrantEditor::tr("Hours"), clock);

    auto* week = new QWidget(parent);
    auto* row = new QHBoxLayout(week);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    for (int d = 1; d <= 7; ++d) {
        auto* button = toggle(week, QLocale().dayName(d, QLocale::ShortFormat), QLocale().dayName(d));
        button->setObjectName(QStringLiteral("day_%1").arg(d));
        button->setMinimumWidth(44);
        connect(button, &QToolButton::toggled, this, &GrantTimes::changed);
        row->addWidget(button);
        days_.push_back(button);
    }
    row->addStretch(1);
    form.addRow(GrantEditor::tr("Days"), week);

    auto* validity = new QWidget(parent);
    auto* line = new QHBoxLayout(validity);
    line->setContentsMargins(0, 0, 0, 0);
    const auto date = [&](const QString& name, const QString& words) {
        auto* edit = new QDateTimeEdit(validity);
        edit->setObjectName(name);
        edit->setAccessibleName(words);
        edit->setDisplayFormat(QStringLiteral("yyyy-MM-dd HH:mm"));
        edit->setCalendarPopup(true);
        connect(edit, &QDateTimeEdit::dateTimeChanged, this, &GrantTimes::changed);
        return edit;
    };
    until_ = date(QStringLiteral("valid_until"), GrantEditor::tr("Valid until"));
    later_ = new QCheckBox(GrantEditor::tr("not &before"), validity);
    later_->setObjectName(QStringLiteral("not_before"));
    from_ = date(QStringLiteral("valid_from"), GrantEditor::tr("Not valid before"));
    line->addWidget(until_);
    line->addSpacing(16);
    line->addWidget(later_);
    line->addWidget(from_);
    line->addStretch(1);
    form.addRow(GrantEditor::tr("Valid &until"), validity);
    connect(later_, &QCheckBox::toggled, this, [this](bool on) {
        from_->setEnabled(on);
        emit changed();
    });
}

void GrantTimes::show(const pb::GrantTerms& t) {
    from_given_ = t.not_before_ms();
    until_given_ = t.not_after_ms();
    set_bits(hours_, t.hours());
    set_bits(days_, t.weekdays());
    later_->setChecked(from_given_ != 0);
    from_->setEnabled(later_->isChecked());
    from_->setDateTime(shown(from_given_ != 0 ? from_given_ : now()));
    until_->setDateTime(shown(until_given_ != 0 ? until_given_ : now() + kmp::terms::kYear));
    for (QDateTimeEdit* edit : {from_, until_}) edit->setProperty("given", edit->dateTime());
}

void GrantTimes::put_into(pb::GrantTerms& out) const {
    out.set_hours(bits_of(hours_));
    out.set_weekdays(bits_of(days_));
    if (later_->isChecked()) out.set_not_before_ms(from_given_ != 0 ? time_of(*from_, from_given_) : from_->dateTime().toMSecsSinceEpoch());
    out.set_not_after_ms(time_of(*until_, until_given_));
}

QString GrantTimes::problem() const {
    if (bits_of(hours_) == 0) return GrantEditor::tr("Choose at least one hour.");
    if (bits_of(days_) == 0) return GrantEditor::tr("Choose at least one day.");
    return {};
}

}  // namespace ui::parts
