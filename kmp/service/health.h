#pragma once
#include "kmp/service/figures.h"
#include "kmp/service/warning.h"

namespace kmp::service {

/// What an administrator should see to, of what the figures show; each with what to do.
struct Limits {
    base::Millis now = 0;                     ///< of the machine's clock
    base::Millis last_event = 0;              ///< recorded time of the newest event; 0: not known
    std::chrono::milliseconds checkpoint_interval{60000};
};
std::vector<Warning> figure_warnings(const Figures& figures, const Limits& limits);

/// healthy; attention: something is to be seen to; failing: it refuses everything; sealed (or not initialised).
std::string_view health(const Figures& figures, bool warned);

}  // namespace kmp::service
