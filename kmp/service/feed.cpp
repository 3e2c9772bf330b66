#include "kmp/service/feed.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include "base/fd.h"
#include "base/secret.h"
#include "standby/series.h"
#include "store/page_capture.h"

namespace kmp::service {
namespace {

using base::Code;
using Steady = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr std::size_t kMostPages = 16384;           ///< kept in memory while the folder is slow or away: 64 MiB
constexpr std::size_t kPagesWorthASegment = 2048;   ///< then it is written before its time
constexpr std::uint32_t kFramesWorthALook = 256;    ///< so that little is left for the writer to gather
constexpr std::size_t kPiece = 1u << 20;            ///< of a base
constexpr int kPiecesATurn = 8;                     ///< between two looks at what is to be fed
constexpr std::chrono::seconds kRetryBase{10};
constexpr std::chrono::minutes kRetryRollover{10};  ///< while the series of before goes on
constexpr std::uint64_t kLongSeries = 256u << 20;   ///< bytes of segments that are applied within seconds
constexpr std::size_t kMaxSegmentFile = 160u << 20;

struct FreeDigest {
    void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
};

/// A series that is written to.
struct Series {
    std::uint64_t number = 0;
    std::string path;
    standby::Base base;
    std::uint64_t segments = 0;
    std::uint64_t bytes = 0;
    base::Digest previous{};
    std::string recovery;    ///< as last written
    std::string checkpoint;
    // While its base is copied:
    base::Fd file;
    std::uint64_t copied = 0;
    std::uint64_t of = 0;
    std::unique_ptr<EVP_MD_CTX, FreeDigest> digest;
    bool copied_whole = false;
};

base::Digest draw_series() {
    base::Digest out{};
    base::Secret::random(out.size()).reveal([&](base::ByteView b) { std::copy(b.begin(), b.end(), out.begin()); });
    return out;
}

std::string text_of(const std::string& path, std::size_t limit) {
    const auto content = base::read_file(path, limit);
    return content ? base::to_string(*content) : std::string();
}

}  // namespace

struct Feed::Core {
    explicit Core(Settings s) : settings(std::move(s)), capture(settings.database + "-wal", kMostPages) {}

    Settings settings;
    store::PageCapture capture;
    std::optional<store::Database> reads;
    std::shared_ptr<const std::atomic<std::uint64_t>> events;
    base::SystemClock clock;
    standby::DatabaseId database{};

    mutable std::mutex mutex;  ///< of what follows
    std::condition_variable wake;
    FeedState state;
    std::optional<Steady::time_point> busy_since;  ///< of the turn that is under way
    bool started = false;
    bool looked = false;       ///< the first turn is over
    bool stopping = false;
    bool ended = false;
    std::atomic<bool> nudged{false};

    // The thread's own.
    std::optional<Series> current;  ///< whole
    std::optional<Series> next;     ///< its base is being copied
    bool resumable = true;
    Steady::time_point last_turn{};
    Steady::time_point retry_base{};

