#include "ui/stations/cap_delegate.h"

#include <QPainter>

#include "ui/parts/bar.h"
#include "ui/stations/stations_model.h"

namespace ui::stations {

void CapDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QStyleOptionViewItem words(option);
    const QVariant part = index.data(StationsModel::kPart);
    if (!part.isValid()) return QStyledItemDelegate::paint(painter, words, index);
    constexpr int kBar = 5;
    QStyledItemDelegate::paint(painter, words, index);
    const QRectF bar(option.rect.left() + 6, option.rect.bottom() - kBar - 1, option.rect.width() - 12, kBar);
    const double used = part.toDouble();
    parts::draw_bar(*painter, bar, used, used >= 1 ? parts::Tone::bad : used >= 0.9 ? parts::Tone::attention : parts::Tone::plain, option.palette);
}

}  // namespace ui::stations
