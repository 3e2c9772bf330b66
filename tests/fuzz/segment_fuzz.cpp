// standby::decode: a segment of a standby's feed, with and without the right hash at its end. What decodes is written again byte for byte.
#include <cstdlib>

#include "standby/segment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::ByteView bytes(data, size);
    if (const auto heading = standby::decode_heading(bytes); heading && heading->pages > standby::kMaxPages) std::abort();
    (void)standby::decode(bytes);
    // Nobody guesses a hash.
    base::Bytes whole = base::to_bytes(bytes);
    const base::Digest hash = base::sha256(bytes);
    whole.insert(whole.end(), hash.begin(), hash.end());
    auto segment = standby::decode(whole);
    if (segment && standby::encode(*segment) != whole) std::abort();
    return 0;
}
