#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "audit/merkle.h"
#include "base/bytes.h"

/// Blocks of an export say which records stood there, so that damage can be placed. Nothing is believed for their sake: whoever changes
/// a record can write its block anew, and the tree convicts him all the same.
namespace audit {

inline constexpr std::size_t kBlockRecords = 256;    ///< a block ends where an index is a multiple of this
inline constexpr std::uint16_t kBlockMark = 0xFFFF;  ///< where a record has its length, which is never this
inline constexpr std::size_t kStubBytes = 8;         ///< of a hash are kept

/// The first bytes of a hash.
using Stub = std::array<std::uint8_t, kStubBytes>;
Stub stub_of(const Digest& hash) noexcept;

inline constexpr std::size_t kBlockHead = 2 + 8 + 2;
constexpr std::size_t block_bytes(std::size_t count) noexcept { return kBlockHead + kStubBytes + count * kStubBytes + kStubBytes; }
inline constexpr std::size_t kMaxBlockBytes = block_bytes(kBlockRecords);

/// What a block says.
struct Block {
    std::uint64_t first = 0;  ///< index of its first record
    std::size_t count = 0;    ///< 1 to kBlockRecords
    Stub before{};            ///< of the root over the records [0, first)
    std::array<Stub, kBlockRecords> leaves;  ///< of the leaf hashes; `count` of them
    bool whole = true;        ///< its check holds

    std::uint64_t end() const noexcept { return first + count; }
};

/// Appends the bytes of a block to `out`.
void write_block(base::Bytes& out, std::uint64_t first, const Stub& before, std::span<const Stub> leaves);
/// What stands after the mark: the records it is over. Precondition: kBlockHead bytes.
void read_block_head(base::ByteView bytes, std::uint64_t& first, std::size_t& count) noexcept;
/// Precondition: bytes of block_bytes(count), whose head says `count`.
Block read_block(base::ByteView bytes);
/// The same, whatever its head says, where it is_block_of these records.
Block read_block(base::ByteView bytes, std::uint64_t first, std::size_t count);
/// Whether `bytes`, with the head that a block over these records has, is that block: only its head was changed, if anything.
bool is_block_of(base::ByteView bytes, std::uint64_t first, std::size_t count);

/// The first 8 bytes of SHA-256 of these bytes: a check against accidents, not against people.
Stub check_of(base::ByteView bytes);

}  // namespace audit
