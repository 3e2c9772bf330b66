#pragma once
#include <QString>

class QHeaderView;
class QSplitter;

namespace ui::parts {

/// The header has the widths, the order and the sorting that it was left with, and its changes are kept. `key`: "stations/columns".
void keep_columns(QHeaderView& header, const QString& key);
/// The same of the parts of a splitter. Its usual sizes are set before. `key`: "stations/split".
void keep_sizes(QSplitter& splitter, const QString& key);

}  // namespace ui::parts
