#include "audit/witness.h"

#include <charconv>

#include "audit/proof_lines.h"

namespace audit {
namespace {

using base::Code;

base::Error malformed(std::string what) { return {Code::malformed, "add-checkpoint: " + std::move(what)}; }

/// In decimal, in the one way it can be written.
std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t out = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (fault != std::errc() || std::to_string(out) != text) return std::nullopt;
    return out;
}

}  // namespace

std::string AddCheckpoint::text() const {
    return "old " + std::to_string(old_size) + "\n" + hash_lines(proof) + "\n" + note;
}

base::Result<AddCheckpoint> AddCheckpoint::parse(std::string_view text) {
    constexpr std::string_view kOld = "old ";
    if (text.size() > kMaxAddCheckpoint) return malformed("it has more than " + std::to_string(kMaxAddCheckpoint) + " bytes");
    AddCheckpoint out;
    const auto first = take_line(text);
    const auto size = first && first->starts_with(kOld) ? number(first->substr(kOld.size())) : std::nullopt;
    if (!size) return malformed("its first line is not 'old' and a size");
    out.old_size = *size;
    auto proof = take_hashes(text, kMaxProofLines);
    if (!proof) return std::move(proof).error().in("add-checkpoint");
    out.proof = std::move(*proof);
    out.note = text;
    KMP_TRY([[maybe_unused]] const Checkpoint point, read_checkpoint(out.note));
    return out;
}

WitnessAnswer judge(const AddCheckpoint& request, const VerifierKey& log, const std::optional<Witnessed>& held, Checkpoint& checkpoint) {
    auto verified = verify_checkpoint(request.note, log.spki);
    if (!verified) return {403, verified.error().message};
    if (verified->origin != log.name) return {404, "the log " + verified->origin + " is not witnessed here"};
    if (request.old_size > verified->size) return {400, "the old size is more than that of the checkpoint"};
    const std::uint64_t known = held ? held->size : 0;
    if (request.old_size != known) return {409, std::to_string(known) + "\n"};
    if (verified->size == 0 && verified->root != empty_root()) return {422, "the root of an empty tree is SHA-256 of nothing"};
    if (known == 0) {
        if (!request.proof.empty()) return {422, "from nothing on, a proof has no lines"};
    } else if (auto holds = verify_consistency(known, held->root, verified->size, verified->root, request.proof); !holds) {
        return {422, "the log does not go on from the " + std::to_string(known) + " records that were cosigned: " + holds.error().message};
    }
    checkpoint = std::move(*verified);
    return {};
}

base::Result<std::uint64_t> parse_tree_size(std::string_view text) {
    const auto line = take_line(text);
    const auto out = line && text.empty() ? number(*line) : std::nullopt;
    if (!out) return {Code::malformed, "a tree size that is not a number on a line of its own"};
    return *out;
}

std::string origin_hash(std::string_view origin) { return base::to_hex(base::sha256(base::as_bytes(origin))); }

}  // namespace audit
