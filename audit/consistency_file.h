#pragma once
#include <span>
#include <string>
#include <string_view>

#include "audit/checkpoint.h"

namespace audit {

/// That a log only grew between two of its checkpoints, for whoever has nothing but their keys (docs/AUDIT_FORMAT.md 10).
struct ConsistencyFile {
    std::string older;  ///< signed notes
    std::string newer;
    Proof proof;        ///< RFC 9162 2.1.4.1

    /// malformed: anything that text() would not have written.
    static base::Result<ConsistencyFile> parse(std::string_view text);
    /// Precondition: both notes are well formed.
    std::string text() const;
};

inline constexpr std::string_view kConsistencyHead = "kmp/consistency-proof@v1";
inline constexpr std::size_t kMaxConsistencyFile = 65000;

struct Growth {
    Checkpoint older;
    Checkpoint newer;
};
/// ok: each checkpoint is signed by one of these keys, they are of one log, and the newer one's tree holds all that the older one's did, in its place. Gives both.
/// errors: malformed, key_invalid (a signature or the proof does not hold)
base::Result<Growth> verify_growth(const ConsistencyFile& file, std::span<const VerifierKey> keys);

}  // namespace audit
