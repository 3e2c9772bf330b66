#pragma once
#include <optional>

#include "meter/dlt645/frame.h"

namespace meter {

class PrepaymentMeter;

/// A meter on a line. Low and high grade differ behind it.
class Meter {
public:
    virtual ~Meter() = default;
    /// What the meter says to a frame; nothing when the frame is not for it, is a broadcast, or is itself a reply.
    /// Whatever an answer acknowledges is durable when this returns. Thread: one at a time.
    virtual std::optional<dlt645::Frame> answer(const dlt645::Frame& request) = 0;
    virtual const dlt645::Address& number() const noexcept = 0;
    /// What both grades run.
    virtual PrepaymentMeter& program() noexcept = 0;
};

}  // namespace meter
