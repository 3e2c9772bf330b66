#include "tokens/registry.h"

#include <algorithm>

#include "base/secret.h"
#include "model/serial.h"

namespace tokens {
namespace {

using base::Code;

constexpr store::Migration kMigrations[] = {
    {1, "ukeys, grants and the masters they hold", R"(
        CREATE TABLE ukey (
            serial TEXT PRIMARY KEY NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL, holder TEXT NOT NULL,
            token_serial TEXT NOT NULL, issued INTEGER NOT NULL, not_after INTEGER NOT NULL, salt BLOB NOT NULL,
            sealed_so_pin BLOB NOT NULL, wrong_pins INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE certificate (
            ukey TEXT NOT NULL REFERENCES ukey(serial), name TEXT NOT NULL, der BLOB NOT NULL, PRIMARY KEY (ukey, name)) WITHOUT ROWID;
        CREATE TABLE signed_grant (
            ukey TEXT NOT NULL REFERENCES ukey(serial), number INTEGER NOT NULL, statement BLOB NOT NULL, signature BLOB NOT NULL,
            PRIMARY KEY (ukey, number)) WITHOUT ROWID;
        CREATE TABLE held_master (
            ukey TEXT NOT NULL REFERENCES ukey(serial), class INTEGER NOT NULL, state INTEGER NOT NULL, version INTEGER NOT NULL,
            PRIMARY KEY (ukey, class, state, version)) WITHOUT ROWID;
    )"},
    {2, "the quorum and its shares, approved grants, PINs to be changed, nonces", R"(
        ALTER TABLE ukey ADD COLUMN must_change_pin INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ukey ADD COLUMN nonce BLOB NOT NULL DEFAULT x'';
        ALTER TABLE ukey ADD COLUMN next_nonce BLOB NOT NULL DEFAULT x'';
        ALTER TABLE signed_grant ADD COLUMN officer TEXT NOT NULL DEFAULT '';
        ALTER TABLE signed_grant ADD COLUMN request BLOB NOT NULL DEFAULT x'';
        ALTER TABLE signed_grant ADD COLUMN votes BLOB NOT NULL DEFAULT x'';
        CREATE TABLE quorum (generation INTEGER PRIMARY KEY NOT NULL, statement BLOB NOT NULL, signature BLOB NOT NULL, secret BLOB NOT NULL);
        CREATE TABLE share (officer TEXT PRIMARY KEY NOT NULL, generation INTEGER NOT NULL, blob BLOB NOT NULL) WITHOUT ROWID;
    )"},
    {3, "the former secret of the officers, which one a master-control UKEY's PIN follows, and the database key sealed to it", R"(
        ALTER TABLE quorum ADD COLUMN former BLOB NOT NULL DEFAULT x'';
        ALTER TABLE ukey ADD COLUMN pin_generation INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ukey ADD COLUMN database_key BLOB NOT NULL DEFAULT x'';
    )"},
    {4, "when a UKEY was used last", "ALTER TABLE ukey ADD COLUMN last_used INTEGER NOT NULL DEFAULT 0;"},
};

base::Error unreadable(std::string_view what, const base::Error& why) {
    return {Code::tampered, "the registry holds " + std::string(what) + " that cannot be read: " + why.message};
}

base::Result<SignedGrant> read_grant(const store::Statement& s) {
    SignedGrant g;
    g.statement = base::to_bytes(s.blob(0));
    g.signature = base::to_bytes(s.blob(1));
    if (!s.text(2).empty()) {
        KMP_TRY(g.officer, base::UkeySerial::parse(s.text(2)));
    }
    g.request = base::to_bytes(s.blob(3));
    KMP_TRY(g.votes, model::decode_votes(s.blob(4)));
    KMP_TRY(g.grant, model::Grant::decode(g.statement));
    return g;
}

/// The newest, and, where an officer narrowed it, the newest that the master signed.
base::Status load_grants(store::Database& database, UkeyRecord& record) {
    KMP_TRY(auto s, database.query("SELECT statement, signature, officer, request, votes FROM signed_grant WHERE ukey = ? ORDER BY number DESC"));
    s.bind_all(record.serial.text());
    for (;;) {
        KMP_TRY(const bool found, s.step());
        if (!found) return {};
        auto grant = read_grant(s);
        if (!grant) return unreadable("a grant of UKEY " + record.serial.text(), grant.error());
        const bool whole = grant->officer.empty();
        if (!record.grant) record.grant = *grant;
        if (!whole) continue;
        if (!record.grant->officer.empty()) record.whole = std::move(*grant);
        return {};
    }
}

base::Status load_certificates(store::Database& database, UkeyRecord& record) {
    KMP_TRY(auto s, database.query("SELECT name, der FROM certificate WHERE ukey = ?"));
    s.bind_all(record.serial.text());
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) return {};
        record.certificates[std::string(s.text(0))] = base::to_bytes(s.blob(1));
    }
}

base::Status load_masters(store::Database& database, UkeyRecord& record) {
    KMP_TRY(auto s, database.query("SELECT class, state, version FROM held_master WHERE ukey = ? ORDER BY class, state, version"));
    s.bind_all(record.serial.text());
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) return {};
        MasterName m;
        KMP_TRY(m.key_class, model::key_class_from(static_cast<std::uint64_t>(s.integer(0))));
        KMP_TRY(m.state, model::key_state_from(static_cast<std::uint64_t>(s.integer(1))));
        m.version = static_cast<model::KeyVersion>(s.integer(2));
        record.masters.push_back(m);
    }
}

}  // namespace

