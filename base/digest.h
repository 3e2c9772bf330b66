#pragma once
#include <array>
#include <initializer_list>
#include <string>

#include "base/bytes.h"

namespace base {

using Digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4) over the parts in their order. Thread: any.
Digest sha256(std::initializer_list<ByteView> parts);
inline Digest sha256(ByteView bytes) { return sha256({bytes}); }
/// Of a whole file, piece by piece. errors: not_found, io_failed
Result<Digest> sha256_of_file(const std::string& path);

}  // namespace base
