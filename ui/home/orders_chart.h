#pragma once
#include <QWidget>
#include <deque>

#include "base/clock.h"

namespace ui::home {

/// Orders of the last minute, as they were over the last hour: a line, and what was refused under it. Drawn from what the service said since the window was opened.
class OrdersChart : public QWidget {
    Q_OBJECT
public:
    struct Point {
        base::Millis at = 0;
        std::uint64_t orders = 0;
        std::uint64_t refused = 0;
    };
    explicit OrdersChart(QWidget* parent);
    void add(Point point);
    QSize sizeHint() const override { return {420, 150}; }
    QSize minimumSizeHint() const override { return {220, 130}; }

    /// Kept beyond the page, which is made anew with the language.
    static std::deque<Point>& points();

protected:
    void paintEvent(QPaintEvent* event) override;
};

}  // namespace ui::home
