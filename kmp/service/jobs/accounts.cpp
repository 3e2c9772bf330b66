// Network accounts: issued like a grant, used by name and password, or by name and key.
#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/password.h"
#include "tls/station_certificate.h"
#include "tokens/pin.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;
using model::AccountChange;

constexpr std::size_t kPage = 48 * 1024;

base::Result<AccountRecord> find_account(Job& job, Books& books, const std::string& name) {
    KMP_CHECK(model::check_account_name(name));
    return job.service.on_io([&]() -> base::Result<AccountRecord> {
        const auto found = books.accounts.find(name);
        if (found == books.accounts.end()) return {Code::not_found, "there is no account " + name + "; see 'kmpctl account list'"};
        return found->second;
    });
}

/// The UKEY that an account is to use, while it can be used; and the account's end, which is not beyond the UKEY's.
base::Status check_binding(Job& job, Books& books, const model::Account& account) {
    KMP_TRY(const tokens::UkeyRecord ukey, find_ukey(job, books, account.ukey.text()));
    if (ukey.kind != model::UkeyKind::user) return {Code::refused, "ukey: an account uses a user UKEY; " + ukey.serial.text() + " is " + model::one(ukey.kind)};
    if (ukey.state != model::UkeyState::issued) return {Code::refused, "ukey: UKEY " + ukey.serial.text() + " is " + std::string(model::name(ukey.state)) + "; an account needs one that is issued"};
    const base::Millis now = job.service.on_io([&] { return job.service.now(); });
    if (account.not_after <= now) return {Code::invalid_argument, "validity: the account would end on " + base::to_rfc3339(account.not_after) + ", which is past; give a later end"};
    if (account.not_after > ukey.not_after)
        return {Code::refused, "validity: UKEY " + ukey.serial.text() + " ends before that, on " + base::to_rfc3339(ukey.not_after) + "; renew it first, or choose an earlier end"};
    return {};
}

/// As it is kept: stretched with the account's salt, and peppered by the platform UKEY, so that no database alone tells whether a guess is right.
base::Result<base::Secret> verifier_of(Job& job, Books& books, const std::string& name, const base::Secret& password, base::ByteView salt) {
    KMP_TRY(base::Secret stretched, tokens::stretch(password, salt));
    KMP_TRY(tokens::Token platform, platform_token(job, books));
    return platform.pepper_account(name, std::move(stretched));
}

/// The password of role `account` takes the place of what the record has.
base::Status take_new_password(Job& job, Books& books, std::string_view role, AccountRecord& record) {
    KMP_TRY(const base::Secret password, job.take_pin(role));
    if (auto good = tokens::check_new_pin(password); !good) return std::move(good).error().in("password");
    record.salt = base::Secret::random(16).reveal([](base::ByteView r) { return base::to_bytes(r); });
    KMP_TRY(const base::Secret verifier, verifier_of(job, books, record.account.name, password, record.salt));
    record.verifier = verifier.reveal([](base::ByteView p) { return base::to_bytes(p); });
    record.wrong = 0;
    return {};
}

constexpr const char* kNoPassword = "none: by its certificate alone";

/// The key of a certificate that somebody sent, or none.
base::Result<base::Bytes> key_of(const std::string& certificate) {
    if (certificate.empty()) return base::Bytes();
    KMP_TRY(const base::Digest key, tls::station_key(base::as_bytes(certificate)));
    return base::to_bytes(key);
}

base::Status sign(Undertaking& u, AccountRecord& record) {
    record.statement = record.account.encode();
    KMP_TRY(record.signature, u.master.token().sign_statement("account", record.statement));
    record.request.clear();
    record.votes.clear();
    if (u.approved == nullptr) return {};
    record.request = u.approved->statement;
    record.votes = u.approved->votes;
    return {};
}

Event set_event(const Undertaking& u, const AccountRecord& r) {
    Event set(EventType::account_set);
    u.job.describe(set);
    set.text(Field::account, r.account.name).text(Field::ukey, r.account.ukey.text()).text(Field::holder, r.account.holder).time(Field::not_after, r.account.not_after);
    set.bytes(Field::account_statement, r.statement).bytes(Field::signature, r.signature);
    u.word.name(set);
    return set;
}

Event change_event(const Job& job, const AccountRecord& r, AccountChange change) {
    Event changed(EventType::account_state_changed);
    job.describe(changed);
    changed.text(Field::account, r.account.name).text(Field::ukey, r.account.ukey.text()).value(Field::account_change, change);
    return changed;
}

