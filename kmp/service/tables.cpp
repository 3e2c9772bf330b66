#include "kmp/service/tables.h"

#include "audit/types.h"

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
    {3, "requests for approval and the votes on them", R"(
        CREATE TABLE request (number INTEGER PRIMARY KEY NOT NULL, statement BLOB NOT NULL, closed INTEGER NOT NULL, outcome TEXT NOT NULL);
        CREATE TABLE vote (
            request INTEGER NOT NULL REFERENCES request(number), officer TEXT NOT NULL, agrees INTEGER NOT NULL, signature BLOB NOT NULL,
            PRIMARY KEY (request, officer)) WITHOUT ROWID;
    )"},
    {4, "network accounts, and PINs of UKEYs that open by themselves", R"(
        CREATE TABLE account (
            name TEXT PRIMARY KEY NOT NULL, statement BLOB NOT NULL, signature BLOB NOT NULL, request BLOB NOT NULL, votes BLOB NOT NULL,
            salt BLOB NOT NULL, verifier BLOB NOT NULL, wrong INTEGER NOT NULL, must_change INTEGER NOT NULL, disabled INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE attended (ukey TEXT PRIMARY KEY NOT NULL, pin BLOB NOT NULL) WITHOUT ROWID;
    )"},
    {5, "revocation lists by their issuer", R"(
        ALTER TABLE crl ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
    )"},
    {6, "key sets by the classes that were rotated", R"(
        CREATE TABLE key_set (version INTEGER PRIMARY KEY NOT NULL, classes INTEGER NOT NULL);
    )"},
    {7, "platform UKEYs that took another's place", R"(
        CREATE TABLE platform (event INTEGER PRIMARY KEY NOT NULL, ukey TEXT NOT NULL, certificate BLOB NOT NULL, statement BLOB NOT NULL, signature BLOB NOT NULL);
    )"},
    {8, "how long events are kept", R"(
        CREATE TABLE retention (number INTEGER PRIMARY KEY NOT NULL, statement BLOB NOT NULL, signature BLOB NOT NULL, request BLOB NOT NULL, votes BLOB NOT NULL);
    )"},
    // 69: backups of before this table was kept.
    {9, "when the last backup was made", R"(
        CREATE TABLE last_backup (one INTEGER PRIMARY KEY CHECK (one = 1), made INTEGER NOT NULL);
        INSERT INTO last_backup SELECT 1, coalesce(max(at), 0) FROM event WHERE type = 69;
    )"},
};

}  // namespace

static_assert(static_cast<int>(audit::EventType::backup_made) == 69);

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

base::Status set_last_backup(store::Transaction& t, base::Millis made) {
    KMP_CHECK(t.run("UPDATE last_backup SET made = ? WHERE one = 1", made));
    return {};
}

base::Result<base::Millis> last_backup(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT made FROM last_backup"));
    KMP_TRY(const bool found, s.step());
    return found ? s.integer(0) : 0;
}

base::Status set_imported_chain(store::Transaction& t, const base::Digest& chain) {
    KMP_CHECK(t.run("UPDATE sealed_import SET chain = ? WHERE one = 1", chain));
    return {};
}

base::Status add_crl(store::Transaction& t, const base::UkeySerial& issuer, std::uint64_t number, base::ByteView der) {
    KMP_CHECK(t.run("INSERT INTO crl VALUES (?,?,?)", number, der, issuer.text()));
    return {};
}

base::Result<std::vector<base::Bytes>> newest_crls(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT der FROM crl WHERE number IN (SELECT max(number) FROM crl GROUP BY issuer) ORDER BY number"));
    std::vector<base::Bytes> out;
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) return out;
        out.push_back(base::to_bytes(s.blob(0)));
    }
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

base::Status add_key_set(store::Transaction& t, model::KeyVersion version, model::ClassSet classes) {
    KMP_CHECK(t.run("INSERT INTO key_set VALUES (?,?)", version, classes));
    return {};
}

base::Result<std::map<model::KeyVersion, model::ClassSet>> key_sets(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT version, classes FROM key_set ORDER BY version"));
    std::map<model::KeyVersion, model::ClassSet> out;
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) return out;
        out[static_cast<model::KeyVersion>(s.integer(0))] = static_cast<model::ClassSet>(s.integer(1));
    }
}

base::Status add_platform(store::Transaction& t, const Platform& p) {
    KMP_CHECK(t.run("INSERT INTO platform VALUES (?,?,?,?,?)", p.event, p.ukey.text(), p.certificate, p.statement, p.signature));
    return {};
}

base::Result<std::vector<Platform>> platforms(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT event, ukey, certificate, statement, signature FROM platform ORDER BY event"));
    std::vector<Platform> out;
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) return out;
        Platform p;
        p.event = static_cast<std::uint64_t>(s.integer(0));
        KMP_TRY(p.ukey, base::UkeySerial::parse(s.text(1)));
        p.certificate = base::to_bytes(s.blob(2));
        p.statement = base::to_bytes(s.blob(3));
        p.signature = base::to_bytes(s.blob(4));
        out.push_back(std::move(p));
    }
}

base::Status add_request(store::Transaction& t, const StoredRequest& r) {
    KMP_CHECK(t.run("INSERT INTO request VALUES (?,?,?,?)", r.request.number, r.statement, static_cast<int>(r.closed), r.outcome));
    return {};
}

base::Status close_request(store::Transaction& t, std::uint64_t number, Closed closed, std::string_view outcome) {
    KMP_CHECK(t.run("UPDATE request SET closed = ?, outcome = ? WHERE number = ?", static_cast<int>(closed), std::string(outcome), number));
    return {};
}

base::Status put_vote(store::Transaction& t, std::uint64_t request, const model::Vote& v) {
    KMP_CHECK(t.run("INSERT OR REPLACE INTO vote VALUES (?,?,?,?)", request, v.officer.text(), v.agrees ? 1 : 0, v.signature));
    return {};
}

base::Result<std::vector<StoredRequest>> requests(store::Database& database) {
    std::vector<StoredRequest> out;
    KMP_TRY(auto s, database.query("SELECT statement, closed, outcome FROM request ORDER BY number"));
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) break;
        StoredRequest r;
        r.statement = base::to_bytes(s.blob(0));
        r.closed = static_cast<Closed>(s.integer(1));
        r.outcome = s.text(2);
        auto request = model::ApprovalRequest::decode(r.statement);
        if (!request) return base::Error{base::Code::tampered, "a stored request cannot be read: " + request.error().message};
        r.request = std::move(*request);
        out.push_back(std::move(r));
    }
    for (StoredRequest& r : out) {
        KMP_TRY(auto v, database.query("SELECT officer, agrees, signature FROM vote WHERE request = ? ORDER BY officer"));
        v.bind_all(r.request.number);
        for (;;) {
            KMP_TRY(const bool more, v.step());
            if (!more) break;
            model::Vote vote;
            KMP_TRY(vote.officer, base::UkeySerial::parse(v.text(0)));
            vote.agrees = v.integer(1) != 0;
            vote.signature = base::to_bytes(v.blob(2));
            r.votes.push_back(std::move(vote));
        }
    }
    return out;
}

}  // namespace kmp::service::tables
