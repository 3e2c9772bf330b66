// What stands between the records of an export, and how a record is found again where that was damaged.
#include <algorithm>

#include "audit/event.h"
#include "audit/export_parser.h"

namespace audit {
namespace {

using base::Code;

constexpr std::size_t kLength = 2;
constexpr std::size_t kLeast = 19;       // bytes of a record: section 1 of docs/AUDIT_FORMAT.md
constexpr std::size_t kRecordHead = 11;  // version, type, index
constexpr std::size_t kLookAhead = 2 * (kLength + kMaxEventBytes) + kMaxBlockBytes + kMaxNoteBytes;

std::size_t size_at(base::ByteView in) noexcept { return static_cast<std::size_t>(in[0]) << 8 | in[1]; }

/// The index that a record says it has. Precondition: kLength + kRecordHead bytes, a frame.
std::uint64_t index_at(base::ByteView in) noexcept {
    std::uint64_t out = 0;
    for (std::size_t i = 5; i < 13; ++i) out = out << 8 | in[i];
    return out;
}

/// A frame with this record, whatever its length says.
bool is_record(base::ByteView in, std::uint64_t index) noexcept { return in.size() >= kLength + kRecordHead && in[kLength] == 1 && index_at(in) == index; }

/// A frame with a record that is well formed, down to its end. out: its index
std::optional<std::uint64_t> record_in(base::ByteView in) {
    if (in.size() < kLength + kLeast || in[kLength] != 1) return std::nullopt;
    const std::size_t size = size_at(in);
    if (size < kLeast || size > kMaxEventBytes || in.size() < kLength + size) return std::nullopt;
    const auto record = Record::decode(in.subspan(kLength, size));
    if (!record) return std::nullopt;
    return record->index();
}

/// A block whose check holds.
bool whole_block(base::ByteView in) {
    if (in.size() < kBlockHead || size_at(in) != kBlockMark) return false;
    std::uint64_t first = 0;
    std::size_t count = 0;
    read_block_head(in, first, count);
    return is_block_of(in, first, count);
}

/// A length, a note and its check, and then nothing.
bool is_trailer(base::ByteView in) {
    if (in.size() < kLength) return false;
    const std::size_t size = size_at(in);
    if (size > kMaxNoteBytes || in.size() != kLength + size + kStubBytes) return false;
    const Stub check = check_of(in.subspan(kLength, size));
    return std::equal(check.begin(), check.end(), in.end() - kStubBytes);
}

std::string behind(std::uint64_t next) { return next == 0 ? "before record 0" : "behind record " + std::to_string(next - 1); }

}  // namespace

bool ExportParser::follows(base::ByteView in, std::uint64_t index) const noexcept {
    if (in.size() < kLength) return false;
    if (size_at(in) == 0) return index == last_;
    if (size_at(in) != kBlockMark) return is_record(in, index);
    if (in.size() < kBlockHead) return false;
    std::uint64_t first = 0;
    std::size_t count = 0;
    read_block_head(in, first, count);
    return first == group_;
}

bool ExportParser::block_is_due(base::ByteView in, std::uint64_t end) const {
    if (in.size() < kBlockHead || end <= group_) return false;
    std::uint64_t first = 0;
    std::size_t count = 0;
    read_block_head(in, first, count);
    return (first == group_ || size_at(in) == kBlockMark) && is_block_of(in, group_, static_cast<std::size_t>(end - group_));
}

bool ExportParser::surely_follows(base::ByteView in, std::uint64_t index) const {
    return record_in(in) == index || whole_block(in) || block_is_due(in, index) || (in.size() >= kLength && size_at(in) == 0 && is_trailer(in.subspan(kLength)));
}

base::ByteView ExportParser::deliver(std::size_t size) {
    const base::ByteView out = ahead().subspan(kLength, size);
    begin_ += kLength + size;
    return out;
}

base::Result<base::ByteView> ExportParser::next() {
    for (;;) {
        KMP_CHECK(fill(kLookAhead));
        const base::ByteView in = ahead();
        if (in.size() < kLength) return {Code::malformed, "the export was cut off"};
        const std::size_t size = size_at(in);
        if (size == kBlockMark) {
            KMP_CHECK(take_block());
            continue;
        }
        if (watch_ && patience_ > 0) {
            const bool record = size >= kLeast && size <= kMaxEventBytes && in.size() >= kLength + size && in[kLength] == 1;
            if (record ? !follows(in.subspan(kLength + size), index_at(in) + 1) : size != 0 || is_record(in, next_)) {
                KMP_TRY(const auto out, doubtful());
                if (out) return *out;
                continue;
            }
            if (record) next_ = index_at(in) + 1;
        } else {
            if (size > kMaxEventBytes) return {Code::malformed, "a record is too long: " + std::to_string(size) + " bytes"};
            if (in.size() < kLength + size) return {Code::malformed, "the export was cut off"};
            next_ += size == 0 ? 0 : 1;
        }
        if (size == 0 && !watch_ && next_ != group_) return {Code::malformed, "the last block is missing"};
        return deliver(size);
    }
}

base::Status ExportParser::take_block() {
    const base::ByteView in = ahead();
    if (in.size() < kBlockHead) return {Code::malformed, "the export was cut off"};
    std::uint64_t first = 0;
    std::size_t count = 0;
    read_block_head(in, first, count);
    const bool due = first == group_ && first + count == next_ && count > 0 && count <= kBlockRecords;
    if (due && in.size() < block_bytes(count)) return {Code::malformed, "the export was cut off"};
    if (!due && !whole_block(in)) {
        if (!watch_ || patience_ == 0) return {Code::malformed, "the block " + behind(next_) + " is not of the records in front of it"};
        return block_is_due(in, next_) ? take_due_block() : skip_to_a_record();
    }
    const Block block = read_block(in);
    if (!watch_ && (!due || !block.whole)) return {Code::malformed, "the block " + behind(next_) + " was changed: its check does not hold"};
    begin_ += block_bytes(count);
    group_ = next_ = block.end();
    if (watch_) watch_->on_block(block);
    return {};
}

base::Status ExportParser::take_due_block() {
    watch_->on_damage(next_ - 1, "block", "the beginning of the block " + behind(next_) + " was changed");
    const auto count = static_cast<std::size_t>(next_ - group_);
    const Block block = read_block(ahead(), group_, count);
    begin_ += block_bytes(count);
    group_ = next_;
    watch_->on_block(block);
    return {};
}

std::optional<std::size_t> ExportParser::true_size(base::ByteView in) const {
    const std::size_t most = std::min(in.size(), kLength + kMaxEventBytes);
    for (std::size_t at = kLength + kLeast; at <= most; ++at)
        if (surely_follows(in.subspan(at), next_ + 1) && Record::decode(in.subspan(kLength, at - kLength))) return at - kLength;
    return std::nullopt;
}

base::Result<std::optional<base::ByteView>> ExportParser::doubtful() {
    using Out = std::optional<base::ByteView>;
    const base::ByteView in = ahead();
    if (block_is_due(in, next_)) {
        KMP_CHECK(take_due_block());
        return Out{};
    }
    const std::size_t size = size_at(in);
    if (size != 0 && is_trailer(in.subspan(kLength))) {
        watch_->on_damage({}, "frame", "the mark that ends the records, " + behind(next_) + ", was changed");
        return Out{deliver(0)};
    }
    const bool possible = size >= 1 && size <= kMaxEventBytes && in.size() >= kLength + size;
    const base::ByteView after = possible ? in.subspan(kLength + size) : base::ByteView{};
    const bool record = record_in(in).has_value();
    // What follows may be damaged itself: then what follows that must fit.
    const auto fits = [&] {
        if (surely_follows(after, next_ + 1) || record_in(after)) return true;
        const std::size_t more = after.size() < kLength ? 0 : kLength + size_at(after);
        return more > kLength && after.size() > more && (surely_follows(after.subspan(more), next_ + 2) || is_record(after.subspan(more), next_ + 2));
    };
    if (!record || !fits()) {
        if (is_record(in, next_)) {
            --patience_;
            if (const auto right = true_size(in); right && *right != size) {
                watch_->on_damage(next_, "frame", "the length in front of record " + std::to_string(next_) + " was changed");
                ++next_;
                return Out{deliver(*right)};
            }
        }
        if (!record && (!possible || !(fits() || follows(after, next_ + 1)))) {
            KMP_CHECK(skip_to_a_record());
            return Out{};
        }
    }
    ++next_;
    return Out{deliver(size)};
}

base::Status ExportParser::skip_to_a_record() {
    --patience_;
    const std::uint64_t from = next_;
    for (std::uint64_t skipped = 1;; ++skipped) {
        ++begin_;
        KMP_CHECK(fill(kLookAhead));
        const base::ByteView in = ahead();
        if (in.size() < kLength) return {Code::malformed, "what stands " + behind(from) + " is no record, and no other is found in the rest"};
        const auto index = record_in(in);
        if (!(index && *index >= from && *index < last_) && !whole_block(in) && !(size_at(in) == 0 && is_trailer(in.subspan(kLength)))) continue;
        watch_->on_damage(from, "frame", "what stands " + behind(from) + " is no record: " + std::to_string(skipped) + " bytes were changed, put in or are left of others");
        if (index) next_ = *index;
        return {};
    }
}

}  // namespace audit