    void run();
    void turn();
    base::Result<bool> feed();
    base::Status look_at_folder(std::vector<standby::Found>& found) const;
    base::Result<bool> begin();
    base::Result<bool> resume(const standby::Found& found);
    base::Status begin_base(const std::vector<standby::Found>& found);
    base::Status copy_some();
    base::Status complete();
    base::Status ship(bool always);
    base::Status write(Series& series, store::PageCapture::Taken& taken, std::uint64_t size, const std::string& recovery, const std::string& checkpoint);
    void abandon_next();
    base::Status look_for_successor();
    void report(const base::Result<bool>& outcome);
};

// ---- the folder -------------------------------------------------------------------------------------------------------

/// Its series, when it may be written to at all.
base::Status Feed::Core::look_at_folder(std::vector<standby::Found>& found) const {
    struct stat about {};
    if (::stat(settings.folder.c_str(), &about) == 0 && (about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return {Code::refused, settings.folder + " can be written to by others than its owner; 'chmod 700' it"};
    KMP_TRY(found, standby::find_series(settings.folder));
    for (const standby::Found& f : found) {
        if (!f.base) continue;
        if (f.base->database != database || f.base->platform != settings.platform) {
            const std::string whose = f.base->database == database ? "platform UKEY " + f.base->platform : "another database";
            return {Code::refused, settings.folder + " holds the feed of " + whose + "; name another folder in kmp.toml, or clear this one if nobody takes over from it any more"};
        }
        // Fed before, and gone from the database since: somebody has put an older one in its place.
        if (const auto last = standby::last_heading(f.path); last && last->series == f.base->series && last->events > events->load())
            return {Code::tampered, settings.folder + " holds a later state of this log: at least " + std::to_string(last->events) + " events, and here are " + std::to_string(events->load()) +
                                        "; this machine's database was set back: seal the service and tell the auditor before anything else is sold"};
    }
    return {};
}

/// A series of the folder goes on when nothing can have happened to the database since its last segment: the write-ahead log still holds that place.
base::Result<bool> Feed::Core::resume(const standby::Found& found) {
    Series s;
    s.number = found.number;
    s.path = found.path;
    s.base = *found.base;
    std::error_code error;
    for (;; ++s.segments) {
        const std::uintmax_t size = fs::file_size(s.path + "/" + standby::segment_name(s.segments + 1), error);
        if (error) break;
        s.bytes += size;
    }
    if (s.segments == 0) return false;
    KMP_TRY(const base::Bytes content, base::read_file(s.path + "/" + standby::segment_name(s.segments), kMaxSegmentFile));
    const auto last = standby::decode(content);
    if (!last) return false;
    const standby::Position& p = last->heading.position;
    if (last->heading.series != s.base.series || !capture.holds({p.salt, p.frame, p.checksum})) return false;
    s.previous = last->hash;
    current = std::move(s);
    return true;
}

base::Result<bool> Feed::Core::begin() {
    std::vector<standby::Found> found;
    if (database == standby::DatabaseId{}) KMP_CHECK(reads->read_raw(database, 0));
    KMP_CHECK(look_at_folder(found));
    const auto newest = std::ranges::find_if(found, [](const standby::Found& f) { return f.base.has_value(); });
    if (resumable && !capture.lost() && newest != found.end()) {
        resumable = false;
        KMP_TRY(const bool resumed, resume(*newest));
        if (resumed) return true;
    }
    resumable = false;
    if (Steady::now() < retry_base) return false;
    KMP_CHECK(begin_base(found));
    return true;
}

// ---- a base -----------------------------------------------------------------------------------------------------------

base::Status Feed::Core::begin_base(const std::vector<standby::Found>& found) {
    std::error_code error;
    for (const standby::Found& f : found)
        if (!f.base && f.problem.empty() && (!current || f.path != current->path)) fs::remove_all(f.path, error);
    Series s;
    s.number = found.empty() ? 1 : found.front().number + 1;
    s.path = settings.folder + "/" + standby::series_name(s.number);
    s.base.database = database;
    s.base.series = s.previous = draw_series();
    s.base.platform = settings.platform;
    s.base.made = clock.now();
    s.digest.reset(EVP_MD_CTX_new());
    if (!s.digest || EVP_DigestInit_ex(s.digest.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
    if (::mkdir(s.path.c_str(), 0700) != 0) return base::errno_error("cannot make " + s.path, errno);
    s.file = base::Fd(::open((s.path + "/" + standby::kBase).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    const int trouble = errno;
    const bool opened = static_cast<bool>(s.file);
    next = std::move(s);
    if (!opened) {
        abandon_next();
        return base::errno_error("cannot write to " + settings.folder, trouble);
    }
    // From here on everything that changes is gathered, and what the log holds already with it.
    if (capture.lost()) capture.restart();
    else capture.rewind();
    return {};
}

base::Status Feed::Core::copy_some() {
    base::Bytes piece(kPiece);
    for (int i = 0; i < kPiecesATurn; ++i) {
        KMP_TRY(next->of, reads->raw_size());
        const std::uint64_t left = next->of / standby::kPageSize * standby::kPageSize - std::min(next->copied, next->of / standby::kPageSize * standby::kPageSize);
        if (left == 0) {
            if (::fsync(next->file.get()) != 0) return base::errno_error("cannot sync the base in " + next->path, errno);
            unsigned size = 0;
            EVP_DigestFinal_ex(next->digest.get(), next->base.hash.data(), &size);
            next->base.bytes = next->copied;
            next->file.reset();
            next->copied_whole = true;
            return {};
        }
        const std::span<std::uint8_t> part(piece.data(), static_cast<std::size_t>(std::min<std::uint64_t>(left, kPiece)));
        KMP_CHECK(reads->read_raw(part, next->copied));
        for (std::size_t done = 0; done < part.size();) {
            const ssize_t n = ::write(next->file.get(), part.data() + done, part.size() - done);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return base::errno_error("cannot write the base in " + next->path, errno);
            done += static_cast<std::size_t>(n);
        }
        EVP_DigestUpdate(next->digest.get(), part.data(), part.size());
        next->copied += part.size();
    }
    // Piece by piece, or the sync at its end would take so long that too much changes meanwhile.
    if (::fdatasync(next->file.get()) != 0) return base::errno_error("cannot sync the base in " + next->path, errno);
    return {};
}

/// With the segment that is written after its end the base is whole: everything that changed while it was copied is in it or before it.
base::Status Feed::Core::complete() {
    KMP_CHECK(ship(true));
    if (!next) return {Code::io_failed, "the new base in " + settings.folder + " could not be finished"};
    next->base.needs = next->segments;
    KMP_CHECK(base::write_file_atomically(next->path + "/" + standby::kBaseFile, base::as_bytes(next->base.text()), 0600));
    current = std::move(next);
    next.reset();
    std::error_code error;
    if (const auto all = standby::find_series(settings.folder))
        for (const standby::Found& f : *all)
            if (f.path != current->path) fs::remove_all(f.path, error);
    spdlog::info("a standby can take over from {}", current->path);
    return {};
}

void Feed::Core::abandon_next() {
    if (!next) return;
    std::error_code error;
    next->file.reset();
    fs::remove_all(next->path, error);
    next.reset();
    retry_base = Steady::now() + (current ? kRetryRollover : kRetryBase);
}

// ---- segments -----------------------------------------------------------------------------------------------------------

base::Status Feed::Core::write(Series& s, store::PageCapture::Taken& taken, std::uint64_t size, const std::string& recovery, const std::string& checkpoint) {
    standby::Segment segment;
    standby::Heading& h = segment.heading;
    h.number = s.segments + 1;
    h.database = database;
    h.series = s.base.series;
    h.previous = s.previous;
    h.made = clock.now();
    h.events = size;
    h.position = {taken.position.salt, taken.position.frame, taken.position.checksum};
    h.database_pages = taken.database_pages;
    if (recovery != s.recovery) segment.recovery = recovery;
    if (checkpoint != s.checkpoint) segment.checkpoint = checkpoint;
    segment.pages.swap(taken.pages);
    const base::Bytes file = standby::encode(segment);
    const base::Status written = base::write_file_atomically(s.path + "/" + standby::segment_name(h.number), file, 0600);
    segment.pages.swap(taken.pages);
    KMP_CHECK(base::Status(written));
    s.segments = h.number;
    s.bytes += file.size();
    s.previous = segment.hash;
    s.recovery = recovery;
    s.checkpoint = checkpoint;
    return {};
}

/// What has changed since the last time, into every series that is open. What could not be written is kept for the next time.
base::Status Feed::Core::ship(bool always) {
    // These and the length first: what is read of them is then in the pages too.
    const base::Millis as_of = clock.now();
    const std::string recovery = text_of(settings.recovery_file, standby::kMaxRecovery);
    const std::string checkpoint = text_of(settings.checkpoint_file, standby::kMaxNote);
    const std::uint64_t size = events->load();
    capture.gather();
    const Series* first = current ? &*current : next ? &*next : nullptr;
    if (first == nullptr) return {};
    if (!always && capture.pages() == 0 && recovery == first->recovery && checkpoint == first->checkpoint) {
        // The pages of the last events were taken before the log had counted them.
        const std::lock_guard lock(mutex);
        if (!current) return {};
        state.events = size;
        state.as_of = as_of;
        return {};
    }
    std::error_code error;
    if (current && !fs::exists(current->path + "/" + standby::kBaseFile, error)) {
        if (!fs::is_directory(settings.folder, error)) return {Code::not_found, "the folder " + settings.folder + " is away"};
        const std::string path = current->path;
        current.reset();
        return {Code::not_found, path + " is no longer what was fed"};
    }
    store::PageCapture::Taken taken = capture.take();
    if (capture.lost()) return {Code::storage_failed, "more changed than can be kept until the folder takes it"};
    if (current) {
        if (base::Status written = write(*current, taken, size, recovery, checkpoint); !written) {
            capture.put_back(std::move(taken));
            return written;
        }
    }
    if (next) {
        if (base::Status written = write(*next, taken, size, recovery, checkpoint); !written) {
            if (!current) capture.put_back(std::move(taken));
            abandon_next();
            return written;
        }
    }
    if (!current) return {};
    const std::lock_guard lock(mutex);
    state.events = size;
    state.last = clock.now();
    state.as_of = as_of;
    return {};
}

// ---- the thread -----------------------------------------------------------------------------------------------------------

/// true: all is well; false: it is not known to be well again yet.
base::Result<bool> Feed::Core::feed() {
    if (capture.lost()) {
        current.reset();
        abandon_next();
        retry_base = {};
        capture.restart();
    }
    if (!current && !next) {
        if (!capture.begun()) return false;
        KMP_TRY(const bool begun, begin());
        if (!begun) return false;
    }
    KMP_CHECK(ship(false));
    if (next) {
        base::Status copied = next->copied_whole ? base::Status() : copy_some();
        if (copied && next->copied_whole) copied = complete();
        if (!copied) {
            abandon_next();
            return std::move(copied).error();
        }
    } else if (current && Steady::now() >= retry_base && (current->segments >= settings.max_segments || current->bytes >= std::max(kLongSeries, current->base.bytes))) {
        std::vector<standby::Found> found;
        KMP_CHECK(look_at_folder(found));
        KMP_CHECK(begin_base(found));
    }
    return current.has_value();
}

/// What is there and cannot be read is a problem: it may be true.
base::Status Feed::Core::look_for_successor() {
    auto found = standby::Successor::read(settings.folder + "/" + standby::kSuccessorFile);
    const bool none = !found && found.error().code == Code::not_found;
    base::Status out = found || none ? base::Status() : base::Status(found.error());
    const std::lock_guard lock(mutex);
    state.successor.reset();
    if (found) state.successor = std::move(*found);
    looked = true;
    wake.notify_all();
    return out;
}

void Feed::Core::report(const base::Result<bool>& outcome) {
    const std::lock_guard lock(mutex);
    if (!outcome) state.problem = outcome.error().message;
    else if (*outcome) state.problem.clear();
    const Series* s = current ? &*current : next ? &*next : nullptr;
    state.whole = current.has_value();
    state.series = s == nullptr ? std::string() : fs::path(s->path).filename().string();
    state.segments = s == nullptr ? 0 : s->segments;
    state.segment_bytes = s == nullptr ? 0 : s->bytes;
    state.base_bytes = s == nullptr ? 0 : s->base.bytes;
    state.copying = next && next->of > 0 ? std::max(1u, static_cast<unsigned>(next->copied * 100 / next->of)) : 0;
    busy_since.reset();
}

void Feed::Core::turn() {
    capture.gather();
    const bool due = Steady::now() - last_turn >= settings.interval;
    if (!due && !next && capture.pages() < kPagesWorthASegment) return;
    if (due) last_turn = Steady::now();
    {
        const std::lock_guard lock(mutex);
        busy_since = Steady::now();
    }
    const base::Status unread = due ? look_for_successor() : base::Status();
    base::Result<bool> outcome = feed();
    if (outcome && !unread) outcome = unread.error();
    report(outcome);
}

void Feed::Core::run() {
    for (;;) {
        turn();
        std::unique_lock lock(mutex);
        if (!next) wake.wait_for(lock, settings.interval, [this] { return stopping || nudged.load(); });
        nudged = false;
        if (stopping) break;
    }
    // What a base lacks cannot be waited for; what is left belongs into a series that is whole.
    abandon_next();
    base::Status rest{Code::storage_failed, "no base is whole"};
    if (current) rest = capture.lost() ? base::Status(Code::storage_failed, "more changed than can be kept until the folder takes it") : ship(false);
    if (rest) report(true);
    else spdlog::error("what was sold last is not in the folder of the standby, {}: {}", settings.folder, rest.error().message);
    reads.reset();  // whoever closes the database last moves the log into the file: the writer is to be that
    const std::lock_guard lock(mutex);
    ended = true;
    wake.notify_all();
}

Feed::Feed(Settings settings, store::Database& writes) : core_(std::make_shared<Core>(std::move(settings))) {
    writes.watch([core = core_](std::uint32_t frames, bool checkpoint) {
        core->capture.committed(frames, checkpoint);
        if (core->capture.behind() < kFramesWorthALook || core->nudged.exchange(true)) return;
        core->wake.notify_all();
    });
}

void Feed::start(store::Database reads, std::shared_ptr<const std::atomic<std::uint64_t>> events) {
    core_->reads = std::move(reads);
    core_->events = std::move(events);
    core_->started = true;
    std::thread([core = core_] { core->run(); }).detach();
    std::unique_lock lock(core_->mutex);
    core_->wake.wait_for(lock, kFarewell, [this] { return core_->looked; });
}

Feed::~Feed() {
    std::unique_lock lock(core_->mutex);
    core_->stopping = true;
    core_->wake.notify_all();
    if (!core_->started) return;
    if (!core_->wake.wait_for(lock, kFarewell, [this] { return core_->ended; }))
        spdlog::error("the folder of the standby, {}, does not answer: what was sold last is not in it", core_->settings.folder);
}

FeedLag lag_of(const FeedState& state, std::uint64_t log_size, base::Millis now) {
    if (log_size <= state.events) return {};
    return {log_size - state.events, state.as_of == 0 ? 0 : std::max<base::Millis>(now - state.as_of, 0)};
}

FeedState Feed::state() const {
    const std::lock_guard lock(core_->mutex);
    FeedState out = core_->state;
    if (core_->busy_since && Steady::now() - *core_->busy_since > core_->settings.silence) out.problem = "the folder " + core_->settings.folder + " does not answer";
    return out;
}

const std::string& Feed::folder() const noexcept { return core_->settings.folder; }

}  // namespace kmp::service
