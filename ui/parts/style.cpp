#include "ui/parts/style.h"

#include <QLabel>
#include <QPainter>
#include <QStyleOption>

#include "ui/parts/theme.h"

namespace ui::parts {

namespace {

/// The edge runs through the middle of its pixels.
QRectF edge_of(const QStyleOption& option) { return QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5); }

void draw_chosen(const QStyleOption& option, QPainter& painter) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(option.palette.color(QPalette::Highlight), (option.state & QStyle::State_HasFocus) != 0 ? 2 : 1));
    painter.setBrush(chosen(option.palette));
    painter.drawRoundedRect(edge_of(option), 2, 2);
    painter.restore();
}

}  // namespace

void Style::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const {
    if (element == PE_PanelButtonTool && (option->state & State_On) != 0) return draw_chosen(*option, *painter);
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    const bool round = element == PE_IndicatorRadioButton;
    if (!round && element != PE_IndicatorCheckBox && element != PE_PanelLineEdit && element != PE_IndicatorItemViewItemCheck) return;
    if (!is_dark(option->palette) || (element == PE_PanelLineEdit && widget != nullptr && widget->parentWidget() != nullptr && widget->parentWidget()->inherits("QAbstractSpinBox"))) return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const bool focused = element == PE_PanelLineEdit && (option->state & State_HasFocus) != 0;
    painter->setPen(QPen(option->palette.color(focused ? QPalette::Highlight : QPalette::Mid).lighter(focused ? 100 : 130), 1));
    painter->setBrush(Qt::NoBrush);
    const QRectF edge = edge_of(*option);
    if (round) painter->drawEllipse(edge);
    else painter->drawRoundedRect(edge, 2, 2);
    painter->restore();
}

void Style::polish(QWidget* widget) {
    QProxyStyle::polish(widget);
    auto* label = qobject_cast<QLabel*>(widget);
    if (label != nullptr && label->textFormat() == Qt::AutoText && !label->window()->inherits("QMessageBox")) label->setTextFormat(Qt::PlainText);
}

QSize Style::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size, const QWidget* widget) const {
    QSize out = QProxyStyle::sizeFromContents(type, option, size, widget);
    if (type == CT_PushButton) out += QSize(14, 6);
    if (type == CT_LineEdit || type == CT_ComboBox || type == CT_ToolButton || type == CT_SpinBox) out += QSize(0, 4);
    return out;
}

}  // namespace ui::parts
