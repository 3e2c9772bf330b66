#include "kmp/service/login.h"

#include <asio/post.hpp>

#include "kmp/service/password.h"
#include "kmp/service/wrong_pin.h"
#include "tokens/pin.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

/// Passwords under way at once: their stretching takes one thread, and nobody fills its queue.
constexpr std::size_t kMostProofs = 32;

/// One officer may narrow; the signature must be an officer's, of whatever generation, and the grant no wider than the master's.
base::Status check_narrowed(const tokens::SignedGrant& g, const tokens::SignedGrant& whole, const Books& books, const std::string& who) {
    for (const tokens::SignedQuorum& q : books.quorums) {
        const model::Officer* officer = q.quorum.find(g.officer);
        if (officer == nullptr || !pki::verify_statement(officer->identity, "act", model::act_statement("narrow-grant", g.statement), g.signature)) continue;
        if (auto less = model::narrower(g.grant, whole.grant); !less) return std::move(less).error().in(who + " has a grant that an officer widened");
        return {};
    }
    return {Code::tampered, who + " has a grant that no officer signed: the database was changed"};
}

/// The mark that the token holds, as far as it is one that we know. Nothing: it holds another, or none where there should be one.
/// Empty: no mark was ever known to be on it.
std::optional<base::Bytes> known_mark(const tokens::UkeyRecord& record, const tokens::pb::NonceReply& on_token) {
    for (const std::string& value : on_token.values())
        for (const base::Bytes* known : {&record.next_nonce, &record.nonce})
            if (!known->empty() && base::as_text(*known) == value) return *known;
    if (record.nonce.empty()) return base::Bytes();
    return std::nullopt;
}

base::Bytes random_mark() {
    return base::Secret::random(16).reveal([](base::ByteView r) { return base::to_bytes(r); });
}

Entry suspect_copy(Books& books, const base::UkeySerial& ukey) {
    Entry entry;
    Event alarm(EventType::copy_suspected);
    alarm.text(Field::ukey, ukey.text()).text(Field::detail, "it does not hold the mark of its last login");
    entry.events.push_back(std::move(alarm));
    tokens::UkeyRecord* record = books.registry.find(ukey);
    if (record == nullptr || record->state != model::UkeyState::issued) return entry;
    record->state = model::UkeyState::suspended;
    Event changed(EventType::ukey_state_changed);
    changed.text(Field::ukey, ukey.text()).value(Field::ukey_kind, record->kind).value(Field::action, model::UkeyAction::suspend);
    changed.value(Field::state_from, model::UkeyState::issued).value(Field::state_to, model::UkeyState::suspended).text(Field::reason, "a copy is suspected");
    entry.events.push_back(std::move(changed));
    // Its mark starts afresh when an officer has found out which of the two is the right one, and resumed it.
    record->nonce.clear();
    record->next_nonce.clear();
    entry.effect = [ukey](store::Transaction& t, const audit::Receipt&) -> base::Status {
        KMP_CHECK(tokens::registry::set_nonces(t, ukey, {}, {}));
        return tokens::registry::set_state(t, ukey, model::UkeyState::suspended);
    };
    return entry;
}

}  // namespace

base::Status approved_by_officers(const Books& books, const std::string& term, base::ByteView statement, base::ByteView request_bytes, const std::vector<model::Vote>& votes) {
    if (books.house.first_quorum.empty()) return {};
    const base::Error not_approved{Code::tampered, "it was not approved by enough officers: the database was changed"};
    const auto request = model::ApprovalRequest::decode(request_bytes);
    if (!request || request->home != books.house.home || request->term(term) != base::as_text(statement)) return not_approved;
    const model::Quorum* quorum = books.quorum_of(request->generation);
    if (quorum == nullptr) return not_approved;
    std::vector<model::Vote> genuine;
    for (const model::Vote& v : votes) {
        const model::Officer* officer = quorum->find(v.officer);
        if (officer != nullptr && v.agrees && pki::verify_statement(officer->identity, "approval", model::vote_statement(request_bytes, true), v.signature)) genuine.push_back(v);
    }
    if (model::agreeing(genuine, *quorum) < quorum->needed) return not_approved;
    return {};
}

