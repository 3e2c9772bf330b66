#include "audit/consistency_file.h"

#include "audit/proof_lines.h"

namespace audit {
namespace {

using base::Code;

/// The older note: its body, an empty line and its signatures, up to the next empty line, which goes too.
base::Result<std::string> take_note(std::string_view& rest) {
    const std::size_t body = rest.find("\n\n");
    const std::size_t end = body == std::string_view::npos ? body : rest.find("\n\n", body + 2);
    if (end == std::string_view::npos) return malformed_proof("it does not hold two checkpoints");
    const std::string out(rest.substr(0, end + 1));
    rest.remove_prefix(end + 2);
    return out;
}

}  // namespace

base::Result<ConsistencyFile> ConsistencyFile::parse(std::string_view text) {
    if (text.size() > kMaxConsistencyFile) return malformed_proof("it is too long");
    ConsistencyFile out;
    KMP_TRY(const std::string_view head, take_line(text));
    if (head != kConsistencyHead) return malformed_proof("it does not begin with " + std::string(kConsistencyHead));
    KMP_TRY(out.proof, take_hashes(text));
    KMP_TRY(out.older, take_note(text));
    out.newer = text;
    KMP_CHECK(read_checkpoint(out.older));
    KMP_CHECK(read_checkpoint(out.newer));
    return out;
}

std::string ConsistencyFile::text() const { return std::string(kConsistencyHead) + "\n" + hash_lines(proof) + "\n" + older + "\n" + newer; }

base::Result<Growth> verify_growth(const ConsistencyFile& file, std::span<const VerifierKey> keys) {
    auto older = verify_checkpoint(file.older, keys);
    if (!older) return std::move(older).error().in("the older checkpoint");
    auto newer = verify_checkpoint(file.newer, keys);
    if (!newer) return std::move(newer).error().in("the newer checkpoint");
    if (older->origin != newer->origin) return {Code::key_invalid, "the checkpoints are of two logs, " + older->origin + " and " + newer->origin};
    KMP_CHECK(verify_consistency(older->size, older->root, newer->size, newer->root, file.proof));
    return Growth{std::move(*older), std::move(*newer)};
}

}  // namespace audit
