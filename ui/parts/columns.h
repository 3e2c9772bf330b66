#pragma once
#include <QString>

class QHeaderView;

namespace ui::parts {

/// The header has the widths, the order and the sorting that it was left with, and its changes are kept. `key`: "stations/columns".
void keep_columns(QHeaderView& header, const QString& key);

}  // namespace ui::parts
