#include "audit/search_index.h"

#include <unistd.h>

#include <algorithm>

#include "base/version.h"
#include "store/migration.h"
#include "store/transaction.h"

namespace audit {
namespace {

using base::Code;

constexpr int kFormat = 1;

constexpr store::Migration kMigrations[] = {
    {1, "segments and their blocks", R"(
CREATE TABLE maker(id INTEGER PRIMARY KEY CHECK(id = 1), vocabulary BLOB NOT NULL);
CREATE TABLE segment(id INTEGER PRIMARY KEY, root BLOB NOT NULL, first_block INTEGER NOT NULL, blocks INTEGER NOT NULL, directory BLOB NOT NULL);
CREATE TABLE block(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
)"},
};
constexpr store::Schema kSchema{"search", kMigrations};

/// Of all that makes the words of an event what they are: with another, the index leads elsewhere.
base::Digest vocabulary() {
    base::ByteWriter out;
    out.u32(kFormat);
    out.sized16(base::kVersion);
    for (const TypeInfo& t : all_types()) {
        out.sized16(t.name);
        out.sized16(t.sentence);
    }
    for (const FieldInfo& f : all_fields()) {
        out.sized16(f.name);
        out.u8(static_cast<std::uint8_t>(f.kind));
    }
    return base::sha256(out.view());
}

base::Error damaged(const store::Database& database, const std::string& what) {
    return {Code::tampered, "search index " + database.path() + ": " + what + " is missing or not what was written"};
}

}  // namespace

void remove_search_index(const std::string& path) noexcept {
    for (const char* suffix : {"-wal", "-shm", "-journal", ""}) (void)::unlink((path + suffix).c_str());
}

base::Result<SearchIndex> SearchIndex::create(const std::string& path, const base::Secret& key) {
    remove_search_index(path);
    KMP_TRY(store::Database database, store::Database::open(path, key, store::Mode::create));
    KMP_CHECK(store::migrate(database, std::span(&kSchema, 1)));
    KMP_TRY(store::Transaction transaction, database.begin());
    KMP_CHECK(transaction.run("INSERT INTO maker(id, vocabulary) VALUES(1, ?)", base::ByteView(vocabulary())));
    KMP_CHECK(transaction.commit());
    return SearchIndex(std::move(database));
}

base::Result<SearchIndex> SearchIndex::open(const std::string& path, const base::Secret& key, store::Mode mode) {
    KMP_TRY(store::Database database, store::Database::open(path, key, mode));
    {
        KMP_TRY(store::Statement row, database.query("SELECT vocabulary FROM maker"));
        KMP_TRY(const bool found, row.step());
        if (!found || !std::ranges::equal(row.blob(0), vocabulary())) return {Code::conflict, "search index " + path + ": another version of this program made it"};
    }
    return SearchIndex(std::move(database));
}

base::Result<bool> SearchIndex::check(LogReader& log) {
    KMP_TRY(const Extent there, extent());
    std::uint64_t good = there.first;
    for (bool same = true; good < there.end; ++good) {
        KMP_TRY(store::Statement row, database_->query("SELECT root FROM segment WHERE id = ?"));
        row.bind_all(good);
        KMP_TRY(const bool found, row.step());
        if (!found) return damaged(*database_, "segment " + std::to_string(good));
        const auto node = log.node(kSegmentHeight, good);
        same = node && std::ranges::equal(row.blob(0), *node);
        if (!same) break;
    }
    if (good == there.end) return true;
    KMP_CHECK(cut("id >= ?", good));
    return false;
}

base::Status SearchIndex::cut(std::string_view which, std::uint64_t at) {
    KMP_TRY(store::Transaction transaction, database_->begin());
    const std::string segments(which);
    KMP_CHECK(transaction.run("DELETE FROM block WHERE EXISTS(SELECT 1 FROM segment s WHERE s." + segments + " AND block.id >= s.first_block AND block.id < s.first_block + s.blocks)", at));
    KMP_CHECK(transaction.run("DELETE FROM segment WHERE " + segments, at));
    return transaction.commit();
}

base::Status SearchIndex::drop_below(std::uint64_t first) { return cut("id < ?", first); }

base::Result<SearchIndex::Extent> SearchIndex::extent() {
    Extent out;
    KMP_TRY(store::Statement oldest, database_->query("SELECT id FROM segment ORDER BY id LIMIT 1"));
    KMP_TRY(const bool any, oldest.step());
    if (!any) return out;
    KMP_TRY(store::Statement newest, database_->query("SELECT id FROM segment ORDER BY id DESC LIMIT 1"));
    KMP_TRY(const bool found, newest.step());
    if (!found) return damaged(*database_, "the newest segment");
    out.first = static_cast<std::uint64_t>(oldest.integer(0));
    out.end = static_cast<std::uint64_t>(newest.integer(0)) + 1;
    return out;
}

base::Status SearchIndex::append(std::uint64_t number, const Digest& root, const IndexedSegment& segment) {
    KMP_TRY(const Extent there, extent());
    if (there.end > there.first && number != there.end) return {Code::internal, "segment " + std::to_string(number) + " does not follow on those in the search index"};
    KMP_TRY(store::Transaction transaction, database_->begin());
    std::uint64_t next = 1;
    {
        KMP_TRY(store::Statement newest, transaction.statement("SELECT first_block + blocks FROM segment ORDER BY id DESC LIMIT 1"));
        KMP_TRY(const bool any, newest.step());
        if (any) next = static_cast<std::uint64_t>(newest.integer(0));
    }
    KMP_CHECK(transaction.run("INSERT INTO segment(id, root, first_block, blocks, directory) VALUES(?,?,?,?,?)", number, base::ByteView(root), next, segment.blocks.size(),
                              base::ByteView(segment.directory)));
    for (const base::Bytes& block : segment.blocks) KMP_CHECK(transaction.run("INSERT INTO block(id, bytes) VALUES(?,?)", next++, base::ByteView(block)));
    return transaction.commit();
}

base::Status SearchIndex::add_range(std::uint64_t first_block, const std::vector<std::string>& directory, const TermRange& range, SegmentSet& into) {
    // The block that may hold the first of them is the last one that does not begin behind it.
    auto at = std::ranges::upper_bound(directory, range.first);
    if (at != directory.begin()) --at;
    for (bool more = true; more && at != directory.end() && *at < range.end; ++at) {
        const auto number = first_block + static_cast<std::uint64_t>(at - directory.begin());
        KMP_TRY(store::Statement row, database_->query("SELECT bytes FROM block WHERE id = ?"));
        row.bind_all(number);
        KMP_TRY(const bool found, row.step());
        if (!found) return damaged(*database_, "block " + std::to_string(number));
        KMP_TRY(more, read_block(row.blob(0), range, into));
    }
    return {};
}

base::Result<SegmentSet> SearchIndex::look_up(std::uint64_t number, const std::vector<TermClause>& plan) {
    KMP_TRY(store::Statement row, database_->query("SELECT first_block, blocks, directory FROM segment WHERE id = ?"));
    row.bind_all(number);
    KMP_TRY(const bool found, row.step());
    if (!found) return damaged(*database_, "segment " + std::to_string(number));
    const auto first_block = static_cast<std::uint64_t>(row.integer(0));
    KMP_TRY(const std::vector<std::string> directory, read_directory(row.blob(2)));
    if (directory.size() != static_cast<std::uint64_t>(row.integer(1))) return damaged(*database_, "the directory of segment " + std::to_string(number));
    SegmentSet out;
    bool first = true;
    for (const TermClause& clause : plan) {
        SegmentSet any;
        for (const TermRange& range : clause) KMP_CHECK(add_range(first_block, directory, range, any));
        if (first) out = any;
        else out.keep(any);
        first = false;
        if (out.empty()) break;
    }
    return out;
}

}  // namespace audit
