#include "standby/segment.h"

#include <algorithm>

namespace standby {
namespace {

using base::Code;
constexpr std::string_view kMagic = "KMPSTBY1";
constexpr std::size_t kHash = 32;

template <std::size_t N>
std::array<std::uint8_t, N> array_of(base::ByteView bytes) {
    std::array<std::uint8_t, N> out{};
    std::copy_n(bytes.begin(), N, out.begin());
    return out;
}

}  // namespace

std::uint64_t file_size(const Heading& h) {
    return kHeadingBytes + std::uint64_t{h.recovery_size} + h.checkpoint_size + std::uint64_t{h.pages} * (4 + kPageSize) + kHash;
}

base::Bytes encode(Segment& s) {
    Heading& h = s.heading;
    h.pages = static_cast<std::uint32_t>(s.pages.size());
    h.recovery_size = static_cast<std::uint32_t>(s.recovery.size());
    h.checkpoint_size = static_cast<std::uint32_t>(s.checkpoint.size());
    base::ByteWriter out;
    out.text(kMagic);
    out.u64(h.number);
    out.bytes(h.database);
    out.bytes(h.series);
    out.bytes(h.previous);
    out.u64(static_cast<std::uint64_t>(h.made));
    out.u64(h.events);
    out.u64(h.position.salt);
    out.u32(h.position.frame);
    out.u64(h.position.checksum);
    out.u32(h.database_pages);
    out.u32(h.pages);
    out.u32(h.recovery_size);
    out.u32(h.checkpoint_size);
    out.text(s.recovery);
    out.text(s.checkpoint);
    for (const auto& [number, content] : s.pages) {
        out.u32(number);
        out.bytes(content);
    }
    s.hash = base::sha256(out.view());
    out.bytes(s.hash);
    return std::move(out).take();
}

base::Result<Heading> decode_heading(base::ByteView bytes) {
    const base::Error bad{Code::malformed, "it is no segment of a standby's feed"};
    if (bytes.size() < kHeadingBytes || base::as_text(bytes.first(kMagic.size())) != kMagic) return bad;
    base::ByteReader in(bytes.first(kHeadingBytes));
    Heading h;
    KMP_TRY(const base::ByteView magic, in.bytes(kMagic.size()));
    (void)magic;
    KMP_TRY(h.number, in.u64());
    KMP_TRY(const base::ByteView database, in.bytes(h.database.size()));
    h.database = array_of<16>(database);
    KMP_TRY(const base::ByteView series, in.bytes(h.series.size()));
    h.series = array_of<32>(series);
    KMP_TRY(const base::ByteView previous, in.bytes(h.previous.size()));
    h.previous = array_of<32>(previous);
    KMP_TRY(const std::uint64_t made, in.u64());
    h.made = static_cast<base::Millis>(made);
    KMP_TRY(h.events, in.u64());
    KMP_TRY(h.position.salt, in.u64());
    KMP_TRY(h.position.frame, in.u32());
    KMP_TRY(h.position.checksum, in.u64());
    KMP_TRY(h.database_pages, in.u32());
    KMP_TRY(h.pages, in.u32());
    KMP_TRY(h.recovery_size, in.u32());
    KMP_TRY(h.checkpoint_size, in.u32());
    if (h.pages > kMaxPages || h.recovery_size > kMaxRecovery || h.checkpoint_size > kMaxNote || h.number == 0) return bad;
    return h;
}

base::Result<Segment> decode(base::ByteView file) {
    Segment out;
    KMP_TRY(out.heading, decode_heading(file));
    const Heading& h = out.heading;
    if (file.size() < file_size(h)) return {Code::storage_failed, "it ends before its end"};
    if (file.size() > file_size(h)) return {Code::tampered, "it is not what was written"};
    const base::ByteView content = file.first(file.size() - kHash);
    out.hash = array_of<32>(file.last(kHash));
    if (base::sha256(content) != out.hash) return {Code::tampered, "it is not what was written"};
    std::size_t at = kHeadingBytes;
    const auto next = [&](std::size_t size) {
        const base::ByteView piece = content.subspan(at, size);
        at += size;
        return piece;
    };
    out.recovery = base::to_string(next(h.recovery_size));
    out.checkpoint = base::to_string(next(h.checkpoint_size));
    std::uint32_t last = 0;
    for (std::uint32_t i = 0; i < h.pages; ++i) {
        base::ByteReader number(next(4));
        KMP_TRY(const std::uint32_t page, number.u32());
        if (page <= last) return {Code::malformed, "its pages are not in their order"};
        last = page;
        out.pages.emplace_hint(out.pages.end(), page, base::to_bytes(next(kPageSize)));
    }
    return out;
}

}  // namespace standby
