#pragma once
#include <QIcon>

class QPainter;

namespace ui::parts {

/// Pictures that are drawn, so that they are sharp at every size and follow the palette.
enum class Picture : std::uint8_t { home, ukey, approve, keys, station, log, report, lock, warning, good, bad, search, export_file, refresh, add, globe, person };

QIcon icon(Picture picture);
/// Into a square of `side` at (0, 0), in lines of `colour`.
void draw(QPainter& painter, Picture picture, double side, const QColor& colour);

}  // namespace ui::parts
