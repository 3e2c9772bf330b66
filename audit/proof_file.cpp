#include "audit/proof_file.h"

#include <charconv>

namespace audit {
namespace {

using base::Code;

constexpr std::string_view kHead = "c2sp.org/tlog-proof@v1";
constexpr std::size_t kMaxHashes = 64;

base::Error malformed(std::string what) { return {Code::malformed, "proof: " + std::move(what)}; }

/// The next line, which must be ended.
base::Result<std::string_view> take_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return malformed("a line that is not ended");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
}

base::Result<Digest> digest_of(std::string_view line) {
    const auto bytes = base::from_base64(line);
    Digest out{};
    if (!bytes || bytes->size() != out.size() || base::to_base64(*bytes) != line) return malformed("a hash that is not 32 bytes in base64");
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

/// What follows `key` and a space in this line.
base::Result<std::string_view> value_of(std::string_view line, std::string_view key) {
    if (line.size() <= key.size() + 1 || !line.starts_with(key) || line[key.size()] != ' ') return malformed("a line '" + std::string(key) + "' is missing");
    return line.substr(key.size() + 1);
}

}  // namespace

base::Result<ProofFile> ProofFile::parse(std::string_view text) {
    if (text.size() > kMaxProofFile) return malformed("it is too long");
    ProofFile out;
    KMP_TRY(const std::string_view head, take_line(text));
    if (head != kHead) return malformed("it does not begin with " + std::string(kHead));
    KMP_TRY(const std::string_view extra, take_line(text));
    KMP_TRY(const std::string_view leaf, value_of(extra, "extra"));
    KMP_TRY(out.leaf, digest_of(leaf));
    KMP_TRY(const std::string_view number_line, take_line(text));
    KMP_TRY(const std::string_view number, value_of(number_line, "index"));
    const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), out.index);
    if (fault != std::errc() || end != number.data() + number.size() || std::to_string(out.index) != number) return malformed("its index is not a number");
    for (;;) {
        KMP_TRY(const std::string_view line, take_line(text));
        if (line.empty()) break;
        if (out.proof.size() == kMaxHashes) return malformed("more than 64 hashes");
        KMP_TRY(const Digest hash, digest_of(line));
        out.proof.push_back(hash);
    }
    out.note = text;
    return out;
}

base::Result<Checkpoint> verify_proof(const ProofFile& file, const VerifierKey& key) {
    KMP_TRY(Checkpoint checkpoint, verify_checkpoint(file.note, key.spki));
    if (checkpoint.origin != key.name) return {Code::key_invalid, "the checkpoint is of the log " + checkpoint.origin + ", the key of " + key.name};
    KMP_CHECK(verify_inclusion(file.leaf, file.index, checkpoint.size, file.proof, checkpoint.root));
    return checkpoint;
}

}  // namespace audit
