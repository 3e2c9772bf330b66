#pragma once
#include <string>
#include <string_view>

#include "audit/merkle.h"

/// What both kinds of proof files are made of, and what a witness is sent.
namespace audit {

inline constexpr std::size_t kMaxProofHashes = 64;

/// Code::malformed, and that it is about a proof.
base::Error malformed_proof(std::string what);
/// Takes the next line off, without its newline. malformed: it is not ended.
base::Result<std::string_view> take_line(std::string_view& rest);
/// Takes lines of one hash each off, and the empty line after them. malformed: a hash that is not 32 bytes in canonical base64; more than `most`
base::Result<Proof> take_hashes(std::string_view& rest, std::size_t most = kMaxProofHashes);
/// The lines that take_hashes takes, but for the empty one.
std::string hash_lines(const Proof& proof);

}  // namespace audit
