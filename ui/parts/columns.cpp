#include "ui/parts/columns.h"

#include <QHeaderView>
#include <QSettings>

namespace ui::parts {

void keep_columns(QHeaderView& header, const QString& key) {
    header.restoreState(QSettings().value(key).toByteArray());
    const auto keep = [&header, key] { QSettings().setValue(key, header.saveState()); };
    QObject::connect(&header, &QHeaderView::sectionResized, &header, keep);
    QObject::connect(&header, &QHeaderView::sectionMoved, &header, keep);
    QObject::connect(&header, &QHeaderView::sortIndicatorChanged, &header, keep);
}

}  // namespace ui::parts
