#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace meter {

using R1 = std::array<std::uint8_t, 8>;
using R2 = std::array<std::uint8_t, 4>;

inline constexpr int kMacFailuresThatEndASession = 3;
inline constexpr int kMacFailuresThatBlock = 15;
inline constexpr base::Millis kBlockingTime = base::kHour;

/// One identity authentication. It lives in memory only: a meter that lost its power asks for a new one.
class Session {
public:
    void begin(const R1& r1, const R2& r2, base::Millis now, base::Millis validity) noexcept;
    /// From now on it ends after `validity`.
    void set_validity(base::Millis now, base::Millis validity) noexcept;
    void end() noexcept { open_ = false; }
    /// A clock that went back ends it too: nobody can tell how old it is.
    bool valid(base::Millis now) const noexcept { return open_ && now >= begun_ && now < ends_; }
    /// Ends it at the third time.
    void note_mac_failure() noexcept;

    const R1& r1() const noexcept { return r1_; }
    const R2& r2() const noexcept { return r2_; }

private:
    bool open_ = false;
    int failures_ = 0;
    base::Millis begun_ = 0;
    base::Millis ends_ = 0;
    R1 r1_{};
    R2 r2_{};
};

/// Wrong MACs within an hour of the first. It survives a power loss, or pulling the plug would buy new tries.
struct Lockout {
    std::uint16_t failures = 0;
    base::Millis since = 0;

    bool blocked(base::Millis now) const noexcept { return failures >= kMacFailuresThatBlock && now - since < kBlockingTime; }
    void note(base::Millis now) noexcept;
    bool operator==(const Lockout&) const = default;
};

template <class A>
void fields(A& a, Lockout& v) {
    a(v.failures, v.since);
}

}  // namespace meter
