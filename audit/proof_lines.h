#pragma once
#include <string>
#include <string_view>

#include "audit/merkle.h"

/// What both kinds of proof files are made of.
namespace audit {

inline constexpr std::size_t kMaxProofHashes = 64;

/// Takes the next line off, without its newline. malformed: it is not ended.
base::Result<std::string_view> take_line(std::string_view& rest);
/// Takes lines of one hash each off, and the empty line after them. malformed: a hash that is not 32 bytes in canonical base64; more than kMaxProofHashes
base::Result<Proof> take_hashes(std::string_view& rest);
/// The lines that take_hashes takes, but for the empty one.
std::string hash_lines(const Proof& proof);

}  // namespace audit