const base::Bytes* UkeyRecord::certificate(pki::Profile of) const {
    const auto found = certificates.find(std::string(pki::name(of)));
    return found == certificates.end() ? nullptr : &found->second;
}

model::KeyVersion newest_held(const UkeyRecord& record) noexcept {
    model::KeyVersion out = 0;
    for (const MasterName& m : record.masters)
        if (m.state == model::KeyState::production) out = std::max(out, m.version);
    return out;
}

store::Schema schema() noexcept { return {"tokens", kMigrations}; }

namespace registry {

base::Status insert(store::Transaction& t, const UkeyRecord& r) {
    KMP_CHECK(t.run("INSERT INTO ukey VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", r.serial.text(), r.kind, r.state, r.holder, r.token_serial, r.issued,
                    r.not_after, r.salt, r.sealed_so_pin, r.wrong_pins, r.must_change_pin ? 1 : 0, r.nonce, r.next_nonce, r.pin_generation, r.database_key, r.last_used));
    return {};
}

base::Status set_state(store::Transaction& t, const base::UkeySerial& serial, model::UkeyState state) {
    KMP_CHECK(t.run("UPDATE ukey SET state = ? WHERE serial = ?", state, serial.text()));
    return {};
}

base::Status remove_blank(store::Transaction& t, const base::UkeySerial& serial) {
    KMP_CHECK(t.run("DELETE FROM ukey WHERE serial = ? AND state = ?", serial.text(), model::UkeyState::blank));
    return {};
}

base::Status set_wrong_pins(store::Transaction& t, const base::UkeySerial& serial, unsigned count) {
    KMP_CHECK(t.run("UPDATE ukey SET wrong_pins = ? WHERE serial = ?", count, serial.text()));
    return {};
}

base::Status set_issued(store::Transaction& t, const UkeyRecord& r) {
    KMP_CHECK(t.run("UPDATE ukey SET state = ?, holder = ?, token_serial = ?, issued = ?, not_after = ?, sealed_so_pin = ?, must_change_pin = ?, pin_generation = ?, database_key = ? WHERE serial = ?", r.state,
                    r.holder, r.token_serial, r.issued, r.not_after, r.sealed_so_pin, r.must_change_pin ? 1 : 0, r.pin_generation, r.database_key, r.serial.text()));
    for (const auto& [name, der] : r.certificates) KMP_CHECK(t.run("INSERT OR REPLACE INTO certificate VALUES (?,?,?)", r.serial.text(), name, der));
    if (r.grant) KMP_CHECK(add_grant(t, *r.grant));
    for (const MasterName& m : r.masters) KMP_CHECK(add_master(t, r.serial, m));
    return {};
}

base::Status add_grant(store::Transaction& t, const SignedGrant& g) {
    KMP_CHECK(t.run("INSERT OR IGNORE INTO signed_grant VALUES (?,?,?,?,?,?,?)", g.grant.ukey.text(), g.grant.number, g.statement, g.signature, g.officer.text(), g.request,
                    model::encode_votes(g.votes)));
    return {};
}

base::Status set_must_change_pin(store::Transaction& t, const base::UkeySerial& serial, bool must) {
    KMP_CHECK(t.run("UPDATE ukey SET must_change_pin = ? WHERE serial = ?", must ? 1 : 0, serial.text()));
    return {};
}

base::Status set_pin_generation(store::Transaction& t, const base::UkeySerial& serial, std::uint32_t generation) {
    KMP_CHECK(t.run("UPDATE ukey SET pin_generation = ? WHERE serial = ?", generation, serial.text()));
    return {};
}

base::Status set_nonces(store::Transaction& t, const base::UkeySerial& serial, base::ByteView nonce, base::ByteView next) {
    KMP_CHECK(t.run("UPDATE ukey SET nonce = ?, next_nonce = ? WHERE serial = ?", nonce, next, serial.text()));
    return {};
}

base::Status set_last_used(store::Transaction& t, const base::UkeySerial& serial, base::Millis time) {
    KMP_CHECK(t.run("UPDATE ukey SET last_used = ? WHERE serial = ?", time, serial.text()));
    return {};
}

base::Status set_sealed_so_pin(store::Transaction& t, const base::UkeySerial& serial, base::ByteView sealed) {
    KMP_CHECK(t.run("UPDATE ukey SET sealed_so_pin = ? WHERE serial = ?", sealed, serial.text()));
    return {};
}

base::Status remove_master(store::Transaction& t, const base::UkeySerial& serial, const MasterName& m) {
    KMP_CHECK(t.run("DELETE FROM held_master WHERE ukey = ? AND class = ? AND state = ? AND version = ?", serial.text(), m.key_class, m.state, m.version));
    return {};
}

base::Status add_quorum(store::Transaction& t, const SignedQuorum& q) {
    KMP_CHECK(t.run("INSERT INTO quorum VALUES (?,?,?,?,?)", q.quorum.generation, q.statement, q.signature, q.secret, q.former));
    return {};
}

base::Result<std::vector<SignedQuorum>> quorums(store::Database& database) {
    KMP_TRY(auto s, database.query("SELECT statement, signature, secret, former FROM quorum ORDER BY generation"));
    std::vector<SignedQuorum> out;
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) return out;
        SignedQuorum q;
        q.statement = base::to_bytes(s.blob(0));
        q.signature = base::to_bytes(s.blob(1));
        if (s.blob(2).size() == q.secret.size()) std::copy(s.blob(2).begin(), s.blob(2).end(), q.secret.begin());
        q.former = base::to_bytes(s.blob(3));
        auto quorum = model::Quorum::decode(q.statement);
        if (!quorum) return unreadable("a quorum", quorum.error());
        q.quorum = std::move(*quorum);
        out.push_back(std::move(q));
    }
}

