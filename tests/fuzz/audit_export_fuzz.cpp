// verify_export: any bytes get a verdict, the same one in any pieces, and never "sound": no input of a fuzzer is signed.
#include <algorithm>
#include <cstdlib>

#include "audit/verifier.h"

namespace {

base::Result<audit::Verdict> verdict_of(base::ByteView bytes, std::size_t piece) {
    std::size_t at = 0;
    return audit::verify_export(
        [&](std::span<std::uint8_t> out) -> base::Result<std::size_t> {
            const std::size_t n = std::min({piece, out.size(), bytes.size() - at});
            std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), n, out.begin());
            at += n;
            return n;
        },
        {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::ByteView bytes(data, size);
    const auto whole = verdict_of(bytes, size + 1);
    const auto pieces = verdict_of(bytes, 13);
    if (!whole || !pieces) std::abort();
    if (whole->finding_count != pieces->finding_count || whole->root != pieces->root || whole->size != pieces->size) std::abort();
    return 0;
}
