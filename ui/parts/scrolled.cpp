#include "ui/parts/scrolled.h"

#include <QScrollArea>
#include <QVBoxLayout>

namespace ui::parts {
namespace {

constexpr int kBetween = 12;
constexpr int kBesideBar = 6;

}  // namespace

QVBoxLayout* scrolled(QBoxLayout& outer, QWidget* parent) {
    auto* scroll = new QScrollArea(parent);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto* inside = new QWidget(scroll);
    auto* column = new QVBoxLayout(inside);
    column->setContentsMargins(0, 0, kBesideBar, 0);
    column->setSpacing(kBetween);
    scroll->setWidget(inside);
    outer.addWidget(scroll, 1);
    return column;
}

}  // namespace ui::parts
