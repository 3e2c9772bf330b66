#pragma once

class QBoxLayout;
class QVBoxLayout;
class QWidget;

namespace ui::parts {

/// Adds to `outer` what can be scrolled, without a frame, and gives the column that goes into it. What stands there has the column's parentWidget() for its parent.
QVBoxLayout* scrolled(QBoxLayout& outer, QWidget* parent);

}  // namespace ui::parts
