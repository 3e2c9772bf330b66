#pragma once
#include <QStyledItemDelegate>

namespace ui::stations {

/// A bar of how much of a cap is used, and the figures over it.
class CapDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace ui::stations
