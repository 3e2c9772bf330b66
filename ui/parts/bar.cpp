#include "ui/parts/bar.h"

#include <QPainter>
#include <algorithm>

namespace ui::parts {
namespace {

constexpr double kBar = 8;
constexpr int kDots = 22;
constexpr double kGap = 0.35;  ///< between two dots, of their height
constexpr double kNearly = 0.9;  ///< of a cap

QColor full(Tone tone, const QPalette& palette) { return tone == Tone::plain ? series(0, palette) : colour(tone, palette); }
const QPalette& around(const QWidget& w) { return w.parentWidget() != nullptr ? w.parentWidget()->palette() : w.palette(); }

}  // namespace

Tone tone_of_cap(double part) { return part >= 1 ? Tone::bad : part >= kNearly ? Tone::attention : Tone::plain; }

void draw_bar(QPainter& p, const QRectF& place, double part, Tone tone, const QPalette& palette) {
    p.save();
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(Qt::NoPen);
    const double round = place.height() / 2;
    p.setBrush(palette.color(QPalette::Mid));
    p.drawRoundedRect(place, round, round);
    const double reached = std::clamp(part, 0.0, 1.0);
    if (reached > 0) {
        QRectF filled = place;
        filled.setWidth(std::max(place.height(), place.width() * reached));
        p.setBrush(full(tone, palette));
        p.drawRoundedRect(filled, round, round);
    }
    p.restore();
}

double dots_width(double height, int needed) { return needed <= 0 ? 0 : height * needed + height * kGap * (needed - 1); }

void draw_dots(QPainter& p, const QRectF& place, int have, int needed, Tone tone, const QPalette& palette) {
    p.save();
    p.setRenderHint(QPainter::Antialiasing);
    const double side = place.height();
    for (int i = 0; i < needed; ++i) {
        const QRectF dot = QRectF(place.left() + i * side * (1 + kGap), place.top(), side, side).adjusted(1, 1, -1, -1);
        const QColor line = i < have ? full(tone, palette) : colour(Tone::muted, palette);
        p.setPen(QPen(line, 1.5));
        p.setBrush(i < have ? QBrush(line) : QBrush(Qt::NoBrush));
        p.drawEllipse(dot);
        if (i >= have) continue;
        p.setPen(QPen(ground(Tone::plain, palette), side / 9, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        p.drawPolyline(QPolygonF{{dot.left() + side * 0.24, dot.top() + side * 0.46}, {dot.left() + side * 0.40, dot.top() + side * 0.62}, {dot.left() + side * 0.68, dot.top() + side * 0.30}});
    }
    p.restore();
}

Bar::Bar(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed); }

void Bar::set(const QString& name, double part, const QString& words, Tone tone) {
    name_ = name;
    words_ = words;
    part_ = part;
    tone_ = tone;
    setAccessibleName(name);
    setAccessibleDescription(words);
    update();
}

QSize Bar::sizeHint() const { return {320, fontMetrics().height() + static_cast<int>(kBar) + 8}; }
QSize Bar::minimumSizeHint() const { return {160, sizeHint().height()}; }

void Bar::paintEvent(QPaintEvent*) {
    QPainter p(this);
    const QPalette& palette = around(*this);
    const int height = fontMetrics().height();
    const QRect line(0, 0, width(), height);
    p.setPen(palette.color(QPalette::WindowText));
    p.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, name_);
    p.setPen(colour(tone_ == Tone::plain ? Tone::muted : tone_, palette));
    p.drawText(line, Qt::AlignRight | Qt::AlignVCenter, words_);
    draw_bar(p, QRectF(0, height + 4, width(), kBar), part_, tone_, palette);
}

Dots::Dots(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed); }

void Dots::set(int have, int needed, Tone tone, const QString& words) {
    have_ = have;
    needed_ = needed;
    tone_ = tone;
    setAccessibleName(words);
    setToolTip(words);
    updateGeometry();
    update();
}

QSize Dots::sizeHint() const { return {static_cast<int>(dots_width(kDots, needed_)) + 1, kDots}; }

void Dots::paintEvent(QPaintEvent*) {
    QPainter p(this);
    draw_dots(p, QRectF(0, 0, width(), kDots), have_, needed_, tone_, around(*this));
}

}  // namespace ui::parts
