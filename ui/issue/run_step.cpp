#include "ui/issue/run_step.h"

#include <QFormLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/issue/list_step.h"
#include "ui/parts/notice.h"
#include "ui/parts/offer.h"
#include "ui/parts/pin_field.h"

namespace ui::issue {

using State = BatchRun::State;

RunStep::RunStep(BatchModel& rows, BatchRun& run, QWidget* parent)
    : Step(tr("Stick after stick"), {}, parent), rows_(rows), run_(run), task_(new QLabel(this)), progress_(new QProgressBar(this)), pins_(new QWidget(this)), pin_(new parts::PinField(pins_)), once_more_(new parts::PinField(pins_)),
      give_(new QPushButton(tr("&Issue"), pins_)), trouble_(new parts::Notice(this)) {
    task_->setObjectName(QStringLiteral("task"));
    task_->setWordWrap(true);
    parts::make_heading(*task_, 1);
    progress_->setAccessibleName(tr("Issued so far"));
    pin_->setObjectName(QStringLiteral("pin_holder"));
    pin_->setAccessibleName(tr("New PIN"));
    once_more_->setObjectName(QStringLiteral("pin_again_holder"));
    once_more_->setAccessibleName(tr("New PIN, once more"));
    give_->setObjectName(QStringLiteral("give_pin"));
    give_->setAutoDefault(false);
    auto* form = new QFormLayout(pins_);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("New PIN"), pin_);
    form->addRow(tr("Once more"), once_more_);
    form->addRow(QString(), give_);
    form->addRow(QString(), new parts::Reasons({give_}, pins_));
    column()->addWidget(task_);
    column()->addWidget(progress_);
    column()->addWidget(trouble_);
    column()->addWidget(pins_);
    column()->addWidget(batch_table(rows, this), 1);
    const auto compare = [this] { parts::offer(*give_, pin_->is_empty() || once_more_->is_empty() ? tr("The holder types the new PIN, twice.") : pin_->equals(*once_more_) ? QString() : tr("Both times the same, please.")); };
    for (parts::PinField* field : {pin_, once_more_}) connect(field, &parts::PinField::edited, this, compare);
    connect(pin_, &parts::PinField::returned, once_more_, [this] { once_more_->setFocus(); });
    connect(once_more_, &parts::PinField::returned, this, &RunStep::give);
    connect(give_, &QPushButton::clicked, this, &RunStep::give);
    connect(&run_, &BatchRun::changed, this, &RunStep::look);
    compare();
    look();
}

QWidget* RunStep::first_field() { return pins_->isVisible() ? pin_ : nullptr; }

void RunStep::look() {
    task_->setText(run_.task());
    parts::set_tone(*task_, run_.state() == State::done ? parts::Tone::good : run_.state() == State::stopped ? parts::Tone::attention : parts::Tone::plain);
    progress_->setRange(0, std::max(1, rows_.rowCount()));
    progress_->setValue(static_cast<int>(rows_.done()));
    progress_->setFormat(tr("%1 of %2").arg(rows_.done()).arg(rows_.rowCount()));
    const bool asks = run_.state() == State::wants_pin;
    const bool asked = pins_->isVisibleTo(this);
    pins_->setVisible(asks);
    if (asks && !asked) pin_->setFocus();
    if (run_.state() == State::stopped && run_.trouble()) trouble_->say(*run_.trouble());
    else trouble_->say(parts::Tone::plain, {});
    emit changed();
}

void RunStep::give() {
    if (!give_->isEnabled()) return;
    base::Secret pin = pin_->take();
    once_more_->clear();
    run_.give_pin(std::move(pin));
}

bool RunStep::leave() {
    if (run_.state() != State::stopped) return true;
    emit again();
    return false;
}

}  // namespace ui::issue
