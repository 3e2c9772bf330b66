#pragma once
#include <QColor>
#include <QPalette>
#include <QString>

class QLabel;
class QWidget;

namespace ui::parts {

/// What a colour says. The colours follow the palette of the platform, dark or light.
enum class Tone : std::uint8_t { plain, muted, good, attention, bad };

bool is_dark(const QPalette& palette) noexcept;
/// For text and lines on the window's ground; each has a contrast of 4.5 or more (WCAG 2.1, 1.4.3).
QColor colour(Tone tone, const QPalette& palette);
/// For a ground under text of that tone.
QColor ground(Tone tone, const QPalette& palette);
/// For the ground under what is chosen of several, whose text stays as it is.
QColor chosen(const QPalette& palette);
/// Of charts: the first is the main line's.
QColor series(int number, const QPalette& palette);

/// A palette of ours, for `--theme` and for pictures; the platform's own is used otherwise.
QPalette light_palette();
QPalette dark_palette();

/// A label in a tone, that follows when the palette changes.
void set_tone(QLabel& label, Tone tone);
/// A heading: larger and bold. `level` 1 to 3.
void make_heading(QLabel& label, int level);

}  // namespace ui::parts
