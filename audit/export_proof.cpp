#include "audit/export_proof.h"

#include <bit>
#include <map>

#include "pki/certificate.h"

namespace audit {
namespace {

using base::Code;

/// The subtrees that a proof consists of: asked for once without their hashes, to learn which; then again.
class Wanted final : public HashSource {
public:
    base::Result<Digest> node(unsigned height, std::uint64_t index) override { return hashes_.try_emplace({height, index}).first->second; }
    void fill(unsigned height, std::uint64_t index, const Digest& hash) {
        const auto found = hashes_.find({height, index});
        if (found != hashes_.end()) found->second = hash;
    }

private:
    std::map<std::pair<unsigned, std::uint64_t>, Digest> hashes_;
};

/// The subtrees that lie before the first record of an export.
void fill_from_edge(Wanted& wanted, const Frontier& edge) {
    std::uint64_t at = 0;
    for (const Digest& hash : edge.hashes()) {
        const auto height = static_cast<unsigned>(std::bit_width(edge.size() - at)) - 1;
        wanted.fill(height, at >> height, hash);
        at += std::uint64_t{1} << height;
    }
}

}  // namespace

base::Result<ExportedProof> prove_from_export(const ByteSource& source, std::uint64_t index) {
    ExportParser parser(source);
    KMP_TRY(const ExportParser::Head head, parser.head());
    if (index < head.head.first || index >= head.head.end)
        return {Code::not_found, "there is no record " + std::to_string(index) + " in it: it holds " + std::to_string(head.head.first) + " up to " + std::to_string(head.head.end - 1)};
    KMP_TRY(const pki::Certificate certificate, pki::Certificate::from_der(head.head.certificates.back()));
    ExportedProof out{{}, {head.head.origin, base::to_bytes(certificate.spki())}};
    out.file.index = index;
    Wanted wanted;
    KMP_CHECK(inclusion_proof(wanted, index, head.head.end));
    Frontier tree = head.edge;
    fill_from_edge(wanted, tree);
    for (std::uint64_t at = head.head.first;; ++at) {
        KMP_TRY(const base::ByteView record, parser.next());
        if (record.empty()) break;
        const Digest leaf = leaf_hash(record);
        if (at == index) out.file.record = base::to_bytes(record);
        if (at == index) out.file.leaf = leaf;
        wanted.fill(0, at, leaf);
        tree.append(leaf, [&](unsigned height, const Digest& hash) { wanted.fill(height, at >> height, hash); });
    }
    KMP_TRY(out.file.note, parser.trailer());
    KMP_TRY(const Checkpoint checkpoint, read_checkpoint(out.file.note));
    KMP_TRY(out.file.proof, inclusion_proof(wanted, index, head.head.end));
    if (tree.size() != head.head.end || checkpoint.size != tree.size() || tree.root() != checkpoint.root || !verify_inclusion(out.file.leaf, index, checkpoint.size, out.file.proof, checkpoint.root))
        return {Code::tampered, "its records are not those that its checkpoint is over: 'kmp-audit verify' says more"};
    return out;
}

}  // namespace audit
