#include "ui/parts/flow.h"

#include <algorithm>

namespace ui::parts {

Flow::Flow(QWidget* parent, int gap) : QLayout(parent), gap_(gap) { setContentsMargins(0, 0, 0, 0); }

Flow::~Flow() {
    for (QLayoutItem* item : items_) delete item;
}

void Flow::addItem(QLayoutItem* item) { items_.push_back(item); }

int Flow::count() const { return static_cast<int>(items_.size()); }

QLayoutItem* Flow::itemAt(int index) const { return index < 0 || index >= count() ? nullptr : items_[static_cast<std::size_t>(index)]; }

QLayoutItem* Flow::takeAt(int index) {
    QLayoutItem* const item = itemAt(index);
    if (item != nullptr) items_.erase(items_.begin() + index);
    return item;
}

int Flow::heightForWidth(int width) const { return place(QRect(0, 0, width, 0), false); }

QSize Flow::minimumSize() const {
    QSize out;
    for (const QLayoutItem* item : items_) out = out.expandedTo(item->minimumSize());
    return out;
}

void Flow::setGeometry(const QRect& rect) {
    QLayout::setGeometry(rect);
    place(rect, true);
}

int Flow::place(const QRect& rect, bool really) const {
    int x = rect.x();
    int y = rect.y();
    int line = 0;
    for (QLayoutItem* item : items_) {
        const QSize size = item->sizeHint();
        if (x > rect.x() && x + size.width() > rect.right() + 1) {
            x = rect.x();
            y += line + gap_;
            line = 0;
        }
        if (really) item->setGeometry(QRect(QPoint(x, y), size));
        x += size.width() + gap_;
        line = std::max(line, size.height());
    }
    return y + line - rect.y();
}

}  // namespace ui::parts
