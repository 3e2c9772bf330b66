#pragma once
#include <string>
#include <vector>

#include "base/clock.h"
#include "wire/pb.h"

namespace kmp::service {

/// Something that somebody should see to.
struct Warning {
    using Of = wire::pb::Warning;

    std::string line;         ///< what it is, and what to do
    Of::Code code = Of::OTHER;
    std::string subject{};    ///< by name, as wire/kmp.proto says of the code
    base::Millis at = 0;
    std::uint64_t count = 0;
};

/// Adds it to what `status` tells. The one way in: `warnings` and `warned_of` go side by side.
void warn(wire::pb::StatusReply& out, const Warning& warning);
inline void warn(wire::pb::StatusReply& out, const std::vector<Warning>& warnings) {
    for (const Warning& w : warnings) warn(out, w);
}

}  // namespace kmp::service
