#pragma once
#include <QProxyStyle>

namespace ui::parts {

/// The platform's own style, with a little more room in what is clicked, and edges that can be seen.
class Style : public QProxyStyle {
    Q_OBJECT
public:
    using QProxyStyle::QProxyStyle;
    /// In the dark, what can be ticked and typed into gets an edge: the style's own is darker than the ground. A button that stays down gets the ground of what is chosen: the style's own does not show it in the dark.
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override;
    /// Labels show what they are given as it stands: names come from people and from the log, and must not be taken for markup.
    void polish(QWidget* widget) override;
    using QProxyStyle::polish;
    QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size, const QWidget* widget) const override;
};

}  // namespace ui::parts
