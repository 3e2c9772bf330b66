#pragma once
#include <QString>

class QHeaderView;
class QSplitter;
class QTableView;

namespace ui::parts {

/// A table in which each row is one thing: it is chosen whole, one at a time, and nothing is typed into it. Tab goes on to the next widget.
void make_list(QTableView& table);
/// The header has the widths, the order and the sorting that it was left with, and its changes are kept. `key`: "stations/columns".
void keep_columns(QHeaderView& header, const QString& key);
/// The same of the parts of a splitter. Its usual sizes are set before. `key`: "stations/split".
void keep_sizes(QSplitter& splitter, const QString& key);

}  // namespace ui::parts
