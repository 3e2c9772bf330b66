#include "kmp/service/witness_tables.h"

#include <algorithm>

namespace kmp::service::tables {
namespace {

constexpr store::Migration kMigrations[] = {
    {1, "logs that are witnessed, rollbacks that were accepted", R"(
        CREATE TABLE witnessed (
            origin TEXT PRIMARY KEY NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL, time INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE accepted_rollback (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL);
    )"},
    {2, "what was forgotten of a witnessed log is forgotten once", R"(
        ALTER TABLE witnessed ADD COLUMN forgot INTEGER NOT NULL DEFAULT 0;
    )"},
};

}  // namespace

store::Schema witness_schema() noexcept { return {"witness", kMigrations}; }

base::Status put_witnessed(store::Transaction& t, const WitnessedLog& log) {
    KMP_CHECK(t.run("INSERT OR REPLACE INTO witnessed VALUES (?,?,?,?,?,?)", log.origin, log.held.size, log.held.root, log.note, log.time, log.forgot));
    return {};
}

base::Result<std::optional<WitnessedLog>> witnessed(store::Database& database, const std::string& origin) {
    KMP_TRY(auto s, database.query("SELECT size, root, note, time, forgot FROM witnessed WHERE origin = ?"));
    s.bind(1, origin);
    KMP_TRY(const bool found, s.step());
    if (!found) return std::optional<WitnessedLog>();
    WitnessedLog out;
    out.origin = origin;
    out.held.size = static_cast<std::uint64_t>(s.integer(0));
    const base::ByteView root = s.blob(1);
    if (root.size() != out.held.root.size()) return {base::Code::tampered, "the row of the witnessed log " + origin + " has no root of 32 bytes"};
    std::copy(root.begin(), root.end(), out.held.root.begin());
    out.note = s.text(2);
    out.time = s.integer(3);
    out.forgot = static_cast<std::uint64_t>(s.integer(4));
    return std::optional(std::move(out));
}

base::Result<std::uint64_t> accepted_rollback(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT size FROM accepted_rollback"));
    KMP_TRY(const bool found, s.step());
    return found ? static_cast<std::uint64_t>(s.integer(0)) : 0;
}

base::Status accept_rollback(store::Transaction& t, std::uint64_t size) {
    KMP_CHECK(t.run("INSERT OR REPLACE INTO accepted_rollback VALUES (1,?)", size));
    return {};
}

}  // namespace kmp::service::tables
