#include "audit/database_check.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "audit/archive.h"
#include "audit/log_reader.h"
#include "audit/tile.h"
#include "store/page_check.h"

namespace audit {
namespace {

using base::Code;

/// What one thread writes and another reads: a few pieces of an export, no more.
class Pipe {
public:
    base::Status push(base::ByteView piece) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return pieces_.size() < kMost || left_; });
        if (left_) return {Code::internal, "the verification ended before the export did"};
        pieces_.emplace_back(piece.begin(), piece.end());
        changed_.notify_all();
        return {};
    }
    /// Nothing more comes.
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        changed_.notify_all();
    }
    /// Nothing more is read.
    void leave() {
        const std::lock_guard lock(mutex_);
        left_ = true;
        changed_.notify_all();
    }
    std::size_t pull(std::span<std::uint8_t> out) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !pieces_.empty() || closed_; });
        if (pieces_.empty()) return 0;
        const std::size_t n = std::min(out.size(), pieces_.front().size() - used_);
        std::copy_n(pieces_.front().begin() + static_cast<std::ptrdiff_t>(used_), n, out.begin());
        used_ += n;
        if (used_ == pieces_.front().size()) {
            pieces_.pop_front();
            used_ = 0;
            changed_.notify_all();
        }
        return n;
    }

private:
    static constexpr std::size_t kMost = 32;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<base::Bytes> pieces_;
    std::size_t used_ = 0;  ///< of the first
    bool closed_ = false;
    bool left_ = false;
};

std::string records(std::uint64_t from, std::uint64_t to) {
    return to == from + 1 ? "record " + std::to_string(from) : "records " + std::to_string(from) + " to " + std::to_string(to - 1);
}

class DatabaseCheck {
public:
    DatabaseCheck(store::Database& database, const ExportHead& head, const CheckProgress& tell, std::size_t most) : database_(database), head_(head), tell_(tell), most_(most) {}

    base::Status pages(const base::Secret& key);
    base::Status tiles();
    /// That what is not looked at is in segments, the log itself says.
    base::Status segments() { return note(check_segments(database_), "archive"); }
    base::Result<Verdict> events(std::string_view checkpoint, const VerifyOptions& options);
    std::uint64_t count() const noexcept { return count_; }
    std::vector<Finding> take() { return std::move(found_); }

private:
    void find(std::optional<std::uint64_t> index, std::string_view rule, std::string message) {
        ++count_;
        if (found_.size() < most_) found_.push_back({index, std::string(rule), std::move(message)});
    }
    /// Damage is a finding, not an error.
    base::Status note(base::Status status, std::string_view rule);
    base::Status level(unsigned level, std::uint64_t count);
    base::Status unreadable();

    store::Database& database_;
    const ExportHead& head_;
    const CheckProgress& tell_;
    std::size_t most_;             ///< findings that are kept
    std::vector<Finding> found_;
    std::uint64_t count_ = 0;      ///< of all of them
    bool damaged_ = false;  ///< pages are
};

base::Error stopped() { return {Code::cancelled, "the verification was stopped"}; }

base::Status DatabaseCheck::note(base::Status status, std::string_view rule) {
    if (status || status.error().code == Code::cancelled) return status;
    // What SQLite says of a database with damaged pages has many names.
    if (status.error().code != Code::tampered && !damaged_) return status;
    find({}, rule, status.error().message);
    return {};
}

base::Status DatabaseCheck::pages(const base::Secret& key) {
    KMP_TRY(const std::uint64_t size, database_.raw_size());
    const auto read = [&](std::span<std::uint8_t> out, std::uint64_t offset) { return database_.read_raw(out, offset); };
    KMP_TRY(const store::PageReport report, store::check_pages(key, size, read, [&](std::uint64_t done, std::uint64_t of) { return tell_("pages", done, of); }));
    for (const std::uint32_t page : report.damaged)
        find({}, "page", "page " + std::to_string(page) + " of the file is not what was written (bytes " + std::to_string((page - 1) * std::uint64_t{store::PageCheck::kPageBytes}) + " to " +
                             std::to_string(page * std::uint64_t{store::PageCheck::kPageBytes} - 1) + ")");
    if (report.damaged_count > report.damaged.size()) find({}, "page", "and " + std::to_string(report.damaged_count - report.damaged.size()) + " more pages");
    if (report.left_over != 0) find({}, "page", std::to_string(report.left_over) + " bytes stand behind the last page of the file");
    damaged_ = report.damaged_count != 0;
    if (damaged_) return {};  // SQLite would stop at the first of them
    return note(database_.check_integrity(), "database");
}

