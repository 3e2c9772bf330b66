#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "standby/successor.h"
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
    base::Millis as_of = 0;     ///< when it last had everything that there was
    unsigned copying = 0;       ///< per cent of a base that is being copied; 0: none is
    bool whole = false;         ///< a standby can take over from the folder
    std::optional<standby::Successor> successor;  ///< the folder says that somebody has taken over; whether that is true, `taken_over` tells
};

/// How far the feed is behind the log.
struct FeedLag {
    std::uint64_t events = 0;
    base::Millis time = 0;      ///< since it had everything; 0: it does
};
FeedLag lag_of(const FeedState& state, std::uint64_t log_size, base::Millis now);

/// Keeps a folder from which a second machine can take over (standby/series.h): on a thread of its own, which the writer waits for only as `store::PageCapture` says. A folder that is full,
/// slow or away stops the feed, never the service: that stands in `state` until it goes on by itself.
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
        std::chrono::milliseconds silence{30000};  ///< a folder that has not answered for so long is a problem
    };
    /// Begins to watch `writes`, before anything is written to it.
    Feed(Settings settings, store::Database& writes);
    /// Feeds what is left, for kFarewell at most, and ends.
    ~Feed();
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;

    /// Feeds from now on, and waits for the first look at the folder: kFarewell at most.
    /// reads: a connection of its own to the same database. events: how long the log is, as last committed.
    void start(store::Database reads, std::shared_ptr<const std::atomic<std::uint64_t>> events);
    /// Thread: any.
    FeedState state() const;
    const std::string& folder() const noexcept;

    static constexpr std::chrono::seconds kFarewell{3};  ///< a folder that hangs must not hold up unsealing or sealing for longer

private:
    struct Core;
    std::shared_ptr<Core> core_;  ///< shared with the thread, which is left behind where the folder never answers
};

}  // namespace kmp::service
