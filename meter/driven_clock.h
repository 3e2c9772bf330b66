#pragma once
#include "base/clock.h"

namespace meter {

/// Time that runs faster than true time, and can be set forward by hand. Thread: one at a time.
class DrivenClock final : public base::Clock {
public:
    /// `truth` outlives it. Precondition: speed > 0.
    DrivenClock(const base::Clock& truth, double speed) : truth_(truth), start_(truth.now()), speed_(speed) {}
    base::Millis now() const noexcept override {
        return start_ + static_cast<base::Millis>(static_cast<double>(truth_.now() - start_) * speed_) + advanced_;
    }
    void advance(base::Millis by) noexcept { advanced_ += by; }

private:
    const base::Clock& truth_;
    base::Millis start_;
    double speed_;
    base::Millis advanced_ = 0;
};

}  // namespace meter