base::Status put_share(store::Transaction& t, std::uint32_t generation, const base::UkeySerial& officer, base::ByteView blob) {
    KMP_CHECK(t.run("DELETE FROM share WHERE generation <> ?", generation));
    KMP_CHECK(t.run("INSERT OR REPLACE INTO share VALUES (?,?,?)", officer.text(), generation, blob));
    return {};
}

base::Result<base::Bytes> share(store::Database& database, std::uint32_t generation, const base::UkeySerial& officer) {
    KMP_TRY(auto s, database.query("SELECT blob FROM share WHERE officer = ? AND generation = ?"));
    s.bind_all(officer.text(), generation);
    KMP_TRY(const bool found, s.step());
    if (!found) return {Code::not_found, "there is no share of officer UKEY " + officer.text()};
    return base::to_bytes(s.blob(0));
}

base::Status add_master(store::Transaction& t, const base::UkeySerial& serial, const MasterName& m) {
    KMP_CHECK(t.run("INSERT OR IGNORE INTO held_master VALUES (?,?,?,?)", serial.text(), m.key_class, m.state, m.version));
    return {};
}

base::Result<std::vector<UkeyRecord>> load(store::Database& database) {
    std::vector<UkeyRecord> out;
    {
        KMP_TRY(auto s, database.query("SELECT serial, kind, state, holder, token_serial, issued, not_after, salt, sealed_so_pin, "
                                       "wrong_pins, must_change_pin, nonce, next_nonce, pin_generation, database_key, last_used FROM ukey"));
        for (;;) {
            KMP_TRY(const bool more, s.step());
            if (!more) break;
            UkeyRecord r;
            auto serial = base::UkeySerial::parse(s.text(0));
            auto kind = model::ukey_kind_from(static_cast<std::uint64_t>(s.integer(1)));
            auto state = model::ukey_state_from(static_cast<std::uint64_t>(s.integer(2)));
            if (!serial) return unreadable("a UKEY", serial.error());
            if (!kind) return unreadable("UKEY " + serial->text(), kind.error());
            if (!state) return unreadable("UKEY " + serial->text(), state.error());
            r.serial = *serial;
            r.kind = *kind;
            r.state = *state;
            r.holder = s.text(3);
            r.token_serial = s.text(4);
            r.issued = s.integer(5);
            r.not_after = s.integer(6);
            r.salt = base::to_bytes(s.blob(7));
            r.sealed_so_pin = base::to_bytes(s.blob(8));
            r.wrong_pins = static_cast<unsigned>(s.integer(9));
            r.must_change_pin = s.integer(10) != 0;
            r.nonce = base::to_bytes(s.blob(11));
            r.next_nonce = base::to_bytes(s.blob(12));
            r.pin_generation = static_cast<std::uint32_t>(s.integer(13));
            r.database_key = base::to_bytes(s.blob(14));
            r.last_used = s.integer(15);
            out.push_back(std::move(r));
        }
    }
    for (UkeyRecord& r : out) {
        KMP_CHECK(load_certificates(database, r));
        KMP_CHECK(load_grants(database, r));
        KMP_CHECK(load_masters(database, r));
    }
    return out;
}

}  // namespace registry

