#include "ui/first_start/people_step.h"

#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QRadioButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/parts/notice.h"

namespace ui::first_start {

PeopleStep::PeopleStep(Ceremony& ceremony, QWidget* parent)
    : Step(tr("Who holds the master-control UKEY?"), tr("Whoever opens it can issue every other UKEY. From one person to several officers there is no way later but a new ceremony."), parent), ceremony_(ceremony),
      one_(new QRadioButton(tr("&One person, with one PIN"), this)), several_(new QRadioButton(tr("&Several officers, some of whom must agree"), this)), officers_(new QWidget(this)), count_(new QSpinBox(officers_)),
      needed_(new QSpinBox(officers_)), names_column_(new QVBoxLayout), caution_(new parts::Notice(officers_)) {
    one_->setObjectName(QStringLiteral("one"));
    several_->setObjectName(QStringLiteral("several"));
    const auto explain = [this](QRadioButton* choice, const QString& words) {
        auto* label = new QLabel(words, this);
        label->setWordWrap(true);
        label->setContentsMargins(24, 0, 0, 4);
        parts::set_tone(*label, parts::Tone::muted);
        choice->setAccessibleDescription(words);
        column()->addWidget(choice, 0, Qt::AlignLeft);
        column()->addWidget(label);
    };
    explain(one_, tr("Right for a small community: simple, and quick. Whoever has both the UKEY and its PIN can do everything."));
    explain(several_, tr("Right for a utility: nothing important happens unless enough officers agree, each with a UKEY and a PIN of their own. A thief of some of the UKEYs has nothing."));

    count_->setObjectName(QStringLiteral("officers"));
    count_->setRange(kFewestOfficers, kMostOfficers);
    count_->setAccessibleName(tr("Officers"));
    needed_->setObjectName(QStringLiteral("needed"));
    needed_->setAccessibleName(tr("Of whom must agree"));
    auto* form = new QFormLayout;
    form->addRow(tr("O&fficers"), count_);
    form->addRow(tr("Of whom must &agree"), needed_);
    auto* inside = new QVBoxLayout(officers_);
    inside->setContentsMargins(24, 0, 0, 0);
    inside->addLayout(form);
    inside->addWidget(caution_);
    inside->addLayout(names_column_);
    column()->addWidget(officers_);
    column()->addStretch(1);

    count_->setValue(static_cast<int>(ceremony_.officers.size()));
    needed_->setRange(kFewestOfficers, count_->value());
    needed_->setValue(ceremony_.needed);
    show_names();
    take();
    for (const QRadioButton* choice : {one_, several_}) connect(choice, &QRadioButton::toggled, this, &PeopleStep::take);
    connect(count_, &QSpinBox::valueChanged, this, [this](int n) {
        needed_->setMaximum(n);
        show_names();
        take();
    });
    connect(needed_, &QSpinBox::valueChanged, this, &PeopleStep::take);
}

void PeopleStep::show_names() {
    const auto wanted = static_cast<std::size_t>(count_->value());
    while (names_.size() > wanted) {
        delete names_.back();
        names_.pop_back();
    }
    while (names_.size() < wanted) {
        auto* name = new QLineEdit(officers_);
        const qsizetype number = static_cast<qsizetype>(names_.size());
        name->setObjectName(QStringLiteral("officer_%1").arg(number + 1));
        name->setPlaceholderText(tr("Name of officer %1").arg(number + 1));
        name->setAccessibleName(name->placeholderText());
        name->setText(ceremony_.officers.value(number));
        connect(name, &QLineEdit::textChanged, this, &PeopleStep::take);
        names_column_->addWidget(name);
        names_.push_back(name);
    }
}

void PeopleStep::take() {
    ceremony_.holders = one_->isChecked() ? Ceremony::Holders::one : several_->isChecked() ? Ceremony::Holders::officers : Ceremony::Holders::undecided;
    ceremony_.needed = needed_->value();
    ceremony_.officers.clear();
    for (const QLineEdit* name : names_) ceremony_.officers << name->text();
    officers_->setVisible(ceremony_.by_officers());
    if (needed_->value() == count_->value()) caution_->say(parts::Tone::attention, tr("Every officer is needed then."), tr("One lost UKEY, or ten wrong PINs of one officer, and nobody opens the master-control UKEY any more. Better have more officers than must agree."));
    else caution_->say(parts::Tone::plain, {});
    emit changed();
}

QWidget* PeopleStep::first_field() { return several_->isChecked() ? several_ : one_; }

void PeopleStep::imagine() { one_->setChecked(true); }

}  // namespace ui::first_start
