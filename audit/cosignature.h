#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/checkpoint.h"

/// A witness's word that a checkpoint goes on from all that it has seen of the log before. source: C2SP tlog-cosignature, Ed25519
namespace audit {

struct Cosigned {
    Checkpoint checkpoint;
    std::uint64_t time = 0;  ///< seconds since 1970, as the witness has it
};

/// What a witness signs. body: the note's, with its last newline
std::string cosigned_bytes(std::uint64_t time, std::string_view body);
/// The line that goes under the note. signature: 64 bytes over cosigned_bytes. key_invalid: it does not hold
base::Result<std::string> cosignature_line(const VerifierKey& witness, std::uint64_t time, std::string_view body, base::ByteView signature);

/// ok: the note carries a cosignature of this witness that holds; the newest of several. The log's own signature is not looked at.
/// errors: malformed, key_invalid (there is none, or one that names this key does not hold), unsupported (`witness` is no witness's key)
base::Result<Cosigned> verify_cosignature(std::string_view note, const VerifierKey& witness);
/// The note with the cosignatures of this witness out of `lines`, in the place of those it had. Lines of others are left out.
/// errors as verify_cosignature's
base::Result<std::string> with_cosignatures(std::string_view note, std::string_view lines, const VerifierKey& witness);

}  // namespace audit
