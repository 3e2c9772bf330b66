#pragma once
#include <limits>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace audit {

/// From a time on, and before another one.
struct Period {
    base::Millis from = std::numeric_limits<base::Millis>::min();
    base::Millis until = std::numeric_limits<base::Millis>::max();
    constexpr bool holds(base::Millis time) const noexcept { return time >= from && time < until; }
    constexpr bool is_all() const noexcept { return from == std::numeric_limits<base::Millis>::min() && until == std::numeric_limits<base::Millis>::max(); }
};

/// Times as the utility counts them: at one fixed offset from UTC, which the genesis pins. Caps, books and reports share its days.
class UtilityTime {
public:
    explicit UtilityTime(base::Millis offset = 0) noexcept : offset_(offset) {}

    base::Millis offset() const noexcept { return offset_; }
    /// "2026-11-22"
    std::string day(base::Millis time) const;
    /// "2026-11-22 14:42:07"
    std::string text(base::Millis time) const;
    /// "+08:00"
    std::string zone() const;
    /// The day that a time falls in.
    Period day_around(base::Millis time) const;
    /// "2026-11-22" (its beginning) or "2026-11-22 14:42" with or without seconds: the utility's. With Z or an offset behind it (RFC 3339): as it says.
    /// invalid_argument
    base::Result<base::Millis> parse(std::string_view text) const;

private:
    base::Millis offset_;
};

}  // namespace audit
