#include "audit/archive.h"

#include <algorithm>

#include "audit/event.h"
#include "audit/log_reader.h"

namespace audit {
namespace {

constexpr std::string_view kColumns = "SELECT first, end, event, at, newest, keep_days, file, hash, bytes, recipients FROM archive WHERE end > ? ORDER BY end LIMIT ?";

Segment read(const store::Statement& row) {
    Segment out;
    out.first = static_cast<std::uint64_t>(row.integer(0));
    out.end = static_cast<std::uint64_t>(row.integer(1));
    out.event = static_cast<std::uint64_t>(row.integer(2));
    out.at = row.integer(3);
    out.newest = row.integer(4);
    out.keep_days = static_cast<std::uint32_t>(row.integer(5));
    out.file = row.text(6);
    if (const base::ByteView hash = row.blob(7); hash.size() == out.hash.size()) std::ranges::copy(hash, out.hash.begin());
    out.bytes = static_cast<std::uint64_t>(row.integer(8));
    out.recipients = row.text(9);
    return out;
}

bool says(const Record& r, const Segment& s) {
    return r.type() == EventType::archived && r.number(Field::first) == s.first && r.number(Field::size) == s.end && std::ranges::equal(r.bytes(Field::data_hash), s.hash);
}

base::Result<std::uint64_t> pragma(store::Database& database, std::string_view sql) {
    KMP_TRY(store::Statement row, database.query(sql));
    KMP_TRY(const bool any, row.step());
    return any ? static_cast<std::uint64_t>(row.integer(0)) : 0;
}

}  // namespace

base::Status add_segment(store::Transaction& t, const Segment& s) {
    KMP_CHECK(t.run("INSERT INTO archive(end, first, event, at, newest, keep_days, file, hash, bytes, recipients) VALUES(?,?,?,?,?,?,?,?,?,?)", s.end, s.first, s.event, s.at, s.newest, s.keep_days, s.file, s.hash,
                    s.bytes, s.recipients));
    return {};
}

base::Result<std::vector<Segment>> segments(store::Database& database, std::uint64_t from, std::size_t most) {
    KMP_TRY(store::Statement rows, database.query(kColumns));
    rows.bind_all(from, most);
    std::vector<Segment> out;
    for (;;) {
        KMP_TRY(const bool more, rows.step());
        if (!more) return out;
        out.push_back(read(rows));
    }
}

base::Result<std::optional<Segment>> segment_of(store::Database& database, std::uint64_t index) {
    KMP_TRY(std::vector<Segment> found, segments(database, index, 1));
    if (found.empty()) return std::optional<Segment>{};
    return std::optional<Segment>(std::move(found.front()));
}

base::Result<std::uint64_t> archived_to(store::Database& database) {
    KMP_TRY(store::Statement row, database.query("SELECT end FROM archive ORDER BY end DESC LIMIT 1"));
    KMP_TRY(const bool any, row.step());
    return any ? static_cast<std::uint64_t>(row.integer(0)) : 0;
}

base::Status check_segments(store::Database& database) {
    constexpr std::size_t kAtOnce = 100;
    KMP_TRY(const std::uint64_t archived, archived_to(database));
    LogReader log(database);
    for (std::uint64_t at = 0; at < archived;) {
        KMP_TRY(const std::vector<Segment> some, segments(database, at, kAtOnce));
        for (const Segment& s : some) {
            const std::string wrong = "the row of the archived records " + std::to_string(s.first) + " up to " + std::to_string(s.end) + " ";
            if (s.first != at || s.end <= s.first || s.event < s.end) return {base::Code::tampered, wrong + "does not go on from the one before it"};
            at = s.end;
            if (s.event < archived) continue;  // in a segment itself
            const auto bytes = log.record(s.event);
            const auto record = bytes ? Record::decode(*bytes) : base::Result<Record>(bytes.error());
            const auto leaf = log.node(0, s.event);
            if (!record || !leaf || *leaf != leaf_hash(*bytes) || !says(*record, s)) return {base::Code::tampered, wrong + "is not what the log says was archived, in record " + std::to_string(s.event)};
        }
    }
    return {};
}

base::Result<std::optional<std::uint64_t>> oldest_live(store::Database& database) {
    KMP_TRY(store::Statement row, database.query("SELECT idx FROM event WHERE idx > 0 ORDER BY idx LIMIT 1"));
    KMP_TRY(const bool any, row.step());
    if (!any) return std::optional<std::uint64_t>{};
    return std::optional<std::uint64_t>(static_cast<std::uint64_t>(row.integer(0)));
}

base::Result<std::uint64_t> shed(store::Transaction& t, std::uint64_t most) {
    KMP_TRY(const std::int64_t gone, t.run("DELETE FROM event WHERE idx > 0 AND idx < (SELECT coalesce(max(end), 0) FROM archive) AND idx < (SELECT min(idx) FROM event WHERE idx > 0) + ?", most));
    return static_cast<std::uint64_t>(gone);
}

base::Result<Room> room_of(store::Database& database) {
    KMP_TRY(const std::uint64_t page, pragma(database, "PRAGMA page_size"));
    KMP_TRY(const std::uint64_t pages, pragma(database, "PRAGMA page_count"));
    KMP_TRY(const std::uint64_t free, pragma(database, "PRAGMA freelist_count"));
    return Room{page * pages, page * free};
}

}  // namespace audit
