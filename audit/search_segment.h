#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "audit/search_terms.h"
#include "base/bytes.h"

namespace audit {

/// The index is made in segments of so many events, aligned as the subtrees of the log's tree are.
inline constexpr unsigned kSegmentHeight = 14;
inline constexpr std::uint64_t kSegmentEvents = std::uint64_t{1} << kSegmentHeight;
/// A block fits a page of the database (4096, less what encryption and the row take).
inline constexpr std::size_t kBlockBytes = 3900;

/// Which events of a segment.
class SegmentSet {
public:
    void add(std::uint32_t event) noexcept { words_[event / 64] |= std::uint64_t{1} << (event % 64); }
    bool has(std::uint32_t event) const noexcept { return (words_[event / 64] >> (event % 64) & 1) != 0; }
    void keep(const SegmentSet& other) noexcept {
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    }
    bool empty() const noexcept {
        for (const std::uint64_t w : words_)
            if (w != 0) return false;
        return true;
    }

private:
    std::array<std::uint64_t, kSegmentEvents / 64> words_{};
};

/// What the index holds of one segment: terms in their order with the events that have them, cut into blocks, and of each block the first term.
/// Block: entries until its end, each: bytes shared with the term before (varint), further bytes (varint, then they), form and size of what follows (varint: size * 2 + form), events:
/// form 0 a list (varints: the first, then differences), form 1 a bit for each, low bits first. Directory: for each block the length of its first term (varint), the term.
struct IndexedSegment {
    std::vector<base::Bytes> blocks;
    base::Bytes directory;
};

/// Gathers the terms of up to kSegmentEvents events.
class SegmentBuilder {
public:
    SegmentBuilder();
    /// Precondition: `event` < kSegmentEvents, and above that of the call before.
    void add(std::uint32_t event, const Record& record);
    IndexedSegment finish() &&;

private:
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };
    struct Posting {
        std::uint32_t term;
        std::uint32_t event;
    };
    std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> terms_;
    std::vector<std::uint32_t> newest_;  ///< by term: the last event that has it
    std::vector<Posting> postings_;
};

/// The first terms of a segment's blocks. malformed.
base::Result<std::vector<std::string>> read_directory(base::ByteView bytes);

/// Adds the events that have a term of `range` to `into`. true: a later block may hold more of them. malformed.
base::Result<bool> read_block(base::ByteView bytes, const TermRange& range, SegmentSet& into);

}  // namespace audit
