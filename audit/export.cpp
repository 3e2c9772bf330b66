#include "audit/export.h"

#include <bit>
#include <optional>

#include "audit/block.h"
#include "audit/checkpoint.h"
#include "audit/tile.h"

namespace audit {
namespace {

using base::Code;

base::Status add_sized(Pieces& pieces, base::ByteView bytes) {
    const std::uint8_t size[] = {static_cast<std::uint8_t>(bytes.size() >> 8), static_cast<std::uint8_t>(bytes.size())};
    KMP_CHECK(pieces.add(size));
    return pieces.add(bytes);
}

/// What a verifier of a range needs to know of the records before it: record 0, its way up to the first hash of the tree's
/// edge at `first`, and that edge. The root over [0, end) commits to all of them.
base::Result<base::Bytes> earlier(LogReader& log, std::uint64_t first) {
    KMP_TRY(const base::Bytes genesis, log.record(0));
    KMP_TRY(const Proof path, inclusion_proof(log, 0, std::bit_floor(first)));
    KMP_TRY(const Frontier edge, frontier_at(log, first));
    base::ByteWriter w;
    w.sized16(genesis);
    w.u8(static_cast<std::uint8_t>(path.size()));
    for (const Digest& h : path) w.bytes(h);
    w.u8(static_cast<std::uint8_t>(edge.hashes().size()));
    for (const Digest& h : edge.hashes()) w.bytes(h);
    return std::move(w).take();
}

/// Follows the records as they are written, and says after each 256 which they were: as the tiles of the log have it, so that an export shows where a
/// record is not the one that was logged; only where there is no tile yet, as they are read.
class Blocks {
public:
    static base::Result<Blocks> from(LogReader& log, std::uint64_t first) {
        KMP_TRY(const Digest root, root_at(log, first));
        KMP_TRY(const Frontier tiles, frontier_at(log, first / kBlockRecords * kBlockRecords));
        // A tree over 256 k records is one over the roots of k tiles.
        KMP_TRY(Frontier roots, Frontier::from(first / kBlockRecords, tiles.hashes()));
        return Blocks(log, first, root, std::move(roots));
    }
    /// out: the bytes that follow this record; mostly none. `last`: none comes after it
    base::Result<base::ByteView> record(std::uint64_t index, base::ByteView bytes, bool last) {
        out_.clear();
        if (leaves_.empty()) {
            begin_ = index;
            KMP_TRY(tile_, log_.leaves(index / kBlockRecords));
        }
        leaves_.push_back(stub_of(tile_ ? digest_at(tile_->hashes, index % kBlockRecords) : leaf_hash(bytes)));
        if (!last && (index + 1) % kBlockRecords != 0) return base::ByteView(out_);
        write_block(out_, begin_, stub_of(before_), leaves_);
        leaves_.clear();
        if (tile_) {
            roots_.append(tile_->root);
            before_ = roots_.root();
        }
        return base::ByteView(out_);
    }

private:
    Blocks(LogReader& log, std::uint64_t first, const Digest& before, Frontier roots) : log_(log), begin_(first), before_(before), roots_(std::move(roots)) {}
    LogReader& log_;
    std::uint64_t begin_;
    Digest before_;    ///< the root over the records before begin_
    Frontier roots_;   ///< of the tiles before it
    std::optional<LogReader::Tile> tile_;
    std::vector<Stub> leaves_;
    base::Bytes out_;
};

}  // namespace

base::Status write_export(LogReader& log, const ExportHead& head, std::string_view checkpoint, const ChunkSink& sink, const std::function<void(std::uint64_t)>& on_record) {
    if (head.first >= head.end) return {Code::invalid_argument, "an export holds at least one record"};
    KMP_TRY(const Checkpoint over, read_checkpoint(checkpoint));
    if (over.size != head.end || over.origin != head.origin)
        return {Code::invalid_argument, "the checkpoint is over " + std::to_string(over.size) + " records of " + over.origin + ", the export ends at " + std::to_string(head.end)};
    if (head.certificates.empty() || head.certificates.size() > kMaxCertificates) return {Code::invalid_argument, "an export carries 1 to 16 certificates"};
    base::ByteWriter w;
    w.bytes(kExportMagic);
    w.sized16(head.origin);
    w.u64(head.first);
    w.u64(head.end);
    w.u8(static_cast<std::uint8_t>(head.certificates.size()));
    for (const base::Bytes& certificate : head.certificates) {
        if (certificate.empty() || certificate.size() > kMaxCertificateBytes) return {Code::invalid_argument, "a certificate in an export has 1 to 8192 bytes"};
        w.sized16(certificate);
    }
    if (head.first > 0) {
        KMP_TRY(const base::Bytes before, earlier(log, head.first));
        w.bytes(before);
    }
    w.bytes(check_of(w.view()));
    Pieces pieces(sink);
    KMP_CHECK(pieces.add(w.view()));
    KMP_TRY(Blocks blocks, Blocks::from(log, head.first));
    base::Status written;
    KMP_CHECK(log.read(head.first, head.end, [&](std::uint64_t index, base::ByteView record) {
        if (on_record) on_record(index + 1 - head.first);
        written = add_sized(pieces, record);
        if (!written) return false;
        const auto block = blocks.record(index, record, index + 1 == head.end);
        written = block ? pieces.add(*block) : base::Status(block.error());
        return written.ok();
    }));
    KMP_CHECK(std::move(written));
    KMP_CHECK(add_sized(pieces, {}));  // an empty record ends the records
    KMP_CHECK(add_sized(pieces, base::as_bytes(checkpoint)));
    KMP_CHECK(pieces.add(check_of(base::as_bytes(checkpoint))));
    return pieces.flush();
}

}  // namespace audit
