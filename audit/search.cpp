#include "audit/search.h"

#include <algorithm>

#include "audit/archive.h"

namespace audit {
namespace {

constexpr std::uint64_t kReadAtOnce = 256;   ///< events that lie side by side
constexpr std::size_t kFetchAtOnce = 64;     ///< events that do not

using Indices = std::vector<std::uint64_t>;

class Walk {
public:
    Walk(store::Database& log, SearchIndex* index, const Filter& filter, const Look& look) : database_(log), log_(log), index_(index), filter_(filter), look_(look) {}

    base::Result<Seen> run(const std::function<bool(const Record&, base::ByteView)>& take, const std::function<bool()>& enough);

private:
    base::Status begin();
    base::Result<std::uint64_t> first_kept();
    base::Result<std::uint64_t> first_at(base::Millis time);
    base::Result<Indices> next_piece();
    base::Result<Indices> looked_up(std::uint64_t segment, std::uint64_t first, std::uint64_t end);
    base::Result<std::vector<base::Bytes>> read(const Indices& indices);
    base::Status archived_meanwhile(base::Error why);
    base::Result<bool> show(base::ByteView bytes, std::uint64_t index, const std::function<bool(const Record&, base::ByteView)>& take);
    void pass(std::uint64_t index) { look_.newest ? end_ = index : first_ = index + 1; }
    bool over() const noexcept { return first_ >= end_ && waiting_.empty() && !genesis_; }
    void give_up_index(base::Error why) {
        seen_.index_error = std::move(why);
        index_ = nullptr;
    }

