// The search index's blocks and directories: whatever they hold is read or refused, and a block's events lie in its segment.
#include <cstdlib>

#include "audit/search_segment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::ByteView bytes(data, size);
    if (const auto directory = audit::read_directory(bytes)) {
        for (std::size_t i = 1; i < directory->size(); ++i)
            if ((*directory)[i] <= (*directory)[i - 1]) std::abort();
    }
    audit::SegmentSet some, all;
    const auto whole = audit::read_block(bytes, {"", "\xff"}, all);
    const auto part = audit::read_block(bytes, {"w", "x"}, some);
    // What a part of the terms leads to, all of them lead to.
    if (whole && part)
        for (std::uint32_t e = 0; e < audit::kSegmentEvents; ++e)
            if (some.has(e) && !all.has(e)) std::abort();
    return 0;
}
