#include "audit/export.h"

#include <bit>
#include <optional>

#include "audit/checkpoint.h"

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

}  // namespace

base::Status write_export(LogReader& log, const ExportHead& head, std::string_view checkpoint, const ChunkSink& sink) {
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
    Pieces pieces(sink);
    KMP_CHECK(pieces.add(w.view()));
    base::Status written;
    KMP_CHECK(log.read(head.first, head.end, [&](std::uint64_t, base::ByteView record) {
        written = add_sized(pieces, record);
        return written.ok();
    }));
    KMP_CHECK(std::move(written));
    KMP_CHECK(add_sized(pieces, {}));  // an empty record ends the records
    KMP_CHECK(add_sized(pieces, base::as_bytes(checkpoint)));
    return pieces.flush();
}

}  // namespace audit
