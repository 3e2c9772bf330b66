#pragma once
#include <algorithm>
#include <cstdint>

#include "base/bytes.h"
#include "base/digest.h"

namespace audit {

/// Tree hashes are kept in tiles, as C2SP tlog-tiles has them: 256 hashes of height 8n make a tile of level n.
inline constexpr unsigned kTileHeight = 8;
inline constexpr std::uint64_t kTileWidth = 256;

/// Precondition: the view holds more than `index` digests.
inline base::Digest digest_at(base::ByteView hashes, std::uint64_t index) noexcept {
    base::Digest out;
    const auto from = hashes.subspan(static_cast<std::size_t>(index) * out.size(), out.size());
    std::copy(from.begin(), from.end(), out.begin());
    return out;
}

}  // namespace audit
