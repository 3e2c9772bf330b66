#include "audit/proof_lines.h"

namespace audit {
namespace {

base::Result<Digest> digest_of(std::string_view line) {
    const auto bytes = base::from_base64(line);
    Digest out{};
    if (!bytes || bytes->size() != out.size()) return malformed_proof("a hash that is not 32 bytes in base64");
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

}  // namespace

base::Error malformed_proof(std::string what) { return {base::Code::malformed, "proof: " + std::move(what)}; }

base::Result<std::string_view> take_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return malformed_proof("a line that is not ended");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
}

base::Result<Proof> take_hashes(std::string_view& rest, std::size_t most) {
    Proof out;
    for (;;) {
        KMP_TRY(const std::string_view line, take_line(rest));
        if (line.empty()) return out;
        if (out.size() == most) return malformed_proof("more than " + std::to_string(most) + " hashes");
        KMP_TRY(const Digest hash, digest_of(line));
        out.push_back(hash);
    }
}

std::string hash_lines(const Proof& proof) {
    std::string out;
    for (const Digest& hash : proof) out += base::to_base64(hash) + "\n";
    return out;
}

}  // namespace audit
