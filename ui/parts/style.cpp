#include "ui/parts/style.h"

namespace ui::parts {

QSize Style::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size, const QWidget* widget) const {
    QSize out = QProxyStyle::sizeFromContents(type, option, size, widget);
    if (type == CT_PushButton) out += QSize(14, 6);
    if (type == CT_LineEdit || type == CT_ComboBox || type == CT_ToolButton || type == CT_SpinBox) out += QSize(0, 4);
    return out;
}

}  // namespace ui::parts
