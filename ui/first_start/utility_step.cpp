#include "ui/first_start/utility_step.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

#include "ui/parts/theme.h"
#include "ui/parts/words.h"

namespace ui::first_start {
namespace {

constexpr int kWesternmost = -12 * 60;
constexpr int kEasternmost = 14 * 60;
constexpr int kApart = 15;  // minutes between offsets that are in use somewhere

}  // namespace

IntroStep::IntroStep(QWidget* parent) : Step(tr("Set up the platform"), tr("The ceremony makes the platform's UKEYs and begins its log. It is held once, and takes about half an hour."), parent) {
    auto* heading = new QLabel(tr("Have ready"), this);
    parts::make_heading(*heading, 3);
    auto* list = new QLabel(tr("•  A room without cameras or guests, with everybody who will hold a UKEY.\n"
                               "•  A blank UKEY for the platform. It stays with this machine.\n"
                               "•  A blank UKEY for master control. It goes into a safe.\n"
                               "•  Where several officers share the work: a blank UKEY for each of them.\n"
                               "•  A reader for every UKEY, for all are plugged in at the same time.\n"
                               "•  A label for every stick, and a printer for the minutes."),
                            this);
    list->setWordWrap(true);
    column()->addWidget(heading);
    column()->addWidget(list);
    column()->addStretch(1);
}

UtilityStep::UtilityStep(Ceremony& ceremony, QWidget* parent)
    : Step(tr("Whose platform is it?"), tr("Both stand in the first event of the log and stay for good."), parent), ceremony_(ceremony), name_(new QLineEdit(this)), offset_(new QComboBox(this)) {
    name_->setObjectName(QStringLiteral("utility"));
    name_->setPlaceholderText(tr("As it is to stand on the minutes"));
    name_->setText(ceremony_.utility);
    offset_->setObjectName(QStringLiteral("day_offset"));
    for (int m = kWesternmost; m <= kEasternmost; m += kApart) offset_->addItem(tr("UTC%1").arg(parts::utc_offset(m)), m);
    offset_->setCurrentIndex(offset_->findData(ceremony_.day_offset_minutes));
    auto* why = new QLabel(tr("Caps count days and months from midnight of this time, summer and winter alike."), this);
    why->setWordWrap(true);
    parts::set_tone(*why, parts::Tone::muted);
    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("&Utility"), name_);
    form->addRow(tr("&Day begins at midnight of"), offset_);
    form->addRow(QString(), why);
    column()->addLayout(form);
    column()->addStretch(1);
    connect(name_, &QLineEdit::textChanged, this, [this](const QString& name) {
        ceremony_.utility = name;
        emit changed();
    });
    connect(offset_, &QComboBox::currentIndexChanged, this, [this] { ceremony_.day_offset_minutes = offset_->currentData().toInt(); });
}

void UtilityStep::imagine() { name_->setText(QStringLiteral("Qingshan Electricity")); }

QWidget* UtilityStep::first_field() { return name_; }

}  // namespace ui::first_start
