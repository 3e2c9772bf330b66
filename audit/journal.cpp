#include "audit/journal.h"

#include <algorithm>
#include <optional>
#include <string>

#include "audit/archive.h"
#include "audit/tile.h"

namespace audit {
namespace {

using base::Code;

constexpr store::Migration kMigrations[] = {
    {1, "append-only events and tiles", R"(
CREATE TABLE event(idx INTEGER PRIMARY KEY, at INTEGER NOT NULL, type INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TRIGGER event_keeps_order BEFORE INSERT ON event WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM event)
  BEGIN SELECT RAISE(FAIL, 'audit records are appended without a gap'); END;
CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END;
CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'audit records are never deleted'); END;
CREATE TABLE tile(level INTEGER NOT NULL, idx INTEGER NOT NULL, root BLOB NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY(level, idx)) WITHOUT ROWID;
CREATE TRIGGER tile_is_not_changed BEFORE UPDATE ON tile BEGIN SELECT RAISE(ABORT, 'audit tiles are never changed'); END;
CREATE TRIGGER tile_is_not_deleted BEFORE DELETE ON tile BEGIN SELECT RAISE(ABORT, 'audit tiles are never deleted'); END;
)"},
    // A row is entered with the `archived` event that names its segment, in one transaction, and only what such rows cover is deleted (archive.h).
    {2, "archive segments", R"(
CREATE TABLE archive(end INTEGER PRIMARY KEY, first INTEGER NOT NULL, event INTEGER NOT NULL, at INTEGER NOT NULL, newest INTEGER NOT NULL, keep_days INTEGER NOT NULL,
  file TEXT NOT NULL, hash BLOB NOT NULL, bytes INTEGER NOT NULL, recipients TEXT NOT NULL);
CREATE TRIGGER archive_goes_on BEFORE INSERT ON archive WHEN NEW.first <> (SELECT coalesce(max(end), 0) FROM archive) OR NEW.end <= NEW.first OR NEW.end % 256 <> 0
  OR NEW.end > NEW.event OR coalesce((SELECT type FROM event WHERE idx = NEW.event), 0) <> 147
  BEGIN SELECT RAISE(ABORT, 'archive segments follow on each other, hold whole tiles, and are named by an archived event'); END;
CREATE TRIGGER archive_is_not_changed BEFORE UPDATE ON archive BEGIN SELECT RAISE(ABORT, 'archive segments are never changed'); END;
CREATE TRIGGER archive_is_not_deleted BEFORE DELETE ON archive BEGIN SELECT RAISE(ABORT, 'archive segments are never forgotten'); END;
DROP TRIGGER event_is_not_deleted;
CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event WHEN OLD.idx = 0 OR OLD.idx >= (SELECT coalesce(max(end), 0) FROM archive)
  BEGIN SELECT RAISE(ABORT, 'audit records are never deleted before they are archived'); END;
)"},
};

// FAIL, here and in event_keeps_order, where the default is ABORT: to be able to undo one statement SQLite would first copy, and
// encrypt, every page that an insert touches (20 of 26 us). Nothing is lost: after an error the whole transaction is rolled back.
constexpr std::string_view kInsertEvent = "INSERT OR FAIL INTO event(idx, at, type, body) VALUES(?,?,?,?)";
constexpr std::string_view kInsertTile = "INSERT INTO tile(level, idx, root, hashes) VALUES(?,?,?,?)";

base::Error broken(const store::Database& database, std::string what) {
    return {Code::tampered, "the audit log in " + database.path() + ": " + std::move(what) + "; stop, and verify the newest export"};
}

base::Result<std::optional<std::uint64_t>> one(store::Database& database, std::string_view sql, std::uint64_t level = 0) {
    KMP_TRY(store::Statement row, database.query(sql));
    if (sql.find('?') != std::string_view::npos) row.bind_all(level);
    KMP_TRY(const bool found, row.step());
    if (!found || row.is_null(0)) return std::optional<std::uint64_t>{};
    return std::optional<std::uint64_t>(static_cast<std::uint64_t>(row.integer(0)));
}

/// ok when the newest tile of `level` is the one that a log of `size` records ends with.
base::Status check_tiles(store::Database& database, unsigned level, std::uint64_t full) {
    KMP_TRY(const auto newest, one(database, "SELECT idx FROM tile WHERE level = ? ORDER BY idx DESC LIMIT 1", level));
    const std::uint64_t there = newest ? *newest + 1 : 0;
    if (there != full)
        return broken(database, "level " + std::to_string(level) + " has " + std::to_string(there) + " tiles instead of " + std::to_string(full));
    return {};
}

/// ok when nothing is missing behind the first record but what was archived.
base::Status check_archive(store::Database& database, std::uint64_t size) {
    KMP_TRY(const std::uint64_t archived, archived_to(database));
    if (archived > 0 && archived >= size) return broken(database, "records up to " + std::to_string(archived) + " are archived, and it has " + std::to_string(size));
    KMP_TRY(const auto oldest, oldest_live(database));
    if (oldest.value_or(1) > std::max<std::uint64_t>(archived, 1)) return broken(database, "records before " + std::to_string(*oldest) + " are missing and were not archived");
    return {};
}

}  // namespace