base::Status check_grant(const tokens::UkeyRecord& record, const Books& books) {
    const std::string who = "grant: UKEY " + record.serial.text();
    if (!record.grant) return {Code::denied, who + " has no grant"};
    const tokens::SignedGrant& newest = *record.grant;
    const tokens::SignedGrant* whole = newest.officer.empty() ? &newest : record.whole ? &*record.whole : nullptr;
    if (whole == nullptr) return {Code::tampered, who + " has a narrowed grant without the one it narrows"};
    if (!books.house.signed_by_master("grant", whole->statement, whole->signature))
        return {Code::tampered, who + " has a grant that the master-control UKEY did not sign: the database was changed"};
    if (auto agreed = approved_by_officers(books, "grant", whole->statement, whole->request, whole->votes); !agreed) return std::move(agreed).error().in(who);
    if (whole != &newest) KMP_CHECK(check_narrowed(newest, *whole, books, who));
    for (const tokens::SignedGrant* g : {whole, &newest}) {
        if (g->grant.encode() != g->statement || g->grant.ukey != record.serial || g->grant.kind != record.kind)
            return {Code::tampered, who + " has the grant of another UKEY"};
        if (g->grant.home != books.house.home) return {Code::denied, who + " belongs to platform " + g->grant.home.text() + ", not to this one"};
    }
    return {};
}

void Login::open(const base::UkeySerial& ukey, base::Secret pin, const Peer& peer, Done done) {
    const std::shared_ptr<Books> books = service_.books();
    if (!books) return done({Code::sealed, "the service is sealed; an administrator must unseal it"});
    const tokens::UkeyRecord* record = books->registry.find(ukey);
    if (record == nullptr) return done({Code::not_found, "UKEY " + ukey.text() + " was not issued by this platform"});
    if (record->wrong_pins >= tokens::kMaxWrongPins)
        return done({Code::pin_locked, "UKEY " + ukey.text() + " is blocked after 10 wrong PINs; ask the officer to unblock it"});
    if (!trying_.try_emplace(ukey, true).second) return done({Code::busy, "another PIN is being checked for UKEY " + ukey.text() + "; try again"});
    auto finish = [this, ukey, done = std::move(done)](base::Status status) {
        trying_.erase(ukey);
        done(std::move(status));
    };
    tokens::pb::PepperFor whose;
    whose.set_ukey(ukey.text());
    derive(std::move(pin), record->salt, std::move(whose), [this, books, ukey, peer, finish](base::Result<base::Secret> peppered) {
        if (!peppered) return finish(peppered.error());
        enter(books, ukey, tokens::as_token_pin(*peppered), [this, books, ukey, peer, finish] { wrong(books, ukey, peer, finish); }, finish);
    });
}

void Login::derive(base::Secret typed, base::Bytes salt, tokens::pb::PepperFor whose, Derived then) {
    asio::post(service_.stretcher(), [this, typed = std::make_shared<base::Secret>(std::move(typed)), salt = std::move(salt), whose = std::move(whose), then = std::move(then)] {
        auto stretched = std::make_shared<base::Result<base::Secret>>(tokens::stretch(*typed, salt));
        typed->wipe();
        service_.post([this, stretched, whose, then] {
            if (!*stretched) return then(std::move(*stretched));
            pepper(std::move(**stretched), whose, then);
        });
    });
}

void Login::pepper(base::Secret stretched, tokens::pb::PepperFor whose, Derived then) {
    const std::shared_ptr<Books>& books = service_.books();
    if (!books) return then(base::Error{Code::sealed, "the service was sealed meanwhile"});
    auto platform = service_.bay().by_serial(books->house.platform);
    if (!platform) return then(std::move(platform).error().in("the PIN needs the platform UKEY"));
    tokens::pb::HostRequest request;
    *request.mutable_pepper() = std::move(whose);
    std::vector<tokens::RoleSecret> secrets;
    secrets.push_back({tokens::pb::STRETCHED, std::move(stretched)});
    platform->channel->call(std::move(request), std::move(secrets), service_.config().token_timeout, [then](base::Result<tokens::HostAnswer> answer) {
        if (!answer) return then(answer.error());
        then(tokens::host::take_secret(answer->secrets, tokens::pb::PEPPERED));
    });
}

