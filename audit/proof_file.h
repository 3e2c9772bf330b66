#pragma once
#include <string>
#include <string_view>

#include "audit/checkpoint.h"

namespace audit {

/// That a record is in a log, for whoever has nothing but the key of its checkpoints. source: C2SP tlog-proof
struct ProofFile {
    std::uint64_t index = 0;
    Digest leaf{};      ///< of the record (RFC 9162 2.1.1): what a receipt says. Stands in the file's `extra` line
    Proof proof;        ///< RFC 9162 2.1.3.1
    std::string note;   ///< the signed checkpoint

    /// malformed: not such a file, or one without the leaf hash.
    static base::Result<ProofFile> parse(std::string_view text);
};

inline constexpr std::size_t kMaxProofFile = 32768;

/// ok: the checkpoint is signed by this key, and its tree has this leaf at this index. Gives the checkpoint.
/// errors: malformed, key_invalid (signature or proof do not hold)
base::Result<Checkpoint> verify_proof(const ProofFile& file, const VerifierKey& key);

}  // namespace audit
