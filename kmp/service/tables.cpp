#include "kmp/service/tables.h"

namespace kmp::service::tables {
namespace {

constexpr store::Migration kMigrations[] = {
    {1, "intents, imports of the sealed log, revocation lists", R"(
        CREATE TABLE intent (event INTEGER PRIMARY KEY NOT NULL, ukey TEXT NOT NULL, what TEXT NOT NULL);
        CREATE TABLE sealed_import (one INTEGER PRIMARY KEY CHECK (one = 1), chain BLOB NOT NULL);
        INSERT INTO sealed_import VALUES (1, x'');
        CREATE TABLE crl (number INTEGER PRIMARY KEY NOT NULL, der BLOB NOT NULL);
    )"},
    {2, "the cross certificate of the issuing key", R"(
        CREATE TABLE cross_certificate (one INTEGER PRIMARY KEY CHECK (one = 1), root BLOB NOT NULL, der BLOB NOT NULL);
    )"},
};

}  // namespace

store::Schema schema() noexcept { return {"service", kMigrations}; }

base::Status open_intent(store::Transaction& t, const Intent& i) {
    KMP_CHECK(t.run("INSERT INTO intent VALUES (?,?,?)", i.event, i.ukey, i.what));
    return {};
}

base::Status conclude_intent(store::Transaction& t, std::uint64_t event) {
    KMP_CHECK(t.run("DELETE FROM intent WHERE event = ?", event));
    return {};
}

base::Result<std::vector<Intent>> open_intents(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT event, ukey, what FROM intent ORDER BY event"));
    std::vector<Intent> out;
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) return out;
        out.push_back({static_cast<std::uint64_t>(s.integer(0)), std::string(s.text(1)), std::string(s.text(2))});
    }
}

base::Result<base::Bytes> imported_chain(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT chain FROM sealed_import"));
    KMP_TRY(const bool found, s.step());
    return found ? base::to_bytes(s.blob(0)) : base::Bytes{};
}

base::Status set_imported_chain(store::Transaction& t, const base::Digest& chain) {
    KMP_CHECK(t.run("UPDATE sealed_import SET chain = ? WHERE one = 1", chain));
    return {};
}

base::Status add_crl(store::Transaction& t, std::uint64_t number, base::ByteView der) {
    KMP_CHECK(t.run("INSERT INTO crl VALUES (?,?)", number, der));
    return {};
}

base::Result<StoredCrl> newest_crl(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT number, der FROM crl ORDER BY number DESC LIMIT 1"));
    KMP_TRY(const bool found, s.step());
    if (!found) return StoredCrl{};
    return StoredCrl{static_cast<std::uint64_t>(s.integer(0)), base::to_bytes(s.blob(1))};
}

base::Status set_cross_certificate(store::Transaction& t, const StoredCross& stored) {
    KMP_CHECK(t.run("INSERT OR REPLACE INTO cross_certificate VALUES (1,?,?)", stored.root, stored.cross));
    return {};
}

base::Result<StoredCross> cross_certificate(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT root, der FROM cross_certificate"));
    KMP_TRY(const bool found, s.step());
    if (!found) return StoredCross{};
    return StoredCross{base::to_bytes(s.blob(0)), base::to_bytes(s.blob(1))};
}

}  // namespace kmp::service::tables
