#include "meter/state_record.h"

#include <algorithm>
#include <cstring>

#include "base/digest.h"

namespace meter {
namespace {

constexpr std::string_view kMagic = "KMPMETER";
constexpr std::uint8_t kFormat = 2;
constexpr std::size_t kHead = kMagic.size() + 2;

}  // namespace

base::Secret seal(RecordKind kind, std::initializer_list<base::ByteView> parts) {
    std::size_t body = kHead;
    for (const base::ByteView part : parts) body += 4 + part.size();
    base::Secret out(body + sizeof(base::Digest));
    // By hand into locked memory; ByteWriter would leave copies of keys behind.
    out.fill([&](std::span<std::uint8_t> record) {
        auto at = std::copy(kMagic.begin(), kMagic.end(), record.begin());
        *at++ = kFormat;
        *at++ = static_cast<std::uint8_t>(kind);
        for (const base::ByteView part : parts) {
            for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<std::uint8_t>(part.size() >> shift);
            at = std::copy(part.begin(), part.end(), at);
        }
        const base::Digest digest = base::sha256(record.first(body));
        std::copy(digest.begin(), digest.end(), at);
    });
    return out;
}

base::Result<OpenedRecord> open_record(base::ByteView record) {
    if (record.size() < kHead || base::as_text(record.first(kMagic.size())) != kMagic)
        return {base::Code::tampered, "it is not the state of a meter"};
    if (record[kMagic.size()] != kFormat)
        return {base::Code::unsupported, "it has format " + std::to_string(record[kMagic.size()]) + ", this program reads format " + std::to_string(kFormat)};
    const base::Error damaged{base::Code::tampered, "its checksum does not hold"};
    if (record.size() < kHead + sizeof(base::Digest)) return damaged;
    const std::size_t body = record.size() - sizeof(base::Digest);
    const base::Digest digest = base::sha256(record.first(body));
    if (!std::equal(digest.begin(), digest.end(), record.begin() + static_cast<std::ptrdiff_t>(body))) return damaged;
    OpenedRecord out{static_cast<RecordKind>(record[kHead - 1]), {}};
    base::ByteReader in(record.subspan(kHead, body - kHead));
    while (in.left() > 0) {
        KMP_TRY(const std::uint32_t size, in.u32());
        KMP_TRY(const base::ByteView part, in.bytes(size));
        out.parts.push_back(part);
    }
    return out;
}

}  // namespace meter
