#include "audit/places.h"

#include <algorithm>
#include <utility>

namespace audit {
namespace {

std::string records(std::uint64_t from, std::uint64_t to, std::string_view one, std::string_view many) {
    if (to == from + 1) return "record " + std::to_string(from) + " " + std::string(one);
    return "records " + std::to_string(from) + " to " + std::to_string(to - 1) + " " + std::string(many);
}

}  // namespace

void Places::start(std::uint64_t first, const Frontier& before) {
    next_ = first;
    tree_ = before;
}

Places::Group* Places::group(std::uint64_t number) const {
    Group* slot = groups_[number % kGroups].get();
    return slot != nullptr && slot->number == number ? slot : nullptr;
}

void Places::put(std::uint64_t index, const Digest& leaf) {
    const std::uint64_t number = index / kBlockRecords;
    Group* in = group(number);
    if (in == nullptr) {
        if (number > 0) miss_block(number - 1);
        std::unique_ptr<Group>& slot = groups_[number % kGroups];
        if (!slot) slot = std::make_unique<Group>();
        in = slot.get();
        in->number = number;
        in->seen.reset();
        in->grown = !broken_ && index == tree_.size();
        if (in->grown) in->edge = tree_;
    }
    in->blocked = false;
    in->seen.set(index % kBlockRecords);
    in->leaves[index % kBlockRecords] = leaf;
    if (broken_) return;
    if (index == tree_.size()) tree_.append(leaf);
    else broken_ = true;
}

void Places::miss_block(std::uint64_t number) {
    Group* in = group(number);
    if (in == nullptr || std::exchange(in->blocked, true) || broken_) return;
    const std::uint64_t last = std::min((number + 1) * kBlockRecords, next_) - 1;
    find_(last, "block", "the block behind record " + std::to_string(last) + " is missing");
}

bool Places::record(const std::optional<std::uint64_t>& says, const Digest& leaf) {
    if (odd_) settle(says);
    if (says && *says != next_) {
        odd_ = {*says, leaf};
        return false;
    }
    tell_run();
    put(next_++, leaf);
    return says.has_value();
}

void Places::settle(const std::optional<std::uint64_t>& following) {
    const Pending odd = *odd_;
    odd_.reset();
    if (following && *following != next_ + 1) return jump(odd.says, odd.leaf);
    tell_run();
    const Group* in = group(odd.says / kBlockRecords);
    const bool copy = in != nullptr && in->seen[odd.says % kBlockRecords] && in->leaves[odd.says % kBlockRecords] == odd.leaf;
    find_(next_, "order", "in its place stands " + std::string(copy ? "a copy of record " : "one that says it is record ") + std::to_string(odd.says));
    put(next_++, odd.leaf);
}

void Places::jump(std::uint64_t index, const Digest& leaf) {
    if (index < next_) {
        if (take_from_hole(index)) return run(Odd::moved, index);
        const Group* in = group(index / kBlockRecords);
        const bool other = in != nullptr && in->seen[index % kBlockRecords] && in->leaves[index % kBlockRecords] != leaf;
        return run(other ? Odd::another : Odd::again, index);
    }
    tell_run();
    leave_out(index);
    put(next_++, leaf);
}

void Places::leave_out(std::uint64_t first) {
    if (first <= next_) return;
    if (holes_.size() == kMost) {
        tell_hole(holes_.front());
        holes_.erase(holes_.begin());
    }
    holes_.push_back({next_, first});
    broken_ = true;
    next_ = first;
}

bool Places::take_from_hole(std::uint64_t index) {
    const auto hole = std::find_if(holes_.begin(), holes_.end(), [&](const Span& h) { return h.from <= index && index < h.to; });
    if (hole == holes_.end()) return false;
    const Span rest{index + 1, hole->to};
    hole->to = index;
    const bool gone = hole->from == hole->to;
    if (rest.from < rest.to) {
        if (gone) *hole = rest;
        else holes_.insert(hole + 1, rest);
    } else if (gone) {
        holes_.erase(hole);
    }
    return true;
}

void Places::run(Odd kind, std::uint64_t index) {
    if (run_kind_ == kind && run_.to == index) {
        ++run_.to;
        return;
    }
    tell_run();
    run_kind_ = kind;
    run_ = {index, index + 1};
    run_behind_ = next_ - 1;
}

void Places::tell_run() {
    const Odd kind = std::exchange(run_kind_, Odd::none);
    const std::string behind = " behind record " + std::to_string(run_behind_);
    switch (kind) {
        case Odd::none: return;
        case Odd::again: return find_(run_.from, "order", records(run_.from, run_.to, "stands twice", "stand twice") + ", the second time" + behind);
        case Odd::moved: return find_(run_.from, "order", records(run_.from, run_.to, "stands", "stand") + behind + ": moved there");
        case Odd::another: return find_(run_.from, "order", "another " + records(run_.from, run_.to, "stands", "stand") + behind + ": put in");
    }
}

void Places::tell_hole(const Span& hole) { find_(hole.from, "order", records(hole.from, hole.to, "is missing", "are missing")); }

void Places::block(const Block& block) {
    if (odd_) settle(block.end());
    if (!block.whole) find_(block.end() - 1, "block", "the block behind record " + std::to_string(block.end() - 1) + " was changed: its check does not hold");
    else leave_out(block.end());
    Group* in = group(block.first / kBlockRecords);
    if (in == nullptr) return;
    in->blocked = true;
    std::vector<Span> changed;
    for (std::size_t i = 0; i < block.count; ++i) {
        const std::uint64_t index = block.first + i;
        const std::size_t at = index % kBlockRecords;
        if (!in->seen[at] || stub_of(in->leaves[at]) == block.leaves[i]) continue;
        if (!changed.empty() && changed.back().to == index) ++changed.back().to;
        else changed.push_back({index, index + 1});
    }
    if (block.whole && begins_elsewhere(block, changed)) return;
    std::vector<Span>& kept = block.whole ? changed_ : doubtful_;
    kept.insert(kept.end(), changed.begin(), changed.begin() + static_cast<std::ptrdiff_t>(std::min(changed.size(), kMost)));
    // Many of them are told as soon as they are known, and not kept.
    if (changed_.size() > kMost) judge(false);
}

bool Places::begins_elsewhere(const Block& block, const std::vector<Span>& changed) {
    const auto before = root_at(block.first);
    if (broken_ || !before || !changed_.empty() || !doubtful_.empty() || stub_of(*before) == block.before) return false;
    // The block is of the other log: what stands in front of that one's first record is not what the block says.
    const std::uint64_t from = changed.empty() ? block.first : changed.back().to;
    if (changed.size() > 1 || from == block.end() || (changed.size() == 1 && changed.front().from != block.first)) return false;
    find_(from, "order", "from record " + std::to_string(from) + " on this is another log, or all that stands before it was written anew");
    broken_ = true;
    return true;
}

void Places::end_of_records(std::uint64_t end) {
    if (odd_) settle(next_ + 1 == end ? std::optional<std::uint64_t>{} : std::optional(odd_->says + 1));
    tell_run();
    if (next_ > 0) miss_block((next_ - 1) / kBlockRecords);
}

void Places::judge(bool root_fits) {
    for (const Span& s : changed_) {
        if (root_fits) find_(s.from, "block", "the block behind " + records(s.from, s.to, "says", "say") + " another hash than the signed tree has: the block was written anew");
        else find_(s.from, "changed", records(s.from, s.to, "was changed", "were changed") + ": the hash is not the one in the block behind");
    }
    for (const Span& s : doubtful_)
        if (!root_fits) find_(s.from, "changed", records(s.from, s.to, "was changed", "were changed") + ", or the block behind, which was damaged, says another hash");
    changed_.clear();
    doubtful_.clear();
    for (const Span& hole : holes_) tell_hole(hole);
    holes_.clear();
}

std::optional<Digest> Places::root_at(std::uint64_t size) const {
    if (size == tree_.size()) return tree_.root();
    const Group* in = group(size / kBlockRecords);
    if (in == nullptr || !in->grown || in->edge.size() > size || size > tree_.size()) return std::nullopt;
    Frontier tree = in->edge;
    while (tree.size() < size) tree.append(in->leaves[tree.size() % kBlockRecords]);
    return tree.root();
}

}  // namespace audit
