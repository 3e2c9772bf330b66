#include "kmp/service/accounts.h"

#include "kmp/service/books.h"
#include "kmp/service/login.h"
#include "tokens/pin.h"

namespace kmp::service {

using base::Code;

bool AccountRecord::locked() const noexcept { return wrong >= tokens::kMaxWrongPins; }
bool AccountRecord::opened_by(const base::Digest& key) const noexcept { return !account.key.empty() && base::equal_constant_time(account.key, key); }

base::Status check_account(const AccountRecord& r, const Books& books) {
    const std::string who = "account: " + r.account.name;
    if (!books.house.signed_by_master("account", r.statement, r.signature))
        return {Code::tampered, who + " has a statement that the master-control UKEY did not sign: the database was changed"};
    if (auto agreed = approved_by_officers(books, "account", r.statement, r.request, r.votes); !agreed) return std::move(agreed).error().in(who);
    if (r.account.encode() != r.statement) return {Code::tampered, who + " has the statement of another account: the database was changed"};
    if (r.account.home != books.house.home) return {Code::denied, who + " belongs to platform " + r.account.home.text() + ", not to this one"};
    return {};
}

base::Status in_force(const AccountRecord& r, base::Millis now) {
    if (r.disabled) return {Code::denied, "state: account " + r.account.name + " is disabled; ask the officer"};
    if (now > r.account.not_after) return {Code::expired, "state: account " + r.account.name + " expired on " + base::to_rfc3339(r.account.not_after) + "; ask the officer for a new end"};
    return {};
}

namespace accounts {

base::Status insert(store::Transaction& t, const AccountRecord& r) {
    KMP_CHECK(t.run("INSERT INTO account VALUES (?,?,?,?,?,?,?,?,?,?)", r.account.name, r.statement, r.signature, r.request, model::encode_votes(r.votes), r.salt, r.verifier, r.wrong,
                    r.must_change ? 1 : 0, r.disabled ? 1 : 0));
    return {};
}

base::Status set_statement(store::Transaction& t, const AccountRecord& r) {
    KMP_CHECK(t.run("UPDATE account SET statement = ?, signature = ?, request = ?, votes = ?, disabled = 0 WHERE name = ?", r.statement, r.signature, r.request, model::encode_votes(r.votes),
                    r.account.name));
    return {};
}

base::Status set_password(store::Transaction& t, const AccountRecord& r) {
    KMP_CHECK(t.run("UPDATE account SET salt = ?, verifier = ?, wrong = 0, must_change = ? WHERE name = ?", r.salt, r.verifier, r.must_change ? 1 : 0, r.account.name));
    return {};
}

base::Status set_wrong(store::Transaction& t, const std::string& name, unsigned count) {
    KMP_CHECK(t.run("UPDATE account SET wrong = ? WHERE name = ?", count, name));
    return {};
}

base::Status set_disabled(store::Transaction& t, const std::string& name) {
    KMP_CHECK(t.run("UPDATE account SET disabled = 1 WHERE name = ?", name));
    return {};
}

base::Result<Accounts> load(store::Database& database) {
    Accounts out;
    KMP_TRY(auto s, database.query("SELECT name, statement, signature, request, votes, salt, verifier, wrong, must_change, disabled FROM account"));
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) return out;
        AccountRecord r;
        const std::string name(s.text(0));
        r.statement = base::to_bytes(s.blob(1));
        auto account = model::Account::decode(r.statement);
        if (!account || account->name != name) return base::Error{Code::tampered, "the statement of account " + name + " in the database is not its own: " + (account ? "it is of " + account->name : account.error().message)};
        r.account = std::move(*account);
        r.signature = base::to_bytes(s.blob(2));
        r.request = base::to_bytes(s.blob(3));
        KMP_TRY(r.votes, model::decode_votes(s.blob(4)));
        r.salt = base::to_bytes(s.blob(5));
        r.verifier = base::to_bytes(s.blob(6));
        r.wrong = static_cast<unsigned>(s.integer(7));
        r.must_change = s.integer(8) != 0;
        r.disabled = s.integer(9) != 0;
        out.emplace(name, std::move(r));
    }
}

base::Status put_attended(store::Transaction& t, const base::UkeySerial& ukey, base::ByteView sealed) {
    KMP_CHECK(t.run("INSERT OR REPLACE INTO attended VALUES (?,?)", ukey.text(), sealed));
    return {};
}

base::Status remove_attended(store::Transaction& t, const base::UkeySerial& ukey) {
    KMP_CHECK(t.run("DELETE FROM attended WHERE ukey = ?", ukey.text()));
    return {};
}

base::Result<Attended> attended(store::Database& database) {
    Attended out;
    KMP_TRY(auto s, database.query("SELECT ukey, pin FROM attended"));
    for (;;) {
        KMP_TRY(const bool more, s.step());
        if (!more) return out;
        KMP_TRY(const base::UkeySerial ukey, base::UkeySerial::parse(s.text(0)));
        out.emplace(ukey, base::to_bytes(s.blob(1)));
    }
}

}  // namespace accounts
}  // namespace kmp::service