void Login::heal(const base::UkeySerial& ukey, Done done) {
    const std::shared_ptr<Books> books = service_.books();
    if (!books) return done({Code::sealed, "the service is sealed; an administrator must unseal it"});
    const auto kept = books->attended.find(ukey);
    if (kept == books->attended.end())
        return done({Code::denied, "pin: UKEY " + ukey.text() + " is not open; somebody must enter its PIN once, or have it kept: 'kmpctl ukey attend " + ukey.text() + "'"});
    auto& waiting = healing_[ukey];
    waiting.push_back(std::move(done));
    if (waiting.size() > 1) return;
    const auto tell = [this, ukey](base::Status status) {
        for (const Done& each : std::exchange(healing_[ukey], {})) each(status ? base::Status() : base::Status(status.error()));
    };
    if (!trying_.try_emplace(ukey, true).second) return tell({Code::busy, "a PIN is being checked for UKEY " + ukey.text() + "; try again"});
    const auto finish = [this, ukey, tell](base::Status status) {
        trying_.erase(ukey);
        tell(std::move(status));
    };
    auto platform = service_.bay().by_serial(books->house.platform);
    if (!platform) return finish(std::move(platform).error().in("the kept PIN needs the platform UKEY"));
    tokens::pb::HostRequest request;
    request.mutable_open_pin()->set_ukey(ukey.text());
    request.mutable_open_pin()->set_blob(base::to_string(kept->second));
    platform->channel->call(std::move(request), {}, service_.config().token_timeout, [this, books, ukey, finish](base::Result<tokens::HostAnswer> answer) {
        if (!answer && answer.error().code == Code::key_invalid)
            return finish({Code::tampered, "pin: what is kept for UKEY " + ukey.text() + " is not its PIN: the database was changed; have it kept anew: 'kmpctl ukey attend " + ukey.text() + "'"});
        if (!answer) return finish(answer.error());
        auto pin = tokens::host::take_secret(answer->secrets, tokens::pb::USER_PIN);
        if (!pin) return finish(pin.error());
        enter(books, ukey, std::move(*pin), [this, books, ukey, finish] { forget_kept(books, ukey, finish); }, finish);
    });
}

void Login::forget_kept(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, Done done) {
    // Nobody typed it: it is not counted, or every login would bring an honest UKEY closer to its blocking.
    books->attended.erase(ukey);
    Entry entry;
    Event forgotten(EventType::ukey_attended);
    forgotten.text(Field::ukey, ukey.text()).flag(Field::attended, false).text(Field::detail, "what was kept is not its PIN any more");
    entry.events.push_back(std::move(forgotten));
    entry.effect = [ukey](store::Transaction& t, const audit::Receipt&) { return accounts::remove_attended(t, ukey); };
    write(books, std::move(entry),
          {Code::denied, "pin: the PIN of UKEY " + ukey.text() + " is not the one that was kept; somebody must enter it once, or have it kept anew: 'kmpctl ukey attend " + ukey.text() + "'"}, std::move(done));
}

void Login::write(const std::shared_ptr<Books>& books, Entry entry, base::Status answer, Done done) {
    auto kept = std::make_shared<base::Status>(std::move(answer));
    entry.done = [this, kept, done = std::move(done)](base::Result<audit::Receipt> r) {
        if (r) return done(std::move(*kept));
        service_.audit_failed(r.error());
        done(r.error());
    };
    books->writer->submit(std::move(entry));
}

void Login::prove(const std::string& account, base::Secret password, const Peer& peer, Done done) {
    const std::shared_ptr<Books> books = service_.books();
    if (!books) return done({Code::sealed, "the service is sealed; an administrator must unseal it"});
    if (proving_.size() >= kMostProofs) return done({Code::busy, "many passwords are being checked just now; try again"});
    if (!proving_.insert(account).second) return done({Code::busy, "another password is being checked for this account; try again"});
    auto finish = [this, account, done = std::move(done)](base::Status status) {
        proving_.erase(account);
        done(std::move(status));
    };
    tokens::pb::PepperFor whose;
    whose.set_account(account);
    derive(std::move(password), password_salt(*books, account), std::move(whose), [this, books, account, peer, finish](base::Result<base::Secret> peppered) {
        if (!peppered) return finish(peppered.error());
        if (books != service_.books()) return finish({Code::sealed, "the service was sealed meanwhile"});
        JudgedPassword judged = judge_password(*books, account, *peppered, peer);
        if (!judged.entry) return finish(std::move(judged.answer));
        write(books, std::move(*judged.entry), std::move(judged.answer), finish);
    });
}

void Login::enter(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, base::Secret token_pin, std::function<void()> on_wrong, Done done) {
    auto slot = service_.bay().by_serial(ukey);
    if (!slot) return done(slot.error());
    tokens::pb::HostRequest request;
    request.mutable_login();
    std::vector<tokens::RoleSecret> secrets;
    secrets.push_back({tokens::pb::USER_PIN, std::move(token_pin)});
    slot->channel->call(std::move(request), std::move(secrets), service_.config().token_timeout,
                        [this, books, ukey, on_wrong, done, channel = slot->channel, incarnation = slot->incarnation](base::Result<tokens::HostAnswer> answer) {
                            if (books != service_.books()) return done({Code::sealed, "the service was sealed meanwhile"});
                            if (!answer && answer.error().code == Code::wrong_pin) return on_wrong();
                            if (!answer) return done(answer.error());
                            auto accept = [this, books, ukey, channel, incarnation, done] { accepted(books, ukey, channel, incarnation, done); };
                            if (service_.custodian().opened(ukey) == incarnation) return accept();  // open already: its mark was renewed then
                            check_mark(books, ukey, channel, [accept, done](base::Status genuine) { genuine ? accept() : done(std::move(genuine)); });
                        });
}

