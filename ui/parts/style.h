#pragma once
#include <QProxyStyle>

namespace ui::parts {

/// The platform's own style, with a little more room in what is clicked.
class Style : public QProxyStyle {
    Q_OBJECT
public:
    using QProxyStyle::QProxyStyle;
    QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size, const QWidget* widget) const override;
};

}  // namespace ui::parts
