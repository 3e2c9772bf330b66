#include "audit/export_parser.h"

#include <algorithm>

#include "audit/event.h"
#include "audit/tile.h"

namespace audit {
namespace {

using base::Code;
constexpr std::size_t kBuffer = 256 * 1024;

base::Error malformed(std::string what) { return {Code::malformed, std::move(what)}; }

/// How long the DER value at the beginning of these bytes is, as it says itself; 0: it does not.
std::size_t der_size(base::ByteView in) noexcept {
    if (in.size() < 4 || in[0] != 0x30) return 0;
    if (in[1] < 0x80) return 2u + in[1];
    if (in[1] == 0x81) return 3u + in[2];
    if (in[1] == 0x82) return 4u + (static_cast<std::size_t>(in[2]) << 8 | in[3]);
    return 0;
}

}  // namespace

ExportParser::ExportParser(const ByteSource& source) : source_(source), buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kBuffer)) {}
ExportParser::ExportParser(const ByteSource& source, Watch watch) : source_(source), watch_(std::move(watch)), buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kBuffer)) {}

base::Status ExportParser::fill(std::size_t count) {
    if (end_ - begin_ >= count || ended_) return {};
    std::copy(buffer_.get() + begin_, buffer_.get() + end_, buffer_.get());
    end_ -= begin_;
    begin_ = 0;
    while (end_ < count && !ended_) {
        KMP_TRY(const std::size_t n, source_(std::span(buffer_.get() + end_, kBuffer - end_)));
        if (n > kBuffer - end_) return {Code::internal, "a source gave more bytes than were asked"};
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
    const base::ByteView out = ahead().first(count);
    begin_ += count;
    if (head_bytes_) head_bytes_->insert(head_bytes_->end(), out.begin(), out.end());
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

base::Result<base::Bytes> ExportParser::certificate(std::uint64_t which) {
    const std::string name = "certificate " + std::to_string(which);
    const auto taken = take_sized(kMaxCertificateBytes, "it");
    if (!taken) return base::Error(taken.error()).in(name);
    const base::ByteView der = *taken;
    if (der_size(der) != der.size()) return malformed(name + " is not as long as it says: it, the length in front of it or the number of certificates was changed");
    return base::to_bytes(der);
}

base::Result<ExportParser::Head> ExportParser::head_parts() {
    Head out;
    KMP_TRY(const base::ByteView origin, take_sized(128, "the origin"));
    out.head.origin = base::to_string(origin);
    KMP_TRY(out.head.first, number(8));
    KMP_TRY(out.head.end, number(8));
    if (out.head.first >= out.head.end) return malformed("the export says it holds no record");
    KMP_TRY(const std::uint64_t certificates, number(1));
    if (certificates == 0 || certificates > kMaxCertificates) return malformed("an export carries 1 to 16 certificates");
    for (std::uint64_t i = 1; i <= certificates; ++i) {
        KMP_TRY(base::Bytes der, certificate(i));
        out.head.certificates.push_back(std::move(der));
    }
    if (out.head.first == 0) return out;
    KMP_TRY(const base::ByteView genesis, take_sized(kMaxEventBytes, "record 0"));
    out.genesis = base::to_bytes(genesis);
    KMP_TRY(out.genesis_path, digests());
    KMP_TRY(const auto edge, digests());
    KMP_TRY(out.edge, Frontier::from(out.head.first, edge));
    return out;
}

base::Result<ExportParser::Head> ExportParser::head() {
    constexpr std::size_t kName = kExportMagic.size() - 1;
    KMP_CHECK(fill(kExportMagic.size()));
    if (end_ - begin_ < kExportMagic.size() || !std::equal(kExportMagic.begin(), kExportMagic.begin() + kName, ahead().begin())) return malformed("not an audit export");
    if (ahead()[kName] != kExportMagic[kName])
        return malformed("an audit export of version " + std::to_string(ahead()[kName]) + ", and this program reads version " + std::to_string(kExportMagic[kName]) + ": export the log again");
    head_bytes_.emplace();
    KMP_CHECK(take(kExportMagic.size()));
    auto out = head_parts();
    if (!out) return std::move(out).error().in("the head of the export");
    const Stub check = check_of(*head_bytes_);
    head_bytes_.reset();
    KMP_TRY(const base::ByteView said, take(kStubBytes));
    if (!std::equal(said.begin(), said.end(), check.begin())) {
        if (!watch_) return malformed("the head of the export was changed: its check does not hold");
        watch_->on_damage({}, "head", "the head of the export was changed: its check does not hold");
    }
    next_ = group_ = out->head.first;
    last_ = out->head.end;
    return out;
}

base::Result<std::string> ExportParser::trailer() {
    const auto view = take_sized(kMaxNoteBytes, "it");
    if (!view) return base::Error(view.error()).in("the checkpoint at the end");
    std::string note = base::to_string(*view);
    const auto said_of_it = take(kStubBytes);
    if (!said_of_it) return base::Error(said_of_it.error()).in("the checkpoint at the end");
    const base::ByteView said = *said_of_it;
    const Stub check = check_of(base::as_bytes(note));
    const bool holds = std::equal(said.begin(), said.end(), check.begin());
    KMP_CHECK(fill(1));
    if (end_ != begin_) return malformed("there are bytes after the checkpoint, or its length was changed");
    if (!holds) {
        if (!watch_) return malformed("the checkpoint at the end was changed: its check does not hold");
        watch_->on_damage({}, "checkpoint", "the one at the end of the export was changed: its check does not hold");
    }
    return note;
}

}  // namespace audit
