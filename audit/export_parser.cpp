#include "audit/export_parser.h"

#include <algorithm>

#include "audit/event.h"
#include "audit/tile.h"

namespace audit {
namespace {

using base::Code;
constexpr std::size_t kBuffer = 256 * 1024;

base::Error malformed(std::string what) { return {Code::malformed, std::move(what)}; }

}  // namespace

ExportParser::ExportParser(const ByteSource& source) : source_(source), buffer_(kBuffer) {}

base::Status ExportParser::fill(std::size_t count) {
    if (end_ - begin_ >= count || ended_) return {};
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
    while (end_ < count && !ended_) {
        KMP_TRY(const std::size_t n, source_(std::span(buffer_).subspan(end_)));
        if (n > buffer_.size() - end_) return {Code::internal, "a source gave more bytes than were asked"};
        ended_ = n == 0;
        end_ += n;
    }
    return {};
}

base::Result<base::ByteView> ExportParser::take(std::size_t count) {
    if (end_ - begin_ < count) {
        KMP_CHECK(fill(count));
        if (end_ - begin_ < count) return malformed("the export was cut off");
    }
    const base::ByteView out = base::ByteView(buffer_).subspan(begin_, count);
    begin_ += count;
    return out;
}

base::Result<std::uint64_t> ExportParser::number(std::size_t width) {
    KMP_TRY(const base::ByteView bytes, take(width));
    std::uint64_t n = 0;
    for (std::uint8_t b : bytes) n = n << 8 | b;
    return n;
}

base::Result<base::ByteView> ExportParser::take_sized(std::size_t limit, const char* what) {
    KMP_TRY(const std::uint64_t size, number(2));
    if (size > limit) return malformed(std::string(what) + " is too long: " + std::to_string(size) + " bytes");
    return take(static_cast<std::size_t>(size));
}

base::Result<std::vector<Digest>> ExportParser::digests() {
    KMP_TRY(const std::uint64_t count, number(1));
    if (count > 64) return malformed("too many tree hashes");
    KMP_TRY(const base::ByteView bytes, take(static_cast<std::size_t>(count) * sizeof(Digest)));
    std::vector<Digest> out;
    for (std::uint64_t i = 0; i < count; ++i) out.push_back(digest_at(bytes, i));
    return out;
}

base::Result<ExportParser::Head> ExportParser::head() {
    KMP_CHECK(fill(kExportMagic.size()));
    if (end_ - begin_ < kExportMagic.size() || !std::equal(kExportMagic.begin(), kExportMagic.end(), buffer_.begin())) return malformed("not an audit export of version 1");
    KMP_CHECK(take(kExportMagic.size()));
    Head out;
    KMP_TRY(const base::ByteView origin, take_sized(128, "the origin"));
    out.head.origin = base::to_string(origin);
    KMP_TRY(out.head.first, number(8));
    KMP_TRY(out.head.end, number(8));
    if (out.head.first >= out.head.end) return malformed("the export says it holds no record");
    KMP_TRY(const std::uint64_t certificates, number(1));
    if (certificates == 0 || certificates > kMaxCertificates) return malformed("an export carries 1 to 16 certificates");
    for (std::uint64_t i = 0; i < certificates; ++i) {
        KMP_TRY(const base::ByteView der, take_sized(kMaxCertificateBytes, "a certificate"));
        out.head.certificates.push_back(base::to_bytes(der));
    }
    if (out.head.first == 0) return out;
    KMP_TRY(const base::ByteView genesis, take_sized(kMaxEventBytes, "record 0"));
    out.genesis = base::to_bytes(genesis);
    KMP_TRY(out.genesis_path, digests());
    KMP_TRY(const auto edge, digests());
    KMP_TRY(out.edge, Frontier::from(out.head.first, edge));
    return out;
}

base::Result<base::ByteView> ExportParser::next() { return take_sized(kMaxEventBytes, "a record"); }

base::Result<std::string> ExportParser::trailer() {
    KMP_TRY(const base::ByteView view, take_sized(kMaxNoteBytes, "the checkpoint"));
    std::string note = base::to_string(view);
    KMP_CHECK(fill(1));
    if (end_ != begin_) return malformed("there are bytes after the checkpoint");
    return note;
}

}  // namespace audit
