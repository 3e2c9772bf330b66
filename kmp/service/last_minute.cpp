#include "kmp/service/last_minute.h"

#include <cmath>

namespace kmp::service {

LastMinute::Point LastMinute::point(const Metrics& metrics) { return {metrics.order_time.counts(), metrics.orders_answered.value(), metrics.orders_refused.value()}; }

void LastMinute::tick(const Metrics& metrics) {
    ring_[next_] = point(metrics);
    next_ = (next_ + 1) % kSeconds;
}

LastMinute::Summary LastMinute::summary(const Metrics& metrics) const {
    const Point& then = ring_[next_];
    const Point now = point(metrics);
    Histogram::Counts between;
    for (std::size_t i = 0; i < between.below.size(); ++i) between.below[i] = now.times.below[i] - then.times.below[i];
    constexpr double kNanosInMicro = 1000;
    Summary out;
    out.orders = now.orders - then.orders;
    out.refused = now.refused - then.refused;
    out.p50_us = static_cast<std::uint64_t>(std::lround(quantile(between, duration_bounds(), 0.50) / kNanosInMicro));
    out.p99_us = static_cast<std::uint64_t>(std::lround(quantile(between, duration_bounds(), 0.99) / kNanosInMicro));
    return out;
}

double quantile(const Histogram::Counts& counts, std::span<const std::uint64_t> bounds, double share) noexcept {
    const double wanted = share * static_cast<double>(counts.all());
    if (wanted <= 0) return 0;
    double before = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        const auto here = static_cast<double>(counts.below[i]);
        if (before + here >= wanted) {
            const double low = i == 0 ? 0 : static_cast<double>(bounds[i - 1]);
            return low + (static_cast<double>(bounds[i]) - low) * (wanted - before) / here;
        }
        before += here;
    }
    return static_cast<double>(bounds.back());
}

}  // namespace kmp::service
