#include "kmp/service/login.h"

#include <asio/post.hpp>

#include "kmp/service/wrong_pin.h"
#include "tokens/pin.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

/// Where there are officers, K of them must have agreed to just this grant. The database is not believed.
base::Status approved_by_officers(const tokens::SignedGrant& g, const Books& books) {
    if (books.house.first_quorum.empty()) return {};
    const base::Error not_approved{Code::tampered, "it was not approved by enough officers: the database was changed"};
    const auto request = model::ApprovalRequest::decode(g.request);
    if (!request || request->home != books.house.platform || request->term("grant") != base::as_text(g.statement)) return not_approved;
    const model::Quorum* quorum = books.quorum_of(request->generation);
    if (quorum == nullptr) return not_approved;
    std::vector<model::Vote> genuine;
    for (const model::Vote& v : g.votes) {
        const model::Officer* officer = quorum->find(v.officer);
        if (officer != nullptr && v.agrees && pki::verify_statement(officer->identity, "approval", model::vote_statement(g.request, true), v.signature)) genuine.push_back(v);
    }
    if (model::agreeing(genuine, *quorum) < quorum->needed) return not_approved;
    return {};
}

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

base::Status check_grant(const tokens::UkeyRecord& record, const Books& books) {
    const std::string who = "grant: UKEY " + record.serial.text();
    if (!record.grant) return {Code::denied, who + " has no grant"};
    const tokens::SignedGrant& newest = *record.grant;
    const tokens::SignedGrant* whole = newest.officer.empty() ? &newest : record.whole ? &*record.whole : nullptr;
    if (whole == nullptr) return {Code::tampered, who + " has a narrowed grant without the one it narrows"};
    if (!pki::verify_statement(books.house.anchor.spki(), "grant", whole->statement, whole->signature))
        return {Code::tampered, who + " has a grant that the master-control UKEY did not sign: the database was changed"};
    if (auto agreed = approved_by_officers(*whole, books); !agreed) return std::move(agreed).error().in(who);
    if (whole != &newest) KMP_CHECK(check_narrowed(newest, *whole, books, who));
    for (const tokens::SignedGrant* g : {whole, &newest}) {
        if (g->grant.encode() != g->statement || g->grant.ukey != record.serial || g->grant.kind != record.kind)
            return {Code::tampered, who + " has the grant of another UKEY"};
        if (g->grant.home != books.house.platform) return {Code::denied, who + " belongs to platform " + g->grant.home.text() + ", not to this one"};
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
    asio::post(service_.stretcher(), [this, books, ukey, pin = std::make_shared<base::Secret>(std::move(pin)), salt = record->salt, peer, finish] {
        auto stretched = std::make_shared<base::Result<base::Secret>>(tokens::stretch(*pin, salt));
        pin->wipe();
        service_.post([this, books, ukey, stretched, peer, finish] {
            if (!*stretched) return finish(stretched->error());
            pepper(books, ukey, std::move(**stretched), peer, finish);
        });
    });
}

void Login::pepper(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, base::Secret stretched, const Peer& peer, Done done) {
    auto platform = service_.bay().by_serial(books->house.platform);
    if (!platform) return done(std::move(platform).error().in("the PIN needs the platform UKEY"));
    tokens::pb::HostRequest request;
    request.mutable_pepper()->set_ukey(ukey.text());
    std::vector<tokens::RoleSecret> secrets;
    secrets.push_back({tokens::pb::STRETCHED, std::move(stretched)});
    platform->channel->call(std::move(request), std::move(secrets), service_.config().token_timeout,
                            [this, books, ukey, peer, done](base::Result<tokens::HostAnswer> answer) {
                                if (!answer) return done(answer.error());
                                auto peppered = tokens::host::take_secret(answer->secrets, tokens::pb::PEPPERED);
                                if (!peppered) return done(peppered.error());
                                enter(books, ukey, tokens::as_token_pin(*peppered), peer, done);
                            });
}

void Login::enter(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, base::Secret token_pin, const Peer& peer, Done done) {
    auto slot = service_.bay().by_serial(ukey);
    if (!slot) return done(slot.error());
    tokens::pb::HostRequest request;
    request.mutable_login();
    std::vector<tokens::RoleSecret> secrets;
    secrets.push_back({tokens::pb::USER_PIN, std::move(token_pin)});
    slot->channel->call(std::move(request), std::move(secrets), service_.config().token_timeout,
                        [this, books, ukey, peer, done, channel = slot->channel, incarnation = slot->incarnation](base::Result<tokens::HostAnswer> answer) {
                            if (books != service_.books()) return done({Code::sealed, "the service was sealed meanwhile"});
                            if (!answer && answer.error().code == Code::wrong_pin) return wrong(books, ukey, peer, done);
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
    counted->entry.done = [this, answer = std::move(counted->answer), done](base::Result<audit::Receipt> r) {
        if (r) return done(answer);
        service_.audit_failed(r.error());
        done(r.error());
    };
    books->writer->submit(std::move(counted->entry));
}

}  // namespace kmp::service
