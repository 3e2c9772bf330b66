#pragma once
#include <memory>
#include <string>
#include <vector>

#include "audit/log_reader.h"
#include "audit/search_segment.h"
#include "store/database.h"

namespace audit {

/// Where in the log a term stands: a database of its own beside that of the log, and nothing but a cache of it. Whatever is wrong with it, it is made anew.
///
/// That it never keeps an event from an auditor rests on this: every page is authenticated (SQLCipher), under keys that a new file has of its own; rows are only added at the end, each
/// segment in one transaction; a segment carries the hash of its records in the log's tree, and what is of another log, or of a log that went another way since, is cut off at
/// `check`; words are made as this program makes them, or the whole is made anew; and a block that is missing or does not read is an error, never an empty answer.
/// thread: one at a time; a second thread opens one of its own to read.
class SearchIndex {
public:
    /// A new file (0600) in the place of what is there, files of an older log beside it included.
    static base::Result<SearchIndex> create(const std::string& path, const base::Secret& key);
    /// errors: those of Database::open; conflict: another version of this program made it
    static base::Result<SearchIndex> open(const std::string& path, const base::Secret& key, store::Mode mode);

    /// Cuts off what is not of this log. out: whether all of it was.
    base::Result<bool> check(LogReader& log);

    /// Segments [first, end) are there.
    struct Extent {
        std::uint64_t first = 0;
        std::uint64_t end = 0;
        bool holds(std::uint64_t segment) const noexcept { return segment >= first && segment < end; }
    };
    base::Result<Extent> extent();

    /// Adds segment number `number`: the one after the last, or any where there is none. Durable when it returns.
    /// root: of its records, in the log's tree (height kSegmentHeight).
    base::Status append(std::uint64_t number, const Digest& root, const IndexedSegment& segment);
    /// Lets go of the segments below `first`: their events left the database.
    base::Status drop_below(std::uint64_t first);

    /// Which events of segment `number` have one term of each clause. tampered, malformed: the index is damaged.
    base::Result<SegmentSet> look_up(std::uint64_t number, const std::vector<TermClause>& plan);

private:
    explicit SearchIndex(store::Database database) : database_(std::make_unique<store::Database>(std::move(database))) {}
    base::Status cut(std::string_view sql_of_segments, std::uint64_t at);
    base::Status add_range(std::uint64_t first_block, const std::vector<std::string>& directory, const TermRange& range, SegmentSet& into);
    std::unique_ptr<store::Database> database_;
};

/// Removes the files of an index; nothing may have it open that still trusts it.
void remove_search_index(const std::string& path) noexcept;

}  // namespace audit
