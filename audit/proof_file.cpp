#include "audit/proof_file.h"

#include <charconv>

#include "audit/proof_lines.h"

namespace audit {
namespace {

/// What follows `key` and a space in this line.
base::Result<std::string_view> value_of(std::string_view line, std::string_view key) {
    if (line.size() <= key.size() + 1 || !line.starts_with(key) || line[key.size()] != ' ') return malformed_proof("a line '" + std::string(key) + "' is missing");
    return line.substr(key.size() + 1);
}

/// The leaf hash, and the record of which it is.
base::Status read_extra(std::string_view text, ProofFile& out) {
    const auto bytes = base::from_base64(text);
    if (!bytes || bytes->size() < out.leaf.size()) return malformed_proof("its line 'extra' does not begin with a leaf hash of 32 bytes, in base64");
    std::copy_n(bytes->begin(), out.leaf.size(), out.leaf.begin());
    out.record.assign(bytes->begin() + static_cast<std::ptrdiff_t>(out.leaf.size()), bytes->end());
    if (!out.record.empty() && leaf_hash(out.record) != out.leaf) return malformed_proof("its record has not the leaf hash that it says");
    return {};
}

}  // namespace

base::Result<ProofFile> ProofFile::parse(std::string_view text) {
    if (text.size() > kMaxProofFile) return malformed_proof("it is too long");
    ProofFile out;
    KMP_TRY(const std::string_view head, take_line(text));
    if (head != kProofHead) return malformed_proof("it does not begin with " + std::string(kProofHead));
    KMP_TRY(const std::string_view extra_line, take_line(text));
    KMP_TRY(const std::string_view extra, value_of(extra_line, "extra"));
    KMP_CHECK(read_extra(extra, out));
    KMP_TRY(const std::string_view number_line, take_line(text));
    KMP_TRY(const std::string_view number, value_of(number_line, "index"));
    const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), out.index);
    if (fault != std::errc() || end != number.data() + number.size() || std::to_string(out.index) != number) return malformed_proof("its index is not a number");
    KMP_TRY(out.proof, take_hashes(text));
    out.note = text;
    return out;
}

std::string ProofFile::text() const {
    base::Bytes extra(leaf.begin(), leaf.end());
    extra.insert(extra.end(), record.begin(), record.end());
    return std::string(kProofHead) + "\nextra " + base::to_base64(extra) + "\nindex " + std::to_string(index) + "\n" + hash_lines(proof) + "\n" + note;
}

base::Result<Checkpoint> verify_proof(const ProofFile& file, std::span<const VerifierKey> keys) {
    KMP_TRY(Checkpoint checkpoint, verify_checkpoint(file.note, keys));
    KMP_CHECK(verify_inclusion(file.leaf, file.index, checkpoint.size, file.proof, checkpoint.root));
    return checkpoint;
}

}  // namespace audit
