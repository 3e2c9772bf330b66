#include "ui/parts/figures.h"

#include <QGridLayout>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>

namespace ui::parts {

Card::Card(const QString& title, QWidget* parent) : QFrame(parent), title_(new QLabel(this)), column_(new QVBoxLayout(this)) {
    column_->setContentsMargins(14, 12, 14, 12);
    column_->setSpacing(8);
    make_heading(*title_, 3);
    column_->addWidget(title_);
    set_title(title);
}

void Card::set_title(const QString& title) {
    title_->setText(title);
    title_->setVisible(!title.isEmpty());
}

void Card::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(QPen(palette().color(QPalette::Mid), 1));
    p.setBrush(ground(Tone::plain, palette()));
    p.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
}

Figures::Figures(QWidget* parent) : QWidget(parent), grid_(new QGridLayout(this)) {
    grid_->setContentsMargins(0, 0, 0, 0);
    grid_->setHorizontalSpacing(14);
    grid_->setVerticalSpacing(5);
    // Not a form layout: that one gives a value that goes over several lines too little height.
    grid_->setColumnStretch(1, 1);
}

Figures::Line& Figures::make(const QString& key, const QString& name) {
    auto* label = new QLabel(name, this);
    auto* shown = new QLabel(this);
    set_tone(*label, Tone::muted);
    shown->setWordWrap(true);
    shown->setTextFormat(Qt::PlainText);
    shown->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    label->setBuddy(shown);
    shown->setAccessibleName(name);
    const int row = static_cast<int>(lines_.size());
    grid_->addWidget(label, row, 0, Qt::AlignTop);
    grid_->addWidget(shown, row, 1);
    lines_.push_back({key, label, shown});
    return lines_.back();
}

void Figures::show(const Line& line, const QString& value, Tone tone) {
    if (line.value->text() != value) line.value->setText(value);
    set_tone(*line.value, tone);
    line.label->setVisible(!value.isEmpty());
    line.value->setVisible(!value.isEmpty());
}

void Figures::set(const QString& name, const QString& value, Tone tone) {
    const auto at = std::ranges::find(lines_, name, &Line::name);
    if (at != lines_.end()) show(*at, value, tone);
    else if (!value.isEmpty()) show(make(name, name), value, tone);
}

void Figures::add(const QString& name, const QString& value, Tone tone) {
    if (!value.isEmpty()) show(make({}, name), value, tone);
}

QString Figures::value(const QString& name) const {
    const auto at = std::ranges::find(lines_, name, &Line::name);
    return at == lines_.end() ? QString() : at->value->text();
}

void Figures::clear() {
    for (const Line& line : lines_) {
        delete line.label;
        delete line.value;
    }
    lines_.clear();
}

}  // namespace ui::parts
