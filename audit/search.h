#pragma once
#include <functional>
#include <optional>

#include "audit/filter.h"
#include "audit/log_reader.h"
#include "audit/search_index.h"

namespace audit {

/// Which part of the log is looked through, and in what direction.
struct Look {
    bool newest = true;        ///< from the newest down, otherwise up from `first`
    std::uint64_t first = 0;   ///< going up: the first index
    std::uint64_t before = 0;  ///< going down: only below this index; 0: from the end
    std::size_t limit = 1;     ///< so many events, then no more
};

struct Seen {
    std::uint64_t size = 0;      ///< of the log
    std::uint64_t archived = 0;  ///< events below it, the first one aside, are not in the database; 0 or 1: all are
    std::uint64_t next = 0;      ///< where to go on: as Look::before, or as Look::first
    bool end = false;            ///< nothing further fits
    std::optional<base::Error> index_error;  ///< the index failed and was done without
};

/// Looks for events that `filter` leaves, in the order of the look. It does a bounded piece of work, and says where to go on: it ends when `enough` says so (asked after each some hundred
/// events or each segment looked up; some work is always done), at the limit, or when nothing is left.
/// index: may be null, and may end before the log does: what it does not hold is read.
/// take: gets each event that fits, which holds for the call; false: there is no room for it, and the look ends before it.
/// errors: those of the log's database; tampered (a record does not decode, or is missing)
base::Result<Seen> search(store::Database& log, SearchIndex* index, const Filter& filter, const Look& look, const std::function<bool(const Record&, base::ByteView)>& take,
                          const std::function<bool()>& enough);

}  // namespace audit
