#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/fd.h"

namespace store {

/// Gathers the pages of a database that commits change, as they stand encrypted in its write-ahead log, before a checkpoint lets that log begin anew. It holds the newest
/// image of each page, so that what it has gathered, laid over a copy of the file, gives the database as of the last commit that it saw.
///
/// Why this is whole: only a checkpoint of the writer's writes to the database's file, the log begins anew only behind one that took everything, and the writer tells before each
/// (`Database::watch`), so that no frame is overwritten before it was gathered. A file that is copied while all this goes on may mix old and new pages: each that changed while it was
/// copied is among those gathered since.
/// Thread: `committed` the writer's; everything else one other's. The writer waits for the other at most while that reads what the log holds: kCheckpointFrames pages, some 2 ms.
class PageCapture {
public:
    using Pages = std::map<std::uint32_t, base::Bytes>;
    /// A place in the log: its salt, how many frames, the running checksum behind the last.
    struct Position {
        std::uint64_t salt = 0;
        std::uint32_t frame = 0;
        std::uint64_t checksum = 0;
    };
    struct Taken {
        Pages pages;
        std::uint32_t database_pages = 0;  ///< how long the database is; 0: no commit was seen
        Position position;
    };

    /// Of the log `wal_path`. It notes what that holds already, so that `holds` can tell.
    /// most: pages that are kept; more, and it lets go of all (`lost`).
    PageCapture(std::string wal_path, std::size_t most);

    /// Whether the log, as it was found, contains this place: whoever has everything up to there needs only what is gathered from now on.
    bool holds(const Position& position) const;

    /// A commit, with as many frames in the log as it has now. With `last_call` the log may begin anew behind it, so everything is gathered at once.
    void committed(std::uint32_t frames, bool last_call) noexcept;

    /// Begins anew with an empty hand, at the first frame of the log as it stands.
    void restart();
    /// Goes back to the first frame of the log and keeps what it has: for a copy of the file that begins now.
    void rewind();
    /// Reads the log up to the last commit.
    void gather();
    /// What was gathered since the last time.
    Taken take();
    /// What could not be handed on after all; what was gathered since is newer.
    void put_back(Taken taken);
    /// Pages were given up: too many, or the log could not be read. Until `restart` nothing is gathered.
    bool lost() const;
    /// Whether a commit was seen.
    bool begun() const noexcept { return begun_.load(std::memory_order_acquire); }
    std::size_t pages() const;
    /// Frames that were committed and not gathered.
    std::uint32_t behind() const noexcept { return behind_.load(std::memory_order_relaxed); }

private:
    struct Head {
        std::uint64_t salt = 0;
        std::uint32_t frames = 0;
    };
    bool read_up_to(const Head& head);
    void give_up() noexcept;
    bool open_log();

    std::string wal_path_;
    std::size_t most_;
    base::Fd wal_;
    Position found_;                          ///< the log as it was at first
    std::vector<std::uint64_t> checksums_;    ///< behind each of its frames
    std::atomic<bool> begun_{false};
    std::atomic<std::uint32_t> behind_{0};
    std::mutex head_mutex_;                   ///< held for some instructions only
    Head head_;
    mutable std::mutex mutex_;
    bool lost_ = false;
    Position at_;
    std::uint32_t database_pages_ = 0;
    Pages pages_;
};

}  // namespace store
