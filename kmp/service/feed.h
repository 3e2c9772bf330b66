#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "store/database.h"

namespace kmp::service {

/// How the feed of a standby stands.
struct FeedState {
    std::string problem;        ///< why nothing is fed; empty: it is
    std::string series;         ///< the folder in the feed's that is written to
    std::uint64_t segments = 0;
    std::uint64_t segment_bytes = 0;
    std::uint64_t base_bytes = 0;
    std::uint64_t events = 0;   ///< of the log that are in it
    base::Millis last = 0;      ///< when the newest segment was written
    unsigned copying = 0;       ///< per cent of a base that is being copied; 0: none is
    bool whole = false;         ///< a standby can take over from the folder
};

/// How far the feed is behind the log.
struct FeedLag {
    std::uint64_t events = 0;
    base::Millis time = 0;      ///< since the newest segment, where events are missing from it
};
FeedLag lag_of(const FeedState& state, std::uint64_t log_size, base::Millis now);

/// What became of the feed, for the log.
struct FeedNews {
    enum class Kind : std::uint8_t { began, stopped, resumed };
    Kind kind = Kind::began;
    std::uint64_t events = 0;   ///< began: from which a standby can take over
    std::string detail;
};

/// Keeps a folder from which a second machine can take over (standby/series.h): on a thread of its own, which the writer waits for only as `store::PageCapture` says. A folder that is full,
/// slow or away stops the feed, never the service: it is said once in the log and stands in `state` until it goes on by itself.
class Feed {
public:
    struct Settings {
        std::string folder;
        std::chrono::milliseconds interval{1000};
        unsigned max_segments = 50000;     ///< then another base is begun
        std::string recovery_file;         ///< carried along, as they stand
        std::string checkpoint_file;
        std::string database;
        std::string platform;              ///< serial of the platform UKEY: a folder that another one's service feeds is not touched
    };
    /// Begins to watch `writes`, before anything is written to it.
    Feed(Settings settings, store::Database& writes);
    /// Feeds what is left, for kFarewell at most, and ends.
    ~Feed();
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;

    /// reads: a connection of its own to the same database. events: how long the log is, as last committed.
    void prepare(store::Database reads, std::shared_ptr<const std::atomic<std::uint64_t>> events);
    /// After prepare: feeds from now on. tell: called on the feed's thread with what belongs into the log.
    void start(std::function<void(FeedNews)> tell);
    /// Thread: any.
    FeedState state() const;
    const std::string& folder() const noexcept;

    static constexpr std::chrono::seconds kFarewell{3};  ///< a folder that hangs must not hold up the sealing for longer

private:
    struct Core;
    std::shared_ptr<Core> core_;  ///< shared with the thread, which is left behind where the folder never answers
};

}  // namespace kmp::service
