#include "ui/parts/icon.h"

#include <QApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>

namespace ui::parts {
namespace {

class Engine : public QIconEngine {
public:
    explicit Engine(Picture picture) : picture_(picture) {}
    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
        const QPalette palette = QApplication::palette();
        const QColor colour = mode == QIcon::Disabled   ? palette.color(QPalette::Disabled, QPalette::WindowText)
                              : mode == QIcon::Selected ? palette.color(QPalette::HighlightedText)
                                                        : palette.color(QPalette::WindowText);
        painter->save();
        painter->translate(rect.topLeft());
        draw(*painter, picture_, std::min(rect.width(), rect.height()), colour);
        painter->restore();
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        QPixmap out(size);
        out.fill(Qt::transparent);
        QPainter painter(&out);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        return out;
    }
    QIconEngine* clone() const override { return new Engine(picture_); }

private:
    Picture picture_;
};

}  // namespace

QIcon icon(Picture picture) { return QIcon(new Engine(picture)); }

// Each on a field of 24 by 24, in lines of 1.8.
void draw(QPainter& painter, Picture picture, double side, const QColor& colour) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(side / 24, side / 24);
    painter.setPen(QPen(colour, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    QPainterPath path;
    const auto line = [&](double x1, double y1, double x2, double y2) {
        path.moveTo(x1, y1);
        path.lineTo(x2, y2);
    };
    switch (picture) {
        case Picture::home:
            path.moveTo(4, 11);
            path.lineTo(12, 4);
            path.lineTo(20, 11);
            path.moveTo(6, 10);
            path.lineTo(6, 20);
            path.lineTo(18, 20);
            path.lineTo(18, 10);
            break;
        case Picture::ukey:
            path.addRoundedRect(3, 8, 12, 8, 2, 2);
            path.addRect(15, 9.5, 6, 5);
            line(18, 11.2, 18, 12.8);
            break;
        case Picture::approve:
            path.addRoundedRect(4, 3, 16, 18, 2, 2);
            path.moveTo(8, 12.5);
            path.lineTo(11, 15.5);
            path.lineTo(16.5, 9);
            break;
        case Picture::keys:
            path.addEllipse(3, 8, 8, 8);
            line(11, 12, 21, 12);
            line(21, 12, 21, 16);
            line(17, 12, 17, 15);
            break;
        case Picture::station:
            path.addRoundedRect(4, 4, 16, 12, 1.5, 1.5);
            line(9, 20, 15, 20);
            line(12, 16, 12, 20);
            line(12.8, 6.5, 10.5, 10.2);
            line(10.5, 10.2, 13.6, 10.2);
            line(13.6, 10.2, 11.2, 13.8);
            break;
        case Picture::log:
            path.addRoundedRect(5, 3, 14, 18, 1.5, 1.5);
            line(8, 8, 16, 8);
            line(8, 12, 16, 12);
            line(8, 16, 13, 16);
            break;
        case Picture::report:
            line(4, 20, 20, 20);
            path.addRect(5.5, 12, 3, 8);
            path.addRect(10.5, 7, 3, 13);
            path.addRect(15.5, 10, 3, 10);
            break;
        case Picture::lock:
            path.addRoundedRect(5, 11, 14, 9, 2, 2);
            path.moveTo(8, 11);
            path.lineTo(8, 8);
            path.arcTo(8, 4, 8, 8, 180, -180);
            path.lineTo(16, 11);
            break;
        case Picture::warning:
            path.moveTo(12, 4);
            path.lineTo(21, 19.5);
            path.lineTo(3, 19.5);
            path.closeSubpath();
            line(12, 10, 12, 14);
            line(12, 16.8, 12, 16.9);
            break;
        case Picture::good:
            path.addEllipse(3, 3, 18, 18);
            path.moveTo(8, 12.5);
            path.lineTo(11, 15.5);
            path.lineTo(16.5, 9);
            break;
        case Picture::bad:
            path.addEllipse(3, 3, 18, 18);
            line(8.5, 8.5, 15.5, 15.5);
            line(15.5, 8.5, 8.5, 15.5);
            break;
        case Picture::search:
            path.addEllipse(4, 4, 11, 11);
            line(13.5, 13.5, 20, 20);
            break;
        case Picture::export_file:
            path.moveTo(5, 13);
            path.lineTo(5, 20);
            path.lineTo(19, 20);
            path.lineTo(19, 13);
            line(12, 4, 12, 15);
            line(8, 11, 12, 15);
            line(16, 11, 12, 15);
            break;
        case Picture::refresh:
            path.arcMoveTo(4, 4, 16, 16, 40);
            path.arcTo(4, 4, 16, 16, 40, 280);
            line(18.1, 6.9, 18.1, 3.2);
            line(18.1, 6.9, 14.4, 6.9);
            break;
        case Picture::add:
            line(12, 5, 12, 19);
            line(5, 12, 19, 12);
            break;
        case Picture::globe:
            path.addEllipse(3, 3, 18, 18);
            path.addEllipse(8, 3, 8, 18);
            line(3, 12, 21, 12);
            break;
        case Picture::person:
            path.addEllipse(8, 3.5, 8, 8);
            path.moveTo(4, 21);
            path.arcTo(4, 13.5, 16, 15, 180, -180);
            break;
    }
    painter.drawPath(path);
    painter.restore();
}

}  // namespace ui::parts