base::Status DatabaseCheck::level(unsigned level, std::uint64_t count) {
    const std::string name = "level " + std::to_string(level);
    KMP_TRY(store::Statement rows, database_.query("SELECT idx, root, hashes FROM tile WHERE level = ? AND idx < ? ORDER BY idx"));
    rows.bind_all(level, count);
    KMP_TRY(store::Statement below, database_.query("SELECT root FROM tile WHERE level + 1 = ? AND idx < ? ORDER BY idx"));
    below.bind_all(level, count * kTileWidth);
    std::vector<Digest> hashes(kTileWidth);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string over = "the tile " + std::to_string(i) + " of " + name + ", over " + records(i << (kTileHeight * (level + 1)), (i + 1) << (kTileHeight * (level + 1)));
        KMP_TRY(const bool row, rows.step());
        if (!row || static_cast<std::uint64_t>(rows.integer(0)) != i || rows.blob(1).size() != sizeof(Digest) || rows.blob(2).size() != kTileWidth * sizeof(Digest)) {
            find({}, "tile", over + ", is missing or not whole");
            return {};
        }
        for (std::uint64_t at = 0; at < kTileWidth; ++at) hashes[at] = digest_at(rows.blob(2), at);
        for (std::uint64_t at = 0; level > 0 && at < kTileWidth; ++at) {
            KMP_TRY(const bool lower, below.step());
            if (!lower || below.blob(0).size() != sizeof(Digest) || digest_at(below.blob(0), 0) != hashes[at]) {
                find({}, "tile", over + ", does not hold the roots of the tiles below");
                return {};
            }
        }
        Frontier tree;
        for (const Digest& hash : hashes) tree.append(hash);
        if (tree.root() != digest_at(rows.blob(1), 0)) find({}, "tile", over + ", has another root than its hashes give");
        if (!tell_("tree", i + 1, count)) return stopped();
    }
    return {};
}

base::Status DatabaseCheck::tiles() {
    unsigned at = 0;
    for (std::uint64_t count = head_.end / kTileWidth; count > 0; count /= kTileWidth, ++at) KMP_CHECK(note(level(at, count), "tile"));
    return {};
}

base::Status DatabaseCheck::unreadable() {
    LogReader log(database_);
    std::optional<std::uint64_t> from;
    for (std::uint64_t i = head_.first; i <= head_.end; ++i) {
        const bool readable = i == head_.end || log.record(i).ok();
        if (!readable && !from) from = i;
        if (readable && from) {
            find(*from, "page", records(*from, i) + " cannot be read: what they lie on was changed");
            from.reset();
        }
        if (i % 4096 == 0 && !tell_("events that cannot be read", i - head_.first, head_.end - head_.first)) return stopped();
    }
    return {};
}

base::Result<Verdict> DatabaseCheck::events(std::string_view checkpoint, const VerifyOptions& options) {
    Pipe pipe;
    std::optional<base::Result<Verdict>> verdict;
    std::thread verifier([&] {
        verdict.emplace(verify_export([&](std::span<std::uint8_t> out) -> base::Result<std::size_t> { return pipe.pull(out); }, options));
        pipe.leave();
    });
    LogReader log(database_);
    std::uint64_t bytes = 0;
    const base::Status written = write_export(log, head_, checkpoint, [&](base::ByteView piece) -> base::Status {
        bytes += piece.size();
        if (!tell_("events", bytes, 0)) return stopped();
        return pipe.push(piece);
    });
    pipe.close();
    verifier.join();
    if (!*verdict) return std::move(*verdict).error();
    // A verifier that left before the end has said why.
    if (!written && written.error().code != Code::internal) {
        KMP_CHECK(note(written, "page"));
        KMP_CHECK(unreadable());
        if (bytes == 0) return Verdict();
    }
    return std::move(**verdict);
}

}  // namespace

base::Result<Verdict> verify_database(store::Database& database, const base::Secret& key, const ExportHead& head, std::string_view checkpoint, const VerifyOptions& options,
                                      const CheckProgress& tell) {
    DatabaseCheck check(database, head, tell, options.max_findings / 2);  // the other half for what the records say
    KMP_CHECK(check.pages(key));
    KMP_CHECK(check.tiles());
    KMP_CHECK(check.segments());
    KMP_TRY(Verdict verdict, check.events(checkpoint, options));
    verdict.finding_count += check.count();
    std::vector<Finding> found = check.take();
    verdict.findings.insert(verdict.findings.begin(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
    keep_most(verdict.findings, options.max_findings);
    verdict.sound = verdict.finding_count == 0;
    return verdict;
}

}  // namespace audit
