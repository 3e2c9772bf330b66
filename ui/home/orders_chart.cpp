#include "ui/home/orders_chart.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/parts/theme.h"
#include "ui/parts/words.h"

namespace ui::home {
namespace {

constexpr base::Millis kSpan = base::kHour;
constexpr base::Millis kBetween = 5 * base::kSecond;  ///< a point every so often
constexpr base::Millis kGap = 30 * base::kSecond;     ///< longer without a point: the line is broken

/// The next of 1, 2, 5, 10, 20, 50 ..
std::uint64_t round_up(std::uint64_t n) {
    std::uint64_t ten = 1;
    while (ten * 10 <= n) ten *= 10;
    for (const std::uint64_t f : {1u, 2u, 5u, 10u})
        if (f * ten >= n) return f * ten;
    return n;
}

}  // namespace

OrdersChart::OrdersChart(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Orders per minute"));
}

std::deque<OrdersChart::Point>& OrdersChart::points() {
    static std::deque<Point> all;
    return all;
}

void OrdersChart::add(Point point) {
    auto& all = points();
    if (!all.empty() && point.at - all.back().at < kBetween) return;
    all.push_back(point);
    while (!all.empty() && all.front().at < point.at - kSpan) all.pop_front();
    setAccessibleDescription(tr("%1 in the last minute, %2 of them refused").arg(parts::number(point.orders), parts::number(point.refused)));
    update();
}

void OrdersChart::paintEvent(QPaintEvent*) {
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const auto& all = points();
    std::uint64_t most = 1;
    for (const Point& point : all) most = std::max(most, point.orders);
    const std::uint64_t top = std::max<std::uint64_t>(round_up(most), 10);
    const QFontMetrics metrics(font());
    const int left = metrics.horizontalAdvance(parts::number(top)) + 8;
    const QRectF field(left, 6, width() - left - 6, height() - metrics.height() - 12);
    const QColor muted = parts::colour(parts::Tone::muted, palette());
    for (const double part : {0.0, 0.5, 1.0}) {
        const double y = field.bottom() - part * field.height();
        p.setPen(QPen(palette().color(QPalette::Mid), 1, part == 0.0 ? Qt::SolidLine : Qt::DotLine));
        p.drawLine(QPointF(field.left(), y), QPointF(field.right(), y));
        p.setPen(muted);
        p.drawText(QRectF(0, y - metrics.height() / 2.0, left - 6, metrics.height()), Qt::AlignRight | Qt::AlignVCenter, parts::number(static_cast<std::uint64_t>(std::lround(static_cast<double>(top) * part))));
    }
    p.drawText(QRectF(field.left(), field.bottom() + 2, field.width(), metrics.height() + 4), Qt::AlignLeft | Qt::AlignVCenter, tr("60 min ago"));
    p.drawText(QRectF(field.left(), field.bottom() + 2, field.width(), metrics.height() + 4), Qt::AlignRight | Qt::AlignVCenter, tr("now"));
    if (all.empty()) return;
    const base::Millis now = all.back().at;
    const auto at = [&](const Point& point, std::uint64_t n) {
        return QPointF(field.right() - static_cast<double>(now - point.at) / kSpan * field.width(), field.bottom() - static_cast<double>(n) / static_cast<double>(top) * field.height());
    };
    const auto line = [&](auto value, const QColor& colour, double thickness) {
        QPainterPath path;
        const Point* last = nullptr;
        for (const Point& point : all) {
            const QPointF to = at(point, value(point));
            if (last == nullptr || point.at - last->at > kGap) path.moveTo(to);
            else path.lineTo(to);
            last = &point;
        }
        p.setPen(QPen(colour, thickness, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        p.setBrush(Qt::NoBrush);
        p.drawPath(path);
        p.setBrush(colour);
        p.drawEllipse(at(all.back(), value(all.back())), 2.5, 2.5);
    };
    if (std::ranges::any_of(all, [](const Point& point) { return point.refused > 0; })) line([](const Point& x) { return x.refused; }, parts::series(3, palette()), 1.6);
    line([](const Point& x) { return x.orders; }, parts::series(0, palette()), 2);
}

}  // namespace ui::home
