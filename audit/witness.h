#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/checkpoint.h"

/// How a log asks a witness for a cosignature. source: C2SP tlog-witness (docs/WITNESS.md)
namespace audit {

inline constexpr std::size_t kMaxProofLines = 63;
inline constexpr std::size_t kMaxAddCheckpoint = 4096 + kMaxNoteBytes;  ///< bytes of a request

/// The body of POST add-checkpoint.
struct AddCheckpoint {
    std::uint64_t old_size = 0;  ///< what the witness is thought to have cosigned last
    Proof proof;                 ///< RFC 9162 2.1.4.1, from old_size to the note's
    std::string note;

    std::string text() const;
    /// malformed: anything that is not such a body, down to leading zeroes and missing newlines.
    static base::Result<AddCheckpoint> parse(std::string_view text);
};

/// What a witness holds of a log: the newest that it has cosigned.
struct Witnessed {
    std::uint64_t size = 0;
    Digest root{};
};

/// What a witness answers to a request: the status of HTTP, and why it is no 200.
struct WitnessAnswer {
    unsigned status = 200;
    std::string why;
    bool operator==(const WitnessAnswer&) const = default;
};
/// The rules of add-checkpoint, for a log whose key is known. `checkpoint`: what the note is over, where the answer is 200.
WitnessAnswer judge(const AddCheckpoint& request, const VerifierKey& log, const std::optional<Witnessed>& held, Checkpoint& checkpoint);

/// "12345\n", the body of a 409. malformed
base::Result<std::uint64_t> parse_tree_size(std::string_view text);
/// What stands for a log in the path of GET <hash>/checkpoint: SHA-256 of its origin in hex.
std::string origin_hash(std::string_view origin);

}  // namespace audit
