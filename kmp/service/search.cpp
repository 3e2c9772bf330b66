#include "kmp/service/search.h"

#include <pthread.h>
#include <sched.h>
#include <spdlog/spdlog.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <filesystem>
#include <vector>

#include "audit/archive.h"

namespace kmp::service {
namespace {

using base::Code;
using Steady = std::chrono::steady_clock;

constexpr std::uint64_t kDiskOfTheLog = 256ULL << 20;
constexpr std::uint64_t kReadAtOnce = 256;  ///< records that are copied out of the log before any is looked at: a reader that dawdles would keep the log's write-ahead file from beginning anew

void set_policy(pthread_t thread, int policy) {
    const sched_param none{};
    // Without it the thread is one like the others.
    (void)pthread_setschedparam(thread, policy, &none);
}

/// The index's file is not what was written there, or not for this program; anything else may pass.
bool is_damage(const base::Error& error) noexcept {
    return error.code == Code::tampered || error.code == Code::malformed || error.code == Code::key_invalid || error.code == Code::conflict || error.code == Code::not_found;
}

/// Below it, but for the genesis, nothing is in the database.
base::Result<std::uint64_t> first_kept(store::Database& log, std::uint64_t size) {
    KMP_TRY(const auto oldest, audit::oldest_live(log));
    const std::uint64_t kept = oldest.value_or(size);
    return kept == 1 ? 0 : kept;
}

}  // namespace

base::Secret search_key(const base::Secret& database_key) {
    base::Digest digest = database_key.reveal([](base::ByteView key) { return base::sha256({base::as_bytes("kmp/v1/search-index"), key}); });
    return base::Secret::consume(std::span<std::uint8_t>(digest));
}

Search::Search(Settings settings) : settings_(std::move(settings)) {
    thread_ = std::thread([this] { run(); });
}

Search::~Search() { stop(); }

void Search::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    // Somebody waits for it now.
    set_policy(thread_.native_handle(), SCHED_OTHER);
    wake_.notify_all();
    thread_.join();
}

std::string Search::problem() const {
    const std::lock_guard lock(mutex_);
    return problem_;
}

// ---- for those who search -------------------------------------------------------------------------------------------------

audit::SearchIndex* Search::index_to_read() {
    const unsigned generation = generation_.load(std::memory_order_acquire);
    if (generation == reading_generation_) return reading_ ? &*reading_ : nullptr;
    reading_.reset();
    reading_generation_ = 0;
    if (generation == 0) return nullptr;
    auto opened = audit::SearchIndex::open(settings_.index, settings_.key, store::Mode::read_only);
    if (!opened) {
        (void)of_index(opened.error());
        return nullptr;
    }
    reading_.emplace(std::move(*opened));
    reading_generation_ = generation;
    return &*reading_;
}

base::Result<audit::Seen> Search::find(const audit::Filter& filter, const audit::Look& look, const std::function<bool(const audit::Record&, base::ByteView)>& take) {
    const Steady::time_point end = Steady::now() + kPatience;
    KMP_TRY(audit::Seen seen, audit::search(settings_.lookups, filter.narrows() ? index_to_read() : nullptr, filter, look, take, [end] { return Steady::now() >= end; }));
    if (seen.index_error) {
        spdlog::warn("{}; this search read the log itself", seen.index_error->message);
        (void)of_index(*seen.index_error);
        wake_.notify_all();
    }
    return seen;
}

// ---- the thread -----------------------------------------------------------------------------------------------------------

void Search::withdraw() {
    generation_.store(0, std::memory_order_release);
    searchable_.store(0, std::memory_order_relaxed);
    index_.reset();
}

void Search::publish(std::uint64_t searchable, bool anew) {
    searchable_.store(searchable, std::memory_order_relaxed);
    if (anew) generation_.store(++generations_, std::memory_order_release);
}

base::Result<audit::SearchIndex> Search::open_existing() {
    KMP_TRY(auto opened, audit::SearchIndex::open(settings_.index, settings_.key, store::Mode::read_write));
    audit::LogReader log(settings_.records);
    KMP_TRY(const bool all, opened.check(log));
    if (!all) spdlog::info("search index {}: what is not of this log was cut off", settings_.index);
    return opened;
}