store::Schema schema() noexcept { return {"audit", kMigrations}; }

base::Result<Journal> Journal::open(store::Database& database) {
    LogReader reader(database);
    KMP_TRY(const std::uint64_t size, reader.size());
    State state;
    KMP_TRY(const auto oldest, one(database, "SELECT idx FROM event ORDER BY idx LIMIT 1"));
    if (oldest.value_or(0) != 0) return broken(database, "its first records are missing");
    KMP_CHECK(check_archive(database, size));

    // Per level: the full tiles, then the hashes that do not fill one yet.
    unsigned level = 0;
    for (std::uint64_t hashes = size;; hashes /= kTileWidth, ++level) {
        KMP_CHECK(check_tiles(database, level, hashes / kTileWidth));
        std::vector<Digest> tail;
        for (std::uint64_t i = hashes / kTileWidth * kTileWidth; i < hashes; ++i) {
            KMP_TRY(const Digest hash, reader.node(level * kTileHeight, i));
            tail.push_back(hash);
        }
        state.tails.push_back(std::move(tail));
        if (hashes == 0) break;
    }
    KMP_TRY(state.frontier, frontier_at(reader, size));

    // The newest records, as far as no full tile covers them, must read well and their time must not fall.
    std::optional<base::Error> fault;
    KMP_CHECK(reader.read(size == 0 ? 0 : (size - 1) / kTileWidth * kTileWidth, size, [&](std::uint64_t index, base::ByteView body) {
        const auto record = Record::decode(body);
        if (!record)
            fault = broken(database, "record " + std::to_string(index) + ": " + record.error().message);
        else if (record->index() != index)
            fault = broken(database, "record " + std::to_string(index) + " says it is " + std::to_string(record->index()));
        else if (record->time() < state.last_time)
            fault = broken(database, "the time of record " + std::to_string(index) + " is before that of the one before it");
        else
            state.last_time = record->time();
        return !fault;
    }));
    if (fault) return *fault;
    return Journal(database, std::move(state));
}

base::Result<Receipt> Journal::append(store::Transaction& transaction, const Event& event, base::Millis now) {
    Receipt receipt;
    receipt.index = staged_.frontier.size();
    receipt.time = std::max(now, staged_.last_time);
    KMP_CHECK(event.encode_into(buffer_, receipt.index, receipt.time));
    KMP_TRY(const std::int64_t rows, transaction.run(kInsertEvent, receipt.index, receipt.time, event.type(), buffer_));
    if (rows != 1) return {Code::internal, "an audit record was not inserted"};
    receipt.leaf = leaf_hash(buffer_);
    dirty_ = true;
    KMP_CHECK(add_leaf(transaction, receipt.leaf));
    staged_.last_time = receipt.time;
    return receipt;
}

base::Status Journal::add_leaf(store::Transaction& transaction, const Digest& leaf) {
    const std::uint64_t index = staged_.frontier.size();
    base::Status done;
    staged_.tails[0].push_back(leaf);
    staged_.frontier.append(leaf, [&](unsigned height, const Digest& node) {
        if (height % kTileHeight != 0 || !done) return;
        const unsigned level = height / kTileHeight - 1;
        if (staged_.tails.size() == level + 1) staged_.tails.emplace_back();
        std::vector<Digest>& tail = staged_.tails[level];
        const base::ByteView hashes(tail.front().data(), tail.size() * sizeof(Digest));
        if (auto row = transaction.run(kInsertTile, level, index >> height, node, hashes); !row) done = row.error();
        tail.clear();
        staged_.tails[level + 1].push_back(node);
    });
    return done;
}

void Journal::committed() {
    if (dirty_) committed_ = staged_;
    dirty_ = false;
}

void Journal::rolled_back() {
    if (dirty_) staged_ = committed_;
    dirty_ = false;
}

}  // namespace audit