/// Thread: the I/O thread.
wire::pb::Account describe(Service& service, Books& books, const AccountRecord& r) {
    wire::pb::Account out;
    out.set_name(r.account.name);
    out.set_ukey(r.account.ukey.text());
    out.set_holder(r.account.holder);
    out.set_state(r.disabled ? "disabled" : service.now() > r.account.not_after ? "expired" : r.locked() ? "locked" : "active");
    out.set_not_after_ms(r.account.not_after);
    out.set_number(r.account.number);
    out.set_must_change_password(r.must_change);
    out.set_password(r.account.password);
    out.set_key(base::to_hex(r.account.key));
    out.set_wrong_passwords(r.wrong);
    out.set_sessions(static_cast<std::uint32_t>(service.count_account_sessions ? service.count_account_sessions(r.account.name) : 0));
    if (const tokens::UkeyRecord* ukey = books.registry.find(r.account.ukey)) out.set_ukey_state(std::string(model::name(ukey->state)));
    return out;
}

/// The reply of everything that changes an account.
wire::pb::AdminReply changed_reply(Job& job, Books& books, const std::string& name, const audit::Receipt& receipt) {
    wire::pb::AdminReply reply;
    auto& changed = *reply.mutable_account_add();
    *changed.mutable_account() = job.service.on_io([&] { return describe(job.service, books, books.accounts.at(name)); });
    fill(*changed.mutable_receipt(), receipt);
    return reply;
}

/// A new password took the place of the old one: what was opened with the old one ends.
void adopt_password(Job& job, Books& books, const AccountRecord& fresh) {
    job.service.on_io([&] {
        AccountRecord& r = books.accounts.at(fresh.account.name);
        r.salt = fresh.salt;
        r.verifier = fresh.verifier;
        r.wrong = 0;
        r.must_change = fresh.must_change;
        if (job.service.end_account_sessions) job.service.end_account_sessions(fresh.account.name, "the account has a new password");
    });
}

}  // namespace

// ---- issuing --------------------------------------------------------------------------------------------------------

base::Result<Plan> plan_account(Job& job, Books& books, const wire::pb::AccountAdd& request) {
    model::Account account;
    account.name = request.name();
    KMP_CHECK(model::check_account_name(account.name));
    KMP_CHECK(check_line(request.holder(), "holder", model::Account::kLongestHolder));
    if (job.service.on_io([&] { return books.accounts.contains(account.name); })) return {Code::already_exists, "there is an account " + account.name + " already; choose another name"};
    KMP_TRY(const tokens::UkeyRecord ukey, find_ukey(job, books, request.ukey()));
    account.ukey = ukey.serial;
    account.holder = request.holder();
    account.home = books.house.home;
    account.not_after = request.not_after_ms() != 0 ? request.not_after_ms() : ukey.not_after;
    account.number = 1;
    KMP_TRY(account.key, key_of(request.certificate()));
    account.password = account.key.empty() || request.with_password();
    KMP_CHECK(check_binding(job, books, account));
    KMP_CHECK(account.validate());
    return Plan{model::Deed::issue_account, {{"account", base::to_string(account.encode())}, {"name", account.name}, {"ukey", account.ukey.text()}, {"holder", account.holder},
                                             {"valid_until", base::to_rfc3339(account.not_after)}, {"password", account.password ? who_chose(request.holder_chose_password()) : kNoPassword}}};
}

base::Result<wire::pb::AdminReply> issue_account(Undertaking& u) {
    AccountRecord record;
    KMP_TRY(record.account, model::Account::decode(base::as_bytes(u.term("account"))));
    const std::string& name = record.account.name;
    if (u.job.service.on_io([&] { return u.books.accounts.contains(name); })) return {Code::already_exists, "there is an account " + name + " already; choose another name"};
    KMP_CHECK(check_binding(u.job, u.books, record.account));
    if (record.account.password) {
        KMP_CHECK(take_new_password(u.job, u.books, "account", record));
        record.must_change = u.term("password") != who_chose(true);
    }
    KMP_CHECK(sign(u, record));
    Entry entry = entry_of(set_event(u, record));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) { return accounts::insert(t, record); };
    KMP_TRY(const audit::Receipt receipt, u.books.writer->write(std::move(entry)));
    u.job.service.on_io([&] { u.books.accounts[name] = record; });
    return changed_reply(u.job, u.books, name, receipt);
}

// ---- a new statement ------------------------------------------------------------------------------------------------

base::Result<Plan> plan_account_enabling(Job& job, Books& books, const wire::pb::AccountEnable& request) {
    KMP_TRY(const AccountRecord record, find_account(job, books, request.name()));
    if (!record.disabled && request.not_after_ms() == 0) return {Code::refused, "account " + request.name() + " is not disabled; there is nothing to enable"};
    model::Account account = record.account;
    if (request.not_after_ms() != 0) account.not_after = request.not_after_ms();
    ++account.number;
    KMP_CHECK(check_binding(job, books, account));
    return Plan{model::Deed::enable_account, {{"account", base::to_string(account.encode())}, {"name", account.name}, {"ukey", account.ukey.text()}, {"holder", account.holder},
                                              {"valid_until", base::to_rfc3339(account.not_after)}}};
}

