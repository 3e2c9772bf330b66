#pragma once
#include <optional>

#include "audit/verifier.h"

namespace audit {

/// How two exports of one log relate. It compares bytes and judges neither: verify_export does.
struct Comparison {
    std::uint64_t first = 0;  ///< where the comparison begins: one of them does not hold what was before
    std::uint64_t older_size = 0;
    std::uint64_t newer_size = 0;
    std::optional<std::uint64_t> differs_at;  ///< the first record that is not the same
    /// The newer one holds all of the older one, unchanged, and perhaps more.
    bool extends() const noexcept { return !differs_at && newer_size >= older_size; }
};

/// malformed: one of them is no export, and the message says which; or they share no record. Flat memory.
base::Result<Comparison> compare_exports(const ByteSource& older, const ByteSource& newer);

}  // namespace audit