base::Status Search::open() {
    auto opened = open_existing();
    if (!opened) {
        if (opened.error().code != Code::not_found) spdlog::info("{}; the search index is made anew", opened.error().message);
        opened = audit::SearchIndex::create(settings_.index, settings_.key);
    }
    if (!opened) return std::move(opened).error();
    index_.emplace(std::move(*opened));
    return {};
}

/// What the index answered: where that says that its file is not what was written, it is made anew in the next turn.
base::Status Search::of_index(base::Status status) {
    if (!status && is_damage(status.error())) damaged_ = true;
    return status;
}

/// storage_full: what is left on the disk is for the log.
base::Status Search::check_disk() const {
    struct statvfs disk {};
    const std::string folder = std::filesystem::path(settings_.index).parent_path();
    if (::statvfs(folder.c_str(), &disk) != 0) return base::errno_error("cannot tell what is free in " + folder, errno);
    if (std::uint64_t{disk.f_bavail} * disk.f_frsize >= kDiskOfTheLog) return {};
    return {Code::storage_full, "the disk of " + folder + " has less than 256 MiB left, which are for the log; make room"};
}

base::Status Search::index_segment(std::uint64_t number, std::uint64_t kept) {
    KMP_CHECK(check_disk());
    const std::uint64_t begin = number * audit::kSegmentEvents;
    const std::uint64_t end = begin + audit::kSegmentEvents;
    audit::LogReader log(settings_.records);
    audit::SegmentBuilder builder;
    std::vector<base::Bytes> records;
    for (std::uint64_t at = std::max(begin, kept); at < end && !stopping(); at += records.size()) {
        records.clear();
        KMP_CHECK(log.read(at, std::min(end, at + kReadAtOnce), [&](std::uint64_t, base::ByteView bytes) {
            records.push_back(base::to_bytes(bytes));
            return true;
        }));
        for (std::size_t i = 0; i < records.size(); ++i) {
            KMP_TRY(const audit::Record record, audit::Record::decode(records[i]));
            builder.add(static_cast<std::uint32_t>(at + i - begin), record);
        }
    }
    if (stopping()) return {};
    KMP_TRY(const audit::Digest root, log.node(audit::kSegmentHeight, number));
    return of_index(index_->append(number, root, std::move(builder).finish()));
}

base::Status Search::turn() {
    if (damaged_.exchange(false)) {
        withdraw();
        audit::remove_search_index(settings_.index);
    }
    const std::uint64_t size = settings_.size->load(std::memory_order_acquire);
    if (size < audit::kSegmentEvents) return {};  // there is nothing to index, and no file is made
    const bool anew = !index_;
    if (anew) KMP_CHECK(open());
    auto extent = index_->extent();
    if (!extent) return of_index(extent.error());
    audit::SearchIndex::Extent there = *extent;
    publish(there.end * audit::kSegmentEvents, anew);
    KMP_TRY(const std::uint64_t kept, first_kept(settings_.records, size));
    if (there.end > there.first && there.first < kept / audit::kSegmentEvents) {
        KMP_CHECK(of_index(index_->drop_below(kept / audit::kSegmentEvents)));
        there.first = std::min(kept / audit::kSegmentEvents, there.end);
    }
    if (there.end == there.first) there.end = kept / audit::kSegmentEvents;
    for (std::uint64_t next = there.end; (next + 1) * audit::kSegmentEvents <= size && !stopping() && !damaged_; ++next) {
        KMP_CHECK(index_segment(next, kept));
        if (!stopping()) publish((next + 1) * audit::kSegmentEvents, false);
    }
    return {};
}

void Search::run() {
    if (settings_.meek) set_policy(pthread_self(), SCHED_IDLE);
    while (!stopping()) {
        const base::Status done = turn();
        if (damaged_) withdraw();
        std::unique_lock lock(mutex_);
        if (!done && done.error().message != problem_) spdlog::warn("the search index cannot be kept, so searches read the log itself: {}", done.error().message);
        problem_ = done ? std::string() : done.error().message;
        wake_.wait_for(lock, done ? kPause : kLongPause, [&] { return stopping() || (done && damaged_.load()); });
    }
}

}  // namespace kmp::service
