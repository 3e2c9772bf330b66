#include "ui/parts/columns.h"

#include <QHeaderView>
#include <QSettings>
#include <QSplitter>
#include <QTableView>
#include <algorithm>

namespace ui::parts {

void make_list(QTableView& table) {
    table.setSelectionBehavior(QAbstractItemView::SelectRows);
    table.setSelectionMode(QAbstractItemView::SingleSelection);
    table.setEditTriggers(QAbstractItemView::NoEditTriggers);
    table.setTabKeyNavigation(false);
    table.setShowGrid(false);
    table.setAlternatingRowColors(true);
    table.verticalHeader()->hide();
    table.horizontalHeader()->setHighlightSections(false);
}

void set_columns(QHeaderView& header, std::initializer_list<int> letters) {
    constexpr int kAround = 16;  // a cell's margins
    int column = 0;
    for (const int n : letters) {
        header.resizeSection(column, std::max(n * header.fontMetrics().averageCharWidth() + kAround, header.sectionSizeHint(column)));
        ++column;
    }
    header.setStretchLastSection(true);
}

void keep_columns(QHeaderView& header, const QString& key) {
    header.restoreState(QSettings().value(key).toByteArray());
    const auto keep = [&header, key] { QSettings().setValue(key, header.saveState()); };
    QObject::connect(&header, &QHeaderView::sectionResized, &header, keep);
    QObject::connect(&header, &QHeaderView::sectionMoved, &header, keep);
    QObject::connect(&header, &QHeaderView::sortIndicatorChanged, &header, keep);
}

void keep_sizes(QSplitter& splitter, const QString& key) {
    splitter.restoreState(QSettings().value(key).toByteArray());
    QObject::connect(&splitter, &QSplitter::splitterMoved, &splitter, [&splitter, key] { QSettings().setValue(key, splitter.saveState()); });
}

}  // namespace ui::parts
