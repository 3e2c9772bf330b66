#include "ui/parts/typist_field.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QRadioButton>
#include <QVBoxLayout>

#include "ui/parts/theme.h"

namespace ui::parts {

TypistField::TypistField(Words words, QWidget* parent) : QWidget(parent), words_(std::move(words)), other_(new QRadioButton(words_.other, this)), holder_(new QRadioButton(words_.holder, this)), follows_(new QLabel(this)) {
    holder_->setObjectName(QStringLiteral("present"));
    other_->setObjectName(QStringLiteral("somebody_else"));
    other_->setAccessibleDescription(words_.other_follows);
    holder_->setAccessibleDescription(words_.holder_follows);
    follows_->setWordWrap(true);
    set_tone(*follows_, Tone::muted);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    auto* line = new QHBoxLayout;
    line->addWidget(other_);
    line->addWidget(holder_);
    line->addStretch(1);
    column->addLayout(line);
    column->addWidget(follows_);
    other_->setChecked(true);
    say();
    connect(holder_, &QRadioButton::toggled, this, [this](bool holder) {
        say();
        emit chosen(holder);
    });
}

void TypistField::choose_holder() { holder_->setChecked(true); }

bool TypistField::is_holder() const { return holder_->isChecked(); }

void TypistField::say() { follows_->setText(is_holder() ? words_.holder_follows : words_.other_follows); }

}  // namespace ui::parts
