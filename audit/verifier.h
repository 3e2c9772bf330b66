#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/types.h"
#include "base/bytes.h"
#include "base/clock.h"

namespace audit {

/// Fills the span from its start. out: how many bytes, 0 at the end.
using ByteSource = std::function<base::Result<std::size_t>(std::span<std::uint8_t>)>;

struct VerifyOptions {
    /// DER of the trust anchor that the verifier's owner trusts. Without one that in the export is used, and the verdict says so.
    std::optional<base::Bytes> trust_anchor;
    /// A signed note kept outside the machine: the log must contain it.
    std::optional<std::string> known_checkpoint;
    /// The checkpoint of the export must carry a cosignature of each of these.
    std::vector<VerifierKey> witnesses;
    /// Where the caller knows it: the key of the checkpoints when the export begins. One that begins behind record 0 cannot tell of platform UKEYs before it.
    std::optional<base::Bytes> checkpoint_key;
    bool rules = true;                ///< replay them, where the export is whole
    std::size_t max_findings = 1000;  ///< more are counted, not kept
};

/// What is wrong, and with which record.
struct Finding {
    std::optional<std::uint64_t> index;
    std::string rule;     ///< "format", "order", "time", "root", "signature", "certificate", "checkpoint", "duplicate", "grant", ...
    std::string message;  ///< one line of clean text (audit/text.h), whatever is in the file
};

struct Verdict {
    bool sound = false;  ///< no finding at all
    bool has_head = false;  ///< false: it is no export at all, or only the beginning of a head; the findings say so
    std::uint64_t finding_count = 0;
    std::vector<Finding> findings;

    std::string origin;
    std::uint64_t first = 0;
    std::uint64_t size = 0;  ///< records in the tree that the checkpoint is over
    Digest root{};
    base::Millis first_time = 0;
    base::Millis last_time = 0;
    std::map<EventType, std::uint64_t> counts;
    std::string signed_by;            ///< subject of the checkpoint certificate, or the key's fingerprint
    std::map<std::string, base::Millis> witnessed;  ///< when each of the witnesses that were asked for has cosigned it
    std::string anchor_fingerprint;   ///< SHA-256 of the trust anchor, hex
    bool anchor_from_export = false;
    bool rules_replayed = false;      ///< over every record, from the first on: less does not tell enough
    std::optional<std::uint64_t> deeds_from;  ///< from this record on the log owes that deeds are signed; none: it never does, so nothing in it shows whose word it came of
    std::optional<std::uint64_t> holds_known;  ///< over how many records the known checkpoint is, where all of them are in the log; none: none was given, or they are not
    std::uint64_t checkpoints = 0;    ///< that the log says were signed, and that its tree and the key held to
    std::chrono::nanoseconds signatures{};  ///< what judging those took, of all the time
};

/// Lets go of the last ones until there are at most `most`, but first of those that are about single records: however many of these there are, they do not
/// hide that a signature, a root or a checkpoint does not hold.
void keep_most(std::vector<Finding>& findings, std::size_t most);

/// One file of a log.
struct Part {
    std::string name;  ///< for findings
    ByteSource source;
};

/// Reads an export once, in flat memory, and checks all of it. Whatever the bytes are, the answer is a verdict; an error is
/// one of the source, of the temporary file (io_failed), or invalid_argument for a known checkpoint that does not parse.
base::Result<Verdict> verify_export(const ByteSource& source, const VerifyOptions& options);
/// The same of several exports that together are one log: archived segments and what the database still holds, in any order. The tree goes on from one
/// to the next, each has the root of its own checkpoint, and where the first begins at 0 the rules are replayed over all.
/// invalid_argument: there is none
base::Result<Verdict> verify_exports(std::span<const Part> parts, const VerifyOptions& options);

}  // namespace audit
