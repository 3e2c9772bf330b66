#pragma once
#include <QString>
#include <initializer_list>

class QHeaderView;
class QSplitter;
class QTableView;

namespace ui::parts {

/// A table in which each row is one thing: it is chosen whole, one at a time, and nothing is typed into it. Tab goes on to the next widget.
void make_list(QTableView& table);
/// Usual widths, in letters, so that they go with the font, and never narrower than a column's name and the arrow of its sorting, which is on before; the last takes what is left.
void set_columns(QHeaderView& header, std::initializer_list<int> letters);
/// The header has the widths, the order and the sorting that it was left with, and its changes are kept. `key`: "stations/columns".
void keep_columns(QHeaderView& header, const QString& key);
/// The same of the parts of a splitter. Its usual sizes are set before. `key`: "stations/split".
void keep_sizes(QSplitter& splitter, const QString& key);

}  // namespace ui::parts
