#include "audit/block.h"

#include <algorithm>

namespace audit {
namespace {

std::array<std::uint8_t, kBlockHead> head_of(std::uint64_t first, std::size_t count) noexcept {
    std::array<std::uint8_t, kBlockHead> out{kBlockMark >> 8, kBlockMark & 0xFF};
    for (std::size_t i = 0; i < 8; ++i) out[2 + i] = static_cast<std::uint8_t>(first >> (56 - 8 * i));
    out[10] = static_cast<std::uint8_t>(count >> 8);
    out[11] = static_cast<std::uint8_t>(count);
    return out;
}

Stub stub_at(base::ByteView bytes, std::size_t at) noexcept {
    Stub out;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), kStubBytes, out.begin());
    return out;
}

}  // namespace

Stub stub_of(const Digest& hash) noexcept {
    Stub out;
    std::copy_n(hash.begin(), kStubBytes, out.begin());
    return out;
}

Stub check_of(base::ByteView bytes) { return stub_of(base::sha256(bytes)); }

void write_block(base::Bytes& out, std::uint64_t first, const Stub& before, std::span<const Stub> leaves) {
    const std::size_t begin = out.size();
    const auto head = head_of(first, leaves.size());
    out.insert(out.end(), head.begin(), head.end());
    out.insert(out.end(), before.begin(), before.end());
    for (const Stub& leaf : leaves) out.insert(out.end(), leaf.begin(), leaf.end());
    const Stub check = check_of(base::ByteView(out).subspan(begin));
    out.insert(out.end(), check.begin(), check.end());
}

void read_block_head(base::ByteView bytes, std::uint64_t& first, std::size_t& count) noexcept {
    first = 0;
    for (std::size_t i = 2; i < 10; ++i) first = first << 8 | bytes[i];
    count = static_cast<std::size_t>(bytes[10]) << 8 | bytes[11];
}

Block read_block(base::ByteView bytes, std::uint64_t first, std::size_t count) {
    Block out;
    out.first = first;
    out.count = count;
    out.before = stub_at(bytes, kBlockHead);
    for (std::size_t i = 0; i < count; ++i) out.leaves[i] = stub_at(bytes, kBlockHead + (1 + i) * kStubBytes);
    return out;
}

Block read_block(base::ByteView bytes) {
    std::uint64_t first = 0;
    std::size_t count = 0;
    read_block_head(bytes, first, count);
    Block out = read_block(bytes, first, count);
    out.whole = is_block_of(bytes, first, count);
    return out;
}

bool is_block_of(base::ByteView bytes, std::uint64_t first, std::size_t count) {
    if (count == 0 || count > kBlockRecords || bytes.size() < block_bytes(count)) return false;
    const std::size_t checked = block_bytes(count) - kStubBytes;
    const auto head = head_of(first, count);
    const Digest hash = base::sha256({head, bytes.subspan(kBlockHead, checked - kBlockHead)});
    return stub_of(hash) == stub_at(bytes, checked);
}

}  // namespace audit
