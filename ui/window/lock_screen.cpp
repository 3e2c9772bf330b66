#include "ui/window/lock_screen.h"

#include <QEvent>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/parts/icon.h"
#include "ui/parts/theme.h"

namespace ui::window {

LockScreen::LockScreen(QWidget* parent) : QWidget(parent), picture_(new QLabel(this)), why_(new QLabel(this)), go_on_(new QPushButton(tr("Go on"), this)) {
    auto* picture = picture_;
    draw();
    picture->setAlignment(Qt::AlignCenter);
    auto* title = new QLabel(tr("Locked"), this);
    parts::make_heading(*title, 1);
    auto* text = new QLabel(tr("No PIN is kept and no auditor is logged in. Whatever needs a PIN asks for it."), this);
    go_on_->setObjectName(QStringLiteral("go_on"));
    go_on_->setDefault(true);
    for (QLabel* label : {title, why_, text}) {
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
    }
    parts::set_tone(*text, parts::Tone::muted);
    auto* column = new QVBoxLayout(this);
    column->addStretch(2);
    for (QWidget* w : {static_cast<QWidget*>(picture), static_cast<QWidget*>(title), static_cast<QWidget*>(why_), static_cast<QWidget*>(text)}) column->addWidget(w);
    column->addSpacing(12);
    column->addWidget(go_on_, 0, Qt::AlignHCenter);
    column->addStretch(3);
    connect(go_on_, &QPushButton::clicked, this, &LockScreen::go_on);
}

void LockScreen::draw() { picture_->setPixmap(parts::icon(parts::Picture::lock).pixmap(56, 56)); }

void LockScreen::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) draw();  // a pixmap keeps its colours
}

void LockScreen::say(const QString& why) { why_->setText(why); }

void LockScreen::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    go_on_->setFocus();
}

}  // namespace ui::window
