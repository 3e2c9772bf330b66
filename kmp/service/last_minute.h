#pragma once
#include <array>
#include <cstdint>

#include "kmp/service/metrics.h"

namespace kmp::service {

/// What orders did in the last minute: the difference of what was counted now and sixty ticks ago. Thread: one.
class LastMinute {
public:
    /// Once a second.
    void tick(const Metrics& metrics);
    struct Summary {
        std::uint64_t orders = 0;   ///< answered
        std::uint64_t refused = 0;  ///< of these
        std::uint64_t p50_us = 0, p99_us = 0;  ///< 0: there was none. Between two bounds of the histogram they are straight lines
    };
    Summary summary(const Metrics& metrics) const;

private:
    struct Point {
        Histogram::Counts times;
        std::uint64_t orders = 0, refused = 0;
    };
    static Point point(const Metrics& metrics);
    static constexpr std::size_t kSeconds = 60;
    std::array<Point, kSeconds> ring_{};
    std::size_t next_ = 0;  ///< the oldest
};

/// The value that a share of the counts does not exceed, in the bounds' unit; 0: there are none.
double quantile(const Histogram::Counts& counts, std::span<const std::uint64_t> bounds, double share) noexcept;

}  // namespace kmp::service