void Registry::assign(std::vector<UkeyRecord> records) {
    records_.clear();
    for (UkeyRecord& r : records) put(std::move(r));
}

UkeyRecord* Registry::find(const base::UkeySerial& serial) {
    const auto it = records_.find(serial);
    return it == records_.end() ? nullptr : &it->second;
}

UkeyRecord& Registry::put(UkeyRecord record) {
    const base::UkeySerial serial = record.serial;
    return records_[serial] = std::move(record);
}

std::vector<const UkeyRecord*> Registry::all() const {
    std::vector<const UkeyRecord*> out;
    for (const auto& [serial, record] : records_) out.push_back(&record);
    std::sort(out.begin(), out.end(), [](const UkeyRecord* a, const UkeyRecord* b) { return a->serial < b->serial; });
    return out;
}

base::UkeySerial make_serial(model::UkeyKind kind) {
    static_assert(model::kSerialLetters.size() == 32);
    std::string text;
    switch (kind) {
        case model::UkeyKind::master_control: text = "MC-"; break;
        case model::UkeyKind::officer: text = "OF-"; break;
        case model::UkeyKind::key: text = "KY-"; break;
        case model::UkeyKind::user: text = "US-"; break;
        case model::UkeyKind::auditor: text = "AU-"; break;
        case model::UkeyKind::platform: text = "PF-"; break;
    }
    base::Secret::random(model::kSerialRandom).reveal([&](base::ByteView r) {
        for (std::uint8_t b : r) text.push_back(model::kSerialLetters[b & 31]);
    });
    return base::UkeySerial::parse(text).value();
}

}  // namespace tokens
