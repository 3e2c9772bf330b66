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
    {3, "what is accepted of a rollback is what was looked at", R"(
        DROP TABLE accepted_rollback;
        CREATE TABLE accepted_contradiction (size INTEGER NOT NULL, root BLOB NOT NULL, PRIMARY KEY (size, root)) WITHOUT ROWID;
    )"},
};

base::Status root_of(base::ByteView bytes, audit::Digest& out, const std::string& what) {
    if (bytes.size() != out.size()) return {base::Code::tampered, "the row of " + what + " has no root of 32 bytes"};
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return {};
}

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
    KMP_CHECK(root_of(s.blob(1), out.held.root, "the witnessed log " + origin));
    out.note = s.text(2);
    out.time = s.integer(3);
    out.forgot = static_cast<std::uint64_t>(s.integer(4));
    return std::optional(std::move(out));
}

base::Result<std::set<Past::Contradiction>> accepted_contradictions(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT size, root FROM accepted_contradiction"));
    std::set<Past::Contradiction> out;
    for (;;) {
        KMP_TRY(const bool found, s.step());
        if (!found) return out;
        Past::Contradiction one{static_cast<std::uint64_t>(s.integer(0)), {}};
        KMP_CHECK(root_of(s.blob(1), one.root, "an accepted rollback"));
        out.insert(one);
    }
}

base::Status accept_contradiction(store::Transaction& t, const Past::Contradiction& accepted) {
    KMP_CHECK(t.run("INSERT OR IGNORE INTO accepted_contradiction VALUES (?,?)", accepted.size, accepted.root));
    return {};
}

}  // namespace kmp::service::tables
