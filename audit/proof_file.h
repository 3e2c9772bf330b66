#pragma once
#include <span>
#include <string>
#include <string_view>

#include "audit/checkpoint.h"

namespace audit {

/// That a record is in a log, for whoever has nothing but the key of its checkpoints. source: C2SP tlog-proof
struct ProofFile {
    std::uint64_t index = 0;
    Digest leaf{};      ///< of the record (RFC 9162 2.1.1): what a receipt says. Stands in the file's `extra` line
    base::Bytes record; ///< its canonical bytes, which stand behind that; empty: the file tells its leaf hash alone
    Proof proof;        ///< RFC 9162 2.1.3.1
    std::string note;   ///< the signed checkpoint

    /// malformed: not such a file, one without the leaf hash, or one whose record has another.
    static base::Result<ProofFile> parse(std::string_view text);
    /// The one way to write it. Precondition: `leaf` is the record's, where there is one.
    std::string text() const;
};

inline constexpr std::string_view kProofHead = "c2sp.org/tlog-proof@v1";
/// A record of kMaxEventBytes, 64 hashes and a note of kMaxNoteBytes fit, in a frame too.
inline constexpr std::size_t kMaxProofFile = 65000;

/// ok: the checkpoint is signed by one of these keys, and its tree has this leaf at this index. Gives the checkpoint.
/// errors: malformed, key_invalid (signature or proof do not hold)
base::Result<Checkpoint> verify_proof(const ProofFile& file, std::span<const VerifierKey> keys);

}  // namespace audit