    store::Database& database_;
    LogReader log_;
    SearchIndex* index_;
    const Filter& filter_;
    const Look& look_;
    std::vector<TermClause> plan_;
    SearchIndex::Extent indexed_;
    std::uint64_t first_ = 0, end_ = 0;  ///< what is left, but for the genesis where that stands alone
    bool genesis_ = false;               ///< is left, and stands apart: what follows it is archived
    Indices waiting_;                    ///< looked up, in the order of the look, and not read yet
    std::uint64_t passed_to_ = 0;        ///< where the look stands once those are read
    std::size_t taken_ = 0;
    Seen seen_;
};

/// The first index after the genesis that is there; the log's size where there is none.
base::Result<std::uint64_t> Walk::first_kept() {
    KMP_TRY(const auto oldest, oldest_live(database_));
    return oldest.value_or(seen_.size);
}

/// The first index in [first_, end_) recorded at `time` or later: recorded time never falls.
base::Result<std::uint64_t> Walk::first_at(base::Millis time) {
    std::uint64_t low = first_;
    std::uint64_t high = end_;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        KMP_TRY(store::Statement row, database_.query("SELECT at FROM event WHERE idx >= ? ORDER BY idx LIMIT 1"));
        row.bind_all(middle);
        KMP_TRY(const bool found, row.step());
        if (found && row.integer(0) < time) low = middle + 1;
        else high = middle;
    }
    return low;
}

base::Status Walk::begin() {
    KMP_TRY(seen_.size, log_.size());
    KMP_TRY(const std::uint64_t kept, first_kept());
    seen_.archived = kept > 1 ? kept : 0;
    first_ = look_.newest ? 0 : look_.first;
    end_ = look_.newest && look_.before != 0 ? std::min(look_.before, seen_.size) : seen_.size;
    genesis_ = seen_.archived > 0 && first_ == 0 && end_ > 0;
    first_ = std::max(first_, seen_.archived);
    if (filter_.until != 0 && first_ < end_) {
        KMP_TRY(end_, first_at(filter_.until));
    }
    if (filter_.from != 0 && first_ < end_) {
        KMP_TRY(first_, first_at(filter_.from));
    }
    if (index_ == nullptr || !filter_.narrows()) {
        index_ = nullptr;
        return {};
    }
    plan_ = plan(filter_);
    auto there = index_->extent();
    if (there) indexed_ = *there;
    else give_up_index(there.error());
    return {};
}

base::Result<Indices> Walk::looked_up(std::uint64_t segment, std::uint64_t first, std::uint64_t end) {
    KMP_TRY(const SegmentSet found, index_->look_up(segment, plan_));
    Indices out;
    for (std::uint64_t i = first; i < end; ++i)
        if (found.has(static_cast<std::uint32_t>(i % kSegmentEvents))) out.push_back(i);
    return out;
}

/// What is to be read next. Empty: a segment in which nothing is worth reading was passed.
base::Result<Indices> Walk::next_piece() {
    if (waiting_.empty() && first_ < end_) {
        const std::uint64_t segment = (look_.newest ? end_ - 1 : first_) / kSegmentEvents;
        std::uint64_t first = std::max(first_, segment * kSegmentEvents);
        std::uint64_t end = std::min(end_, (segment + 1) * kSegmentEvents);
        const bool indexed = index_ != nullptr && indexed_.holds(segment);
        if (indexed) {
            auto found = looked_up(segment, first, end);
            if (found) waiting_ = std::move(*found);
            else give_up_index(found.error());
        }
        if (index_ == nullptr || !indexed) {
            if (look_.newest) first = std::max(first, end - std::min(end, kReadAtOnce));
            else end = std::min(end, first + kReadAtOnce);
            for (std::uint64_t i = first; i < end; ++i) waiting_.push_back(i);
        }
        if (look_.newest) std::ranges::reverse(waiting_);
        passed_to_ = look_.newest ? first : end - 1;
        if (waiting_.empty()) pass(passed_to_);
    }
    const bool side_by_side = waiting_.size() > 1 && (waiting_.front() > waiting_.back() ? waiting_.front() - waiting_.back() : waiting_.back() - waiting_.front()) + 1 == waiting_.size();
    const std::size_t count = std::min(waiting_.size(), side_by_side ? static_cast<std::size_t>(kReadAtOnce) : kFetchAtOnce);
    Indices out(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    return out;
}

/// The records of these, in their order.
base::Result<std::vector<base::Bytes>> Walk::read(const Indices& indices) {
    std::vector<base::Bytes> out;
    out.reserve(indices.size());
    const auto [low, high] = std::ranges::minmax(indices);
    if (high - low + 1 != indices.size()) {
        for (const std::uint64_t i : indices) {
            KMP_TRY(out.emplace_back(), log_.record(i));
        }
        return out;
    }
    KMP_CHECK(log_.read(low, high + 1, [&](std::uint64_t, base::ByteView bytes) {
        out.push_back(base::to_bytes(bytes));
        return true;
    }));
    if (indices.front() > indices.back()) std::ranges::reverse(out);
    return out;
}

/// Records could not be read. Where they were archived since the look began, it goes on without them; otherwise that is what is wrong.
base::Status Walk::archived_meanwhile(base::Error why) {
    KMP_TRY(const std::uint64_t kept, first_kept());
    if (kept <= std::max<std::uint64_t>(seen_.archived, 1)) return why;
    genesis_ = genesis_ || (look_.newest && seen_.archived == 0 && first_ == 0);
    seen_.archived = kept;
    first_ = std::max(first_, kept);
    waiting_.clear();
    return {};
}

/// false: the look ends before this one.
base::Result<bool> Walk::show(base::ByteView bytes, std::uint64_t index, const std::function<bool(const Record&, base::ByteView)>& take) {
    auto record = Record::decode(bytes);
    if (!record) return std::move(record).error().in("audit record " + std::to_string(index));
    if (!filter_.matches(*record)) return true;
    if (taken_ == look_.limit || !take(*record, bytes)) return false;
    ++taken_;
    return true;
}

base::Result<Seen> Walk::run(const std::function<bool(const Record&, base::ByteView)>& take, const std::function<bool()>& enough) {
    KMP_CHECK(begin());
    bool stopped = false;
    const auto go = [&](const Indices& piece) -> base::Status {
        if (piece.empty()) return {};
        auto records = read(piece);
        if (!records) return archived_meanwhile(std::move(records).error());
        for (std::size_t i = 0; i < piece.size() && !stopped; ++i) {
            KMP_TRY(const bool on, show((*records)[i], piece[i], take));
            stopped = !on;
            if (stopped) waiting_.clear();
            else if (piece[i] == 0) genesis_ = false;
            if (!stopped && piece[i] >= seen_.archived) pass(piece[i]);
        }
        if (!stopped && waiting_.empty() && piece.front() >= seen_.archived) pass(passed_to_);
        return {};
    };
    if (genesis_ && !look_.newest) KMP_CHECK(go({0}));
    while (!stopped && taken_ < look_.limit && first_ < end_) {
        KMP_TRY(const Indices piece, next_piece());
        KMP_CHECK(go(piece));
        if (enough()) break;
    }
    if (genesis_ && look_.newest && !stopped && taken_ < look_.limit && first_ >= end_) KMP_CHECK(go({0}));
    seen_.end = over();
    seen_.next = look_.newest ? end_ : first_;
    return std::move(seen_);
}

}  // namespace

base::Result<Seen> search(store::Database& log, SearchIndex* index, const Filter& filter, const Look& look, const std::function<bool(const Record&, base::ByteView)>& take,
                          const std::function<bool()>& enough) {
    return Walk(log, index, filter, look).run(take, enough);
}

}  // namespace audit
