#include "audit/search_segment.h"

#include <algorithm>

namespace audit {
namespace {

using base::Code;

constexpr std::size_t kBitmapBytes = kSegmentEvents / 8;
enum Form : std::uint64_t { kList = 0, kBitmap = 1 };

/// LEB128.
void put(base::Bytes& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
    out.push_back(static_cast<std::uint8_t>(value));
}

void put(base::Bytes& out, std::string_view text) {
    const base::ByteView bytes = base::as_bytes(text);
    out.insert(out.end(), bytes.begin(), bytes.end());
}

base::Error malformed(const char* what) { return {Code::malformed, std::string("search index: ") + what}; }

/// Reads what `put` wrote, of at most 32 bits.
class Cursor {
public:
    explicit Cursor(base::ByteView in) noexcept : in_(in) {}
    bool at_end() const noexcept { return in_.empty(); }
    base::Result<std::uint64_t> number() {
        std::uint64_t out = 0;
        for (unsigned i = 0; i < 5 && i < in_.size(); ++i) {
            out |= static_cast<std::uint64_t>(in_[i] & 0x7F) << (7 * i);
            if (in_[i] < 0x80) {
                in_ = in_.subspan(i + 1);
                return out;
            }
        }
        return malformed("a number that does not end");
    }
    base::Result<base::ByteView> bytes(std::uint64_t count) {
        if (count > in_.size()) return malformed("a block that is cut off");
        const base::ByteView out = in_.first(static_cast<std::size_t>(count));
        in_ = in_.subspan(out.size());
        return out;
    }

private:
    base::ByteView in_;
};

/// The events of a term, in the shorter form; `events` rise.
base::Bytes encode_events(std::span<const std::uint32_t> events) {
    base::Bytes list;
    std::uint32_t before = 0;
    for (const std::uint32_t e : events) {
        put(list, std::uint64_t{e - before});
        before = e;
    }
    base::Bytes out;
    if (list.size() < kBitmapBytes) {
        put(out, list.size() * 2 + kList);
        out.insert(out.end(), list.begin(), list.end());
        return out;
    }
    put(out, kBitmapBytes * 2 + kBitmap);
    const std::size_t head = out.size();
    out.resize(head + kBitmapBytes);
    for (const std::uint32_t e : events) out[head + e / 8] |= static_cast<std::uint8_t>(1U << (e % 8));
    return out;
}

std::size_t shared_bytes(std::string_view a, std::string_view b) {
    return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

/// Cuts what comes, in its order, into blocks.
class BlockWriter {
public:
    void add(std::string_view term, base::ByteView events) {
        std::size_t shared = block_.empty() ? 0 : shared_bytes(term, before_);
        if (!block_.empty() && block_.size() + term.size() - shared + 4 + events.size() > kBlockBytes) {
            out_.blocks.push_back(std::move(block_));
            block_.clear();
            shared = 0;
        }
        if (block_.empty()) {
            put(out_.directory, term.size());
            put(out_.directory, term);
        }
        put(block_, shared);
        put(block_, term.size() - shared);
        put(block_, term.substr(shared));
        block_.insert(block_.end(), events.begin(), events.end());
        before_ = term;
    }
    IndexedSegment finish() && {
        if (!block_.empty()) out_.blocks.push_back(std::move(block_));
        return std::move(out_);
    }

private:
    IndexedSegment out_;
    base::Bytes block_;
    std::string before_;
};

base::Status read_list(base::ByteView bytes, SegmentSet& into) {
    Cursor in(bytes);
    std::uint64_t event = 0;
    for (bool first = true; !in.at_end(); first = false) {
        KMP_TRY(const std::uint64_t step, in.number());
        event += step;
        if (event >= kSegmentEvents || (step == 0 && !first)) return malformed("events out of their order");
        into.add(static_cast<std::uint32_t>(event));
    }
    return {};
}

base::Status read_bitmap(base::ByteView bytes, SegmentSet& into) {
    if (bytes.size() != kBitmapBytes) return malformed("a bitmap of another size");
    for (std::uint32_t e = 0; e < kSegmentEvents; ++e)
        if ((bytes[e / 8] >> (e % 8) & 1) != 0) into.add(e);
    return {};
}

}  // namespace

SegmentBuilder::SegmentBuilder() {
    terms_.reserve(2 * kSegmentEvents);
    postings_.reserve(16 * kSegmentEvents);
}

void SegmentBuilder::add(std::uint32_t event, const Record& record) {
    for_each_term(record, [&](std::string_view term) {
        auto found = terms_.find(term);
        if (found == terms_.end()) {
            found = terms_.emplace(std::string(term), static_cast<std::uint32_t>(newest_.size())).first;
            newest_.push_back(UINT32_MAX);
        }
        if (newest_[found->second] == event) return;
        newest_[found->second] = event;
        postings_.push_back({found->second, event});
    });
}

IndexedSegment SegmentBuilder::finish() && {
    // By term, without disturbing the order of events within one: counted, then laid out.
    std::vector<std::uint32_t> ends(newest_.size() + 1);
    for (const Posting& p : postings_) ++ends[p.term + 1];
    for (std::size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
    std::vector<std::uint32_t> next(ends.begin(), ends.end() - 1);
    std::vector<std::uint32_t> events(postings_.size());
    for (const Posting& p : postings_) events[next[p.term]++] = p.event;
    std::vector<std::pair<std::string_view, std::uint32_t>> sorted(terms_.begin(), terms_.end());
    std::ranges::sort(sorted);
    BlockWriter out;
    for (const auto& [term, id] : sorted) out.add(term, encode_events(std::span(events).subspan(ends[id], ends[id + 1] - ends[id])));
    return std::move(out).finish();
}

base::Result<std::vector<std::string>> read_directory(base::ByteView bytes) {
    std::vector<std::string> out;
    for (Cursor in(bytes); !in.at_end();) {
        KMP_TRY(const std::uint64_t size, in.number());
        KMP_TRY(const base::ByteView term, in.bytes(size));
        if (size == 0 || (!out.empty() && base::as_text(term) <= out.back())) return malformed("a directory out of its order");
        out.push_back(base::to_string(term));
    }
    return out;
}

base::Result<bool> read_block(base::ByteView bytes, const TermRange& range, SegmentSet& into) {
    std::string term;
    for (Cursor in(bytes); !in.at_end();) {
        KMP_TRY(const std::uint64_t shared, in.number());
        KMP_TRY(const std::uint64_t more, in.number());
        KMP_TRY(const base::ByteView rest, in.bytes(more));
        if (shared > term.size() || (shared < term.size() ? base::as_text(rest) <= std::string_view(term).substr(shared) : rest.empty())) return malformed("terms out of their order");
        term.replace(static_cast<std::size_t>(shared), std::string::npos, base::as_text(rest));
        KMP_TRY(const std::uint64_t head, in.number());
        KMP_TRY(const base::ByteView events, in.bytes(head / 2));
        if (term >= range.end) return false;
        if (term < range.first) continue;
        KMP_CHECK(head % 2 == kList ? read_list(events, into) : read_bitmap(events, into));
    }
    return true;
}

}  // namespace audit
