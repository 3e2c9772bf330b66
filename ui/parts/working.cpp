#include "ui/parts/working.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>

namespace ui::parts {
namespace {

constexpr int kSteps = 1000;

}  // namespace

Working::Working(QWidget* parent) : QWidget(parent), what_(new QLabel(this)), bar_(new QProgressBar(this)), cancel_(new QPushButton(tr("&Cancel"), this)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    bar_->setTextVisible(false);
    bar_->setMaximumWidth(260);
    cancel_->setObjectName(QStringLiteral("cancel"));
    row->addWidget(what_, 1);
    row->addWidget(bar_, 1);
    row->addWidget(cancel_);
    connect(cancel_, &QPushButton::clicked, this, &Working::cancelled);
    hide();
}

void Working::say(const QString& what, quint64 done, quint64 of) {
    what_->setText(what);
    bar_->setRange(0, of == 0 ? 0 : kSteps);
    if (of != 0) bar_->setValue(static_cast<int>(static_cast<double>(std::min(done, of)) / static_cast<double>(of) * kSteps));
    bar_->setAccessibleName(what);
    show();
}

void Working::end() { hide(); }

}  // namespace ui::parts