void Login::accepted(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const std::shared_ptr<tokens::HostChannel>& channel, std::uint64_t incarnation, Done done) {
    service_.custodian().open(ukey, channel, incarnation);
    std::optional<Entry> entry = forget_wrong_pins(*books, ukey);
    if (!entry) return done({});
    entry->done = [done](base::Result<audit::Receipt> r) { done(r ? base::Status() : base::Status(r.error())); };
    books->writer->submit(std::move(*entry));
}

void Login::check_mark(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const std::shared_ptr<tokens::HostChannel>& channel, Done done) {
    tokens::pb::HostRequest read;
    read.mutable_nonce();
    channel->call(std::move(read), {}, service_.config().token_timeout, [this, books, ukey, channel, done](base::Result<tokens::HostAnswer> answer) {
        if (!answer) return done(answer.error());
        if (books != service_.books()) return done({Code::sealed, "the service was sealed meanwhile"});
        tokens::UkeyRecord* record = books->registry.find(ukey);
        if (record == nullptr) return done({Code::not_found, "UKEY " + ukey.text() + " is gone"});
        auto mark = known_mark(*record, answer->reply.nonce());
        if (!mark) return copied(books, ukey, channel, done);
        // Both marks are kept until the token has the new one: a pull or a crash in between makes no copy of an honest UKEY.
        const base::Bytes fresh = random_mark();
        record->nonce = std::move(*mark);
        record->next_nonce = fresh;
        write_marks(books, ukey, record->nonce, fresh, [this, books, ukey, channel, fresh, done](base::Status written) {
            if (!written) return done(std::move(written));
            tokens::pb::HostRequest renew;
            renew.mutable_nonce()->set_fresh(base::to_string(fresh));
            channel->call(std::move(renew), {}, service_.config().token_timeout, [this, books, ukey, fresh, done](base::Result<tokens::HostAnswer> renewed) {
                if (!renewed) return done(renewed.error());
                const tokens::UkeyRecord* known = books->registry.find(ukey);
                // A token that held marks and takes none any more is not waved through: that would end the watch for copies.
                if (!renewed->reply.nonce().held() && known != nullptr && !known->nonce.empty())
                    return done({Code::token_failed, "mark: UKEY " + ukey.text() + " did not take the mark of this login; plug it in again, or ask the officer"});
                const base::Bytes held = renewed->reply.nonce().held() ? fresh : base::Bytes();
                if (tokens::UkeyRecord* r = books->registry.find(ukey)) {
                    r->nonce = held;
                    r->next_nonce.clear();
                }
                write_marks(books, ukey, held, {}, done);
            });
        });
    });
}

void Login::write_marks(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const base::Bytes& mark, const base::Bytes& next, Done done) {
    Entry entry;
    entry.effect = [ukey, mark, next](store::Transaction& t, const audit::Receipt&) { return tokens::registry::set_nonces(t, ukey, mark, next); };
    entry.done = [this, done](base::Result<audit::Receipt> r) {
        if (!r) service_.audit_failed(r.error());
        done(r ? base::Status() : base::Status(r.error()));
    };
    books->writer->submit(std::move(entry));
}

void Login::copied(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const std::shared_ptr<tokens::HostChannel>& channel, Done done) {
    tokens::pb::HostRequest logout;
    logout.mutable_logout();
    channel->call(std::move(logout), {}, service_.config().token_timeout, [](base::Result<tokens::HostAnswer>) {});
    service_.end_use(ukey);
    Entry entry = suspect_copy(*books, ukey);
    entry.done = [this, ukey, done](base::Result<audit::Receipt> r) {
        if (!r) {
            service_.audit_failed(r.error());
            return done(r.error());
        }
        done({Code::tampered, "copy: UKEY " + ukey.text() + " does not hold the mark of its last login, so there are two of it; it is suspended, ask the officer"});
    };
    books->writer->submit(std::move(entry));
}

void Login::wrong(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const Peer& peer, Done done) {
    auto counted = count_wrong_pin(service_, *books, ukey, peer);
    if (!counted) return done(counted.error());
    write(books, std::move(counted->entry), std::move(counted->answer), done);
}

}  // namespace kmp::service
