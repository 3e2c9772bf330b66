#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

/// UTC milliseconds since 1970-01-01, as used everywhere in the platform.
using Millis = std::int64_t;

inline constexpr Millis kSecond = 1000;
inline constexpr Millis kMinute = 60 * kSecond;
inline constexpr Millis kHour = 60 * kMinute;
inline constexpr Millis kDay = 24 * kHour;

/// Where time comes from. Injected, so that tests own it. Thread: any.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Millis now() const noexcept = 0;
};

class SystemClock final : public Clock {
public:
    Millis now() const noexcept override;
};

class ManualClock final : public Clock {
public:
    explicit ManualClock(Millis start) noexcept : now_(start) {}
    Millis now() const noexcept override { return now_; }
    void set(Millis now) noexcept { now_ = now; }
    void advance(Millis by) noexcept { now_ += by; }

private:
    std::atomic<Millis> now_;
};

/// "2026-11-22T06:42:00.123Z" (RFC 3339, always UTC, always milliseconds).
std::string to_rfc3339(Millis time);
/// Accepts what to_rfc3339 prints, with or without the milliseconds, or a bare date "2026-11-22" (midnight UTC).
Result<Millis> from_rfc3339(std::string_view text);

}  // namespace base