base::Result<wire::pb::AdminReply> enable_account(Undertaking& u) {
    KMP_TRY(const model::Account account, model::Account::decode(base::as_bytes(u.term("account"))));
    KMP_TRY(AccountRecord record, find_account(u.job, u.books, account.name));
    if (account.number != record.account.number + 1) return {Code::conflict, "account " + account.name + " was changed meanwhile; look at it and ask again"};
    KMP_CHECK(check_binding(u.job, u.books, account));
    record.account = account;
    KMP_CHECK(sign(u, record));
    Entry entry = entry_of(set_event(u, record));
    if (record.disabled) {
        entry.events.push_back(change_event(u.job, record, AccountChange::enable));
        u.word.name(entry.events.back());
    }
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) { return accounts::set_statement(t, record); };
    KMP_TRY(const audit::Receipt receipt, u.books.writer->write(std::move(entry)));
    u.job.service.on_io([&] {
        AccountRecord& r = u.books.accounts.at(account.name);
        r.account = record.account;
        r.statement = record.statement;
        r.signature = record.signature;
        r.request = record.request;
        r.votes = record.votes;
        r.disabled = false;
        r.over = false;
    });
    return changed_reply(u.job, u.books, account.name, receipt);
}

// ---- certificates ---------------------------------------------------------------------------------------------------

base::Result<Plan> plan_account_binding(Job& job, Books& books, const wire::pb::AccountBind& request) {
    KMP_TRY(const AccountRecord record, find_account(job, books, request.name()));
    const std::string who = "account " + request.name();
    // A new statement would put it in force again.
    if (record.disabled) return {Code::refused, who + " is disabled; enable it first"};
    model::Account account = record.account;
    KMP_TRY(account.key, key_of(request.certificate()));
    if (request.end_password()) account.password = false;
    if (account.key.empty() && !account.password) return {Code::refused, "certificate: " + who + " has no password, so it needs one; disable it if nobody is to use it"};
    if (account == record.account) return {Code::refused, "certificate: " + who + " has this key already; nothing was changed"};
    ++account.number;
    KMP_CHECK(check_binding(job, books, account));
    return Plan{model::Deed::bind_account, {{"account", base::to_string(account.encode())}, {"name", account.name}, {"ukey", account.ukey.text()}, {"holder", account.holder}}};
}

base::Result<wire::pb::AdminReply> bind_account(Undertaking& u) {
    KMP_TRY(const model::Account account, model::Account::decode(base::as_bytes(u.term("account"))));
    const std::string& name = account.name;
    KMP_TRY(AccountRecord record, find_account(u.job, u.books, name));
    if (account.number != record.account.number + 1 || record.disabled) return {Code::conflict, "account " + name + " was changed meanwhile; look at it and ask again"};
    KMP_CHECK(check_binding(u.job, u.books, account));
    record.account = account;
    if (!account.password) {
        record.salt.clear();
        record.verifier.clear();
        record.wrong = 0;
        record.must_change = false;
    }
    KMP_CHECK(sign(u, record));
    Entry entry = entry_of(set_event(u, record));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) -> base::Status {
        KMP_CHECK(accounts::set_statement(t, record));
        return account.password ? base::Status() : accounts::set_password(t, record);
    };
    const auto turn = [&](bool changing, bool done) {
        u.job.service.on_io([&] {
            AccountRecord& r = u.books.accounts.at(name);
            r.changing = changing;
            if (done) {
                record.over = r.over;
                r = record;
            }
            if (u.job.service.end_account_sessions) u.job.service.end_account_sessions(name, "the account has another certificate");
        });
    };
    // The old key goes before the new one comes: no session stands in the log behind a statement that does not allow it.
    turn(true, false);
    const auto receipt = u.books.writer->write(std::move(entry));
    turn(false, static_cast<bool>(receipt));
    if (!receipt) return receipt.error();
    return changed_reply(u.job, u.books, name, *receipt);
}

// ---- passwords ------------------------------------------------------------------------------------------------------

base::Result<Plan> plan_account_reset(Job& job, Books& books, const wire::pb::AccountReset& request) {
    KMP_TRY(const AccountRecord record, find_account(job, books, request.name()));
    if (!record.account.password) return {Code::refused, "account " + request.name() + " is used by its certificate alone, and is to have no password; for another certificate: 'kmpctl account certificate'"};
    return Plan{model::Deed::reset_account, {{"new_password_for", record.account.name}, {"ukey", record.account.ukey.text()}, {"holder", record.account.holder},
                                             {"password", who_chose(request.holder_chose_password())}}};
}

