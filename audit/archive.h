#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "store/transaction.h"

/// What has left the live database: which records, and in which file they are. The rows are append-only, and the database lets records go that one of
/// them covers, but never record 0, and no tile. Errors of all are those of store.
namespace audit {

/// Records [first, end) in a file of their own. Each begins where the one before it ended, the first with record 0.
struct Segment {
    std::uint64_t first = 0;
    std::uint64_t end = 0;        ///< whole tiles: a multiple of 256
    std::uint64_t event = 0;      ///< index of its `archived` record
    base::Millis at = 0;          ///< the time of that
    base::Millis newest = 0;      ///< the time of the newest record in it
    std::uint32_t keep_days = 0;  ///< of the policy at that time
    std::string file;             ///< its name, without a folder
    base::Digest hash{};          ///< SHA-256 of the file
    std::uint64_t bytes = 0;
    std::string recipients;       ///< serials of the auditor UKEYs that can open it; empty: it is in clear
};

/// Precondition: its `archived` event was appended in this transaction. refused: it does not go on from the one before it.
base::Status add_segment(store::Transaction& t, const Segment& segment);
/// At most `most` of those that end behind `from`, in their order.
base::Result<std::vector<Segment>> segments(store::Database& database, std::uint64_t from, std::size_t most);
/// nullopt: no segment holds this record.
base::Result<std::optional<Segment>> segment_of(store::Database& database, std::uint64_t index);
/// Records below this one, but for record 0, may be in segments only; 0: none are.
base::Result<std::uint64_t> archived_to(store::Database& database);

/// The rows go on from each other, and what is still in the live database of the events that they name says the same: the newest one's always is. tampered:
/// whoever has the key of the database let it seem that records are in files that nobody made.
base::Status check_segments(store::Database& database);

/// The lowest record behind record 0 that is in the live database; nullopt: there is none.
base::Result<std::optional<std::uint64_t>> oldest_live(store::Database& database);
/// Lets archived records go, the oldest first, `most` of them at most. out: how many went. In pieces: orders wait for a transaction that is under way.
base::Result<std::uint64_t> shed(store::Transaction& t, std::uint64_t most);

/// How large the database is, as a file, and how much of that holds nothing and is used again before the file grows.
struct Room {
    std::uint64_t bytes = 0;
    std::uint64_t free = 0;
};
base::Result<Room> room_of(store::Database& database);

}  // namespace audit
