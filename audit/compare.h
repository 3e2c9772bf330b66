#pragma once
#include <optional>

#include "audit/verifier.h"

namespace audit {

/// How two whole exports of one log relate. It compares bytes and judges neither: verify_export does.
struct Comparison {
    std::uint64_t older_size = 0;
    std::uint64_t newer_size = 0;
    std::optional<std::uint64_t> differs_at;  ///< the first record that is not the same
    /// The newer one holds all of the older one, unchanged, and perhaps more.
    bool extends() const noexcept { return !differs_at && newer_size >= older_size; }
};

/// malformed: one of them is no whole export; the message says which. Flat memory.
base::Result<Comparison> compare_exports(const ByteSource& older, const ByteSource& newer);

}  // namespace audit
