#pragma once
#include <string>
#include <string_view>

#include "meter/bus.h"
#include "meter/driven_clock.h"

namespace meter {

/// What a test may do to running meters beside the line: one JSON object a line, one JSON object back. docs/METERS.md lists the
/// commands. Bad input gets {"ok":false,"error":..}. Thread: one at a time, the one that serves the bus.
class Control {
public:
    /// All outlive it. `clock` drives the metering, `true_time` bounds authentications; both are advanced.
    Control(Bus& bus, DrivenClock& clock, DrivenClock& true_time) : bus_(bus), clock_(clock), true_time_(true_time) {}
    /// The answer, without a newline.
    std::string obey(std::string_view line);

private:
    Bus& bus_;
    DrivenClock& clock_;
    DrivenClock& true_time_;
};

/// Sends one command to the control socket of running meters and gives the answer, whose `ok` is true.
/// errors: not_found (nobody listens there), io_failed; refused: what the answer says
base::Result<std::string> ask_control(const std::string& socket, std::string_view command);

inline constexpr std::size_t kMaxControlLine = 4096;

}  // namespace meter
