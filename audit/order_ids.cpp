#include "audit/order_ids.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <queue>

namespace audit {

/// One sorted run, read in small pieces.
class OrderIds::Run {
public:
    Run(std::FILE* file, std::uint64_t at, std::uint64_t left) : file_(file), at_(at), left_(left) {}
    explicit Run(std::vector<Entry> entries) : entries_(std::move(entries)) {}
    std::optional<Entry> next() {
        if (used_ == entries_.size() && left_ > 0) {
            entries_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left_, kPiece)));
            used_ = 0;
            if (fseeko(file_, static_cast<off_t>(at_ * sizeof(Entry)), SEEK_SET) != 0 ||
                std::fread(entries_.data(), sizeof(Entry), entries_.size(), file_) != entries_.size()) {
                failed_ = true;
                left_ = 0;
                entries_.clear();
            }
            at_ += entries_.size();
            left_ -= entries_.size();
        }
        if (used_ == entries_.size()) return std::nullopt;
        return entries_[used_++];
    }
    bool failed() const noexcept { return failed_; }

private:
    static constexpr std::uint64_t kPiece = 2048;
    std::FILE* file_ = nullptr;
    std::uint64_t at_ = 0;
    std::uint64_t left_ = 0;
    std::vector<Entry> entries_;
    std::size_t used_ = 0;
    bool failed_ = false;
};

void OrderIds::add(std::string_view station, base::ByteView id, std::uint64_t what, std::uint64_t content) {
    Entry entry{};
    std::memcpy(entry.key.data(), id.data(), std::min<std::size_t>(id.size(), 16));
    // The same id at two stations is two orders.
    const std::uint64_t salt = std::hash<std::string_view>()(station) * 0x9E3779B97F4A7C15u;
    entry.key[0] ^= salt;
    entry.key[1] += salt >> 32 | salt << 32;
    entry.what = what;
    entry.content = content;
    entries_.push_back(entry);
    if (entries_.size() >= limit_ && spilling_) spill();
}

void OrderIds::spill() {
    if (!file_) file_.reset(std::tmpfile());
    std::sort(entries_.begin(), entries_.end());
    if (!file_ || std::fwrite(entries_.data(), sizeof(Entry), entries_.size(), file_.get()) != entries_.size()) {
        spilling_ = false;
        return;
    }
    runs_.emplace_back(written_, entries_.size());
    written_ += entries_.size();
    entries_.clear();
}

base::Status OrderIds::finish(const std::function<void(std::uint64_t, std::uint64_t)>& on_twice, const std::function<void(std::uint64_t)>& on_unknown,
                              const std::function<void(std::uint64_t, std::uint64_t)>& on_other) {
    std::sort(entries_.begin(), entries_.end());
    std::vector<Run> runs;
    runs.emplace_back(std::move(entries_));
    for (const auto& [at, count] : runs_) runs.emplace_back(file_.get(), at, count);
    using Head = std::pair<Entry, std::size_t>;
    std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
    for (std::size_t i = 0; i < runs.size(); ++i)
        if (const auto entry = runs[i].next()) heads.emplace(*entry, i);
    std::optional<std::array<std::uint64_t, 2>> key;
    bool made = false;        // the order of `key` was made ...
    std::uint64_t first = 0;  // ... here
    std::uint64_t content = 0;
    while (!heads.empty()) {
        const auto [entry, from] = heads.top();
        heads.pop();
        if (!key || *key != entry.key) {
            key = entry.key;
            made = false;
        }
        const std::uint64_t index = entry.what >> 1;
        if ((entry.what & 1) != 0) {
            if (!made) on_unknown(index);
            else if (entry.content != content && on_other) on_other(first, index);
        } else if (made) {
            on_twice(first, index);
        } else {
            made = true;
            first = index;
            content = entry.content;
        }
        if (const auto next = runs[from].next()) heads.emplace(*next, from);
    }
    for (const Run& run : runs)
        if (run.failed()) return {base::Code::io_failed, "the temporary file with order ids could not be read back"};
    return {};
}

}  // namespace audit
