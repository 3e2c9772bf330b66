#include "ui/parts/wizard.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/parts/offer.h"
#include "ui/parts/theme.h"

namespace ui::parts {
namespace {

constexpr QSize kUsual(780, 690);

}  // namespace

Step::Step(const QString& title, const QString& text, QWidget* parent) : QWidget(parent), title_(title), column_(new QVBoxLayout(this)) {
    column_->setContentsMargins(0, 0, 8, 0);
    column_->setSpacing(10);
    auto* heading = new QLabel(title, this);
    heading->setWordWrap(true);
    make_heading(*heading, 2);
    column_->addWidget(heading);
    if (text.isEmpty()) return;
    auto* words = new QLabel(text, this);
    words->setWordWrap(true);
    set_tone(*words, Tone::muted);
    column_->addWidget(words);
}

DeedStep::DeedStep(link::Link& link, const QString& title, const QString& text, std::function<Deed()> make, QWidget* parent)
    : Step(title, text, parent), make_(std::move(make)), form_(new DeedForm(link, this)) {
    column()->addWidget(form_, 1);
    connect(form_, &DeedForm::changed, this, &Step::changed);
    connect(form_, &DeedForm::finished, this, &Step::go_on);
}

void DeedStep::put_first(QWidget* widget) { column()->insertWidget(column()->indexOf(form_), widget); }

void DeedStep::make_again() {
    form_->set_deed(make_());
    emit changed();
}

bool DeedStep::leave() {
    form_->run();
    return false;
}

Wizard::Wizard(const QString& title, QWidget* parent)
    : QDialog(parent), count_(new QLabel(this)), stack_(new QStackedWidget(this)), missing_(new QLabel(this)), back_(new QPushButton(tr("Back"), this)), next_(new QPushButton(this)), close_(new QPushButton(this)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowModality(Qt::WindowModal);
    setWindowTitle(title);
    set_tone(*count_, Tone::muted);
    set_tone(*missing_, Tone::muted);
    missing_->setWordWrap(true);
    missing_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    back_->setObjectName(QStringLiteral("back"));
    next_->setObjectName(QStringLiteral("next"));
    close_->setObjectName(QStringLiteral("close"));
    for (QPushButton* b : {back_, next_, close_}) b->setAutoDefault(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(10);
    auto* row = new QHBoxLayout;
    row->addWidget(close_);
    row->addWidget(missing_, 1);
    row->addWidget(back_);
    row->addWidget(next_);
    column->addWidget(count_);
    column->addWidget(stack_, 1);
    column->addLayout(row);
    connect(back_, &QPushButton::clicked, this, &Wizard::back);
    connect(next_, &QPushButton::clicked, this, &Wizard::forth);
    connect(close_, &QPushButton::clicked, this, [this] { now()->is_running() ? now()->stop() : reject(); });
    resize(kUsual);
}

void Wizard::add(Step* step) {
    auto* scroll = new QScrollArea(stack_);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(step);
    stack_->addWidget(scroll);
    steps_.push_back(step);
    connect(step, &Step::changed, this, &Wizard::look);
    connect(step, &Step::go_on, this, [this, step] {
        if (now() != step) return;
        if (const int next = beside(at_, 1); next >= 0) come_to(next);
        else look();
    });
}

void Wizard::begin() { come_to(beside(-1, 1)); }

Step* Wizard::now() const { return at_ < 0 ? nullptr : steps_[static_cast<std::size_t>(at_)]; }

void Wizard::show_step(int number) {
    for (int i = 0; i <= number && i < static_cast<int>(steps_.size()); ++i) {
        if (!steps_[static_cast<std::size_t>(i)]->applies()) continue;
        come_to(i);
        now()->imagine();
    }
}

void Wizard::return_to(Step* step) { come_to(static_cast<int>(std::ranges::find(steps_, step) - steps_.begin())); }

int Wizard::beside(int number, int direction) const {
    for (int i = number + direction; i >= 0 && i < static_cast<int>(steps_.size()); i += direction)
        if (steps_[static_cast<std::size_t>(i)]->applies()) return i;
    return -1;
}

void Wizard::come_to(int number) {
    if (number < 0 || number >= static_cast<int>(steps_.size())) return;
    at_ = number;
    came_.start();
    stack_->setCurrentIndex(at_);
    now()->enter();
    look();
    QWidget* first = now()->first_field();
    if (first != nullptr) first->setFocus();
    else if (next_->isEnabled()) next_->setFocus();
}

void Wizard::forth() {
    // The second click of a double click was meant for the step before, and would begin what nobody has read.
    const int pause = QApplication::doubleClickInterval() * 5 / 4;
    if (pause > 0 && !came_.hasExpired(pause)) return;
    if (!now()->missing().isEmpty() || now()->is_running()) return;
    const int next = beside(at_, 1);
    if (now()->is_settled() && next < 0) return reject();
    if (!now()->is_settled() && !now()->leave()) return;
    if (next < 0) return reject();
    come_to(next);
}

void Wizard::back() {
    const int before = beside(at_, -1);
    if (before >= 0 && back_->isEnabled()) come_to(before);
}

void Wizard::look() {
    const Step* step = now();
    if (step == nullptr) return;
    int count = 0;
    int number = 0;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        if (!steps_[i]->applies()) continue;
        ++count;
        if (static_cast<int>(i) <= at_) ++number;
    }
    count_->setText(tr("%1 · step %2 of %3").arg(windowTitle()).arg(number).arg(count));
    const bool last = beside(at_, 1) < 0;
    const bool over = last && step->is_settled();
    const QString missing = step->missing();
    missing_->setText(over ? QString() : missing);
    next_->setText(over ? tr("Close") : step->action());
    offer(*next_, missing);
    if (step->is_running()) next_->setEnabled(false);
    // Where PINs are typed Enter goes from field to field, and acts in the last one.
    next_->setDefault(qobject_cast<const DeedStep*>(step) == nullptr);
    const int before = beside(at_, -1);
    bool settled = step->is_settled() || step->is_running();
    for (int i = 0; i < at_; ++i) settled = settled || steps_[static_cast<std::size_t>(i)]->is_settled();
    back_->setEnabled(before >= 0 && !settled);
    back_->setVisible(!settled);
    close_->setText(step->is_running() ? step->stop_text() : tr("Cancel"));
    close_->setVisible(!settled || step->is_running());
}

void Wizard::reject() {
    if (now() != nullptr && now()->is_running()) {
        const bool closes = now()->closes_when_stopped();
        now()->stop();
        if (!closes) return;
    }
    QDialog::reject();
}

}  // namespace ui::parts
