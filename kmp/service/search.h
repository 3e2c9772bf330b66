#pragma once
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "audit/search.h"

namespace kmp::service {

/// The key of the search index: of the database key, and no way back to it.
base::Secret search_key(const base::Secret& database_key);

/// Looks through the log for auditors, and keeps the index that makes it fast (audit/search_index.h): on a thread of the lowest priority, which reads what was committed in short pieces, asks nothing
/// of the writer and runs when nobody else wants to. Where the index is missing, behind, damaged or cannot be written, searches read the log itself: slower, and as right.
/// Thread: `find` one; `stop` and the destructor one; the rest any.
class Search {
public:
    struct Settings {
        std::string index;            ///< its file
        base::Secret key;
        store::Database records;      ///< of the log, read-only, for the thread that makes the index
        store::Database lookups;      ///< of the log, read-only, for `find`
        std::shared_ptr<const std::atomic<std::uint64_t>> size;  ///< of the log, as last committed
        bool meek = true;             ///< it runs when nobody else wants the processor (SCHED_IDLE)
    };
    explicit Search(Settings settings);
    /// Ends what it is at; a segment that is half made is made again next time.
    ~Search();
    Search(const Search&) = delete;
    Search& operator=(const Search&) = delete;

    /// As audit::search, for kPatience at most or little more.
    base::Result<audit::Seen> find(const audit::Filter& filter, const audit::Look& look, const std::function<bool(const audit::Record&, base::ByteView)>& take);
    /// Makes no index any more; `find` goes on.
    void stop();

    /// Events below this are in the index.
    std::uint64_t searchable() const noexcept { return searchable_.load(std::memory_order_relaxed); }
    /// Why the index cannot be kept; empty: it can.
    std::string problem() const;

    static constexpr std::chrono::milliseconds kPatience{100};
    static constexpr std::chrono::seconds kPause{1};        ///< between two looks whether a segment is full
    static constexpr std::chrono::seconds kLongPause{30};   ///< after a failure

private:
    void run();
    base::Status turn();
    base::Status open();
    base::Result<audit::SearchIndex> open_existing();
    base::Status of_index(base::Status status);
    base::Status check_disk() const;
    base::Status index_segment(std::uint64_t number, std::uint64_t kept);
    void publish(std::uint64_t searchable, bool anew);
    void withdraw();
    bool stopping() const noexcept { return stopping_.load(std::memory_order_relaxed); }
    audit::SearchIndex* index_to_read();

    Settings settings_;
    // of the thread
    std::optional<audit::SearchIndex> index_;
    // of find
    std::optional<audit::SearchIndex> reading_;
    unsigned reading_generation_ = 0;
    // of all
    std::atomic<std::uint64_t> searchable_{0};
    std::atomic<unsigned> generation_{0};  ///< of the file; 0: there is none to trust
    std::atomic<bool> damaged_{false};     ///< `find` met damage
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::string problem_;
    unsigned generations_ = 0;
    std::thread thread_;
};

}  // namespace kmp::service