base::Result<wire::pb::AdminReply> reset_account(Undertaking& u) {
    KMP_TRY(AccountRecord record, find_account(u.job, u.books, u.term("new_password_for")));
    if (!record.account.password) return {Code::conflict, "account " + record.account.name + " has no password any more; nothing was changed"};
    KMP_CHECK(take_new_password(u.job, u.books, "account", record));
    record.must_change = u.term("password") != who_chose(true);
    Event reset = change_event(u.job, record, AccountChange::reset);
    u.word.name(reset);
    Entry entry = entry_of(std::move(reset));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) { return accounts::set_password(t, record); };
    KMP_TRY(const audit::Receipt receipt, u.books.writer->write(std::move(entry)));
    adopt_password(u.job, u.books, record);
    return changed_reply(u.job, u.books, record.account.name, receipt);
}

base::Result<wire::pb::AdminReply> change_password(Job& job, const wire::pb::AccountPasswd& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    const std::string& name = request.name();
    KMP_CHECK(model::check_account_name(name));
    KMP_TRY(const base::Secret old_password, job.take_pin("account"));
    for (const wire::PinEntry& entry : job.pins)
        if (entry.role == "fresh" && entry.pin.equals(old_password)) return {Code::invalid_argument, "new password: it is the old one"};
    // The old one is proved first, and counted when it is wrong.
    const base::Bytes salt = job.service.on_io([&] { return password_salt(*books, name); });
    KMP_TRY(const base::Secret verifier, verifier_of(job, *books, name, old_password, salt));
    JudgedPassword judged = job.service.on_io([&] { return judge_password(*books, name, verifier, job.peer); });
    if (judged.entry) KMP_CHECK(books->writer->write(std::move(*judged.entry)));
    KMP_CHECK(std::move(judged.answer));

    KMP_TRY(AccountRecord record, find_account(job, *books, name));
    KMP_CHECK(in_force(record, job.service.on_io([&] { return job.service.now(); })));
    KMP_CHECK(take_new_password(job, *books, "fresh", record));
    record.must_change = false;
    Entry entry = entry_of(change_event(job, record, AccountChange::change_password));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) { return accounts::set_password(t, record); };
    KMP_TRY(const audit::Receipt receipt, books->writer->write(std::move(entry)));
    adopt_password(job, *books, record);
    return changed_reply(job, *books, name, receipt);
}

// ---- disabling ------------------------------------------------------------------------------------------------------

base::Result<wire::pb::AdminReply> disable_account(Job& job, const wire::pb::AccountDisable& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_CHECK(check_reason(request.reason()));
    KMP_TRY(const AccountRecord record, find_account(job, *books, request.name()));
    if (record.disabled) return {Code::refused, "account " + request.name() + " is disabled already"};
    Event changed = change_event(job, record, AccountChange::disable);
    changed.text(Field::reason, request.reason());
    KMP_CHECK(sign_by_one_hand(job, *books, request.officer(), model::act_statement("disable-account", record.statement), changed));
    const auto set = [&](bool disabled) {
        job.service.on_io([&] {
            books->accounts.at(request.name()).disabled = disabled;
            if (disabled && job.service.end_account_sessions) job.service.end_account_sessions(request.name(), "the account was disabled");
        });
    };
    Entry entry = entry_of(std::move(changed));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) { return accounts::set_disabled(t, request.name()); };
    // It acts before it is durable: between the two nothing may pass.
    set(true);
    auto receipt = books->writer->write(std::move(entry));
    if (!receipt) {
        set(false);
        return std::move(receipt).error();
    }
    return changed_reply(job, *books, request.name(), *receipt);
}

// ---- looking --------------------------------------------------------------------------------------------------------

base::Result<wire::pb::AccountListReply> list_accounts(Job& job) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    const std::vector<wire::pb::Account> all = job.service.on_io([&] {
        std::vector<wire::pb::Account> out;
        for (const auto& [name, record] : books->accounts) out.push_back(describe(job.service, *books, record));
        return out;
    });
    wire::pb::AdminReply page;
    page.mutable_account_list();
    for (const wire::pb::Account& account : all) {
        if (page.account_list().accounts_size() > 0 && page.ByteSizeLong() + account.ByteSizeLong() > kPage) {
            if (!job.part(page)) return {Code::cancelled, "it was cancelled, or the client has gone"};
            page.mutable_account_list()->Clear();
        }
        *page.mutable_account_list()->add_accounts() = account;
    }
    return std::move(*page.mutable_account_list());
}

base::Result<wire::pb::AccountShowReply> show_account(Job& job, const wire::pb::AccountShow& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_TRY(const AccountRecord record, find_account(job, *books, request.name()));
    wire::pb::AccountShowReply out;
    *out.mutable_account() = job.service.on_io([&] { return describe(job.service, *books, record); });
    if (const auto genuine = check_account(record, *books); !genuine) out.mutable_account()->set_problem(genuine.error().message);
    return out;
}

}  // namespace kmp::service
