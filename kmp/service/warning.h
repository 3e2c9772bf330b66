#pragma once
#include <string>
#include <vector>

#include "tokens/registry.h"
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

/// There is no backup, or it is old. `last`: when it was made; 0: never.
std::vector<Warning> backup_warnings(base::Millis last, base::Millis now);

/// UKEYs in use that end soon: one warning for all of them. The platform UKEY has a warning of its own, and a master-control UKEY ends with its trust anchor.
std::vector<Warning> ending_warnings(const tokens::Registry& registry, base::Millis now);

}  // namespace kmp::service
