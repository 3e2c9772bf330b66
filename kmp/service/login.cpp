#include "kmp/service/login.h"

#include <asio/post.hpp>

#include "tokens/pin.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

}  // namespace

base::Status check_grant(const tokens::UkeyRecord& record, const House& house) {
    const std::string who = "grant: UKEY " + record.serial.text();
    if (!record.grant) return {Code::denied, who + " has no grant"};
    const tokens::SignedGrant& g = *record.grant;
    base::ByteWriter signed_bytes;
    signed_bytes.text("kmp/v1/grant");
    signed_bytes.u8(0);
    signed_bytes.bytes(g.statement);
    if (auto held = pki::verify_signature(house.anchor.spki(), signed_bytes.view(), g.signature); !held)
        return {Code::tampered, who + " has a grant that the master-control UKEY did not sign: the database was changed"};
    if (g.grant.encode() != g.statement || g.grant.ukey != record.serial || g.grant.kind != record.kind)
        return {Code::tampered, who + " has the grant of another UKEY"};
    if (g.grant.home != house.platform) return {Code::denied, who + " belongs to platform " + g.grant.home.text() + ", not to this one"};
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
                            service_.custodian().open(ukey, channel, incarnation);
                            tokens::UkeyRecord* record = books->registry.find(ukey);
                            if (record == nullptr || record->wrong_pins == 0) return done({});
                            record->wrong_pins = 0;
                            Entry entry;
                            entry.effect = [ukey](store::Transaction& t, const audit::Receipt&) { return tokens::registry::set_wrong_pins(t, ukey, 0); };
                            entry.done = [done](base::Result<audit::Receipt> r) { done(r ? base::Status() : base::Status(r.error())); };
                            books->writer->submit(std::move(entry));
                        });
}

void Login::wrong(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const Peer& peer, Done done) {
    tokens::UkeyRecord* record = books->registry.find(ukey);
    if (record == nullptr) return done({Code::not_found, "UKEY " + ukey.text() + " is gone"});
    const unsigned count = ++record->wrong_pins;
    const bool lock = count >= tokens::kMaxWrongPins && record->state == model::UkeyState::issued;
    Entry entry;
    Event failed(EventType::pin_failed);
    failed.text(Field::ukey, ukey.text()).number(Field::wrong_pins, count).number(Field::uid, peer.uid).number(Field::pid, static_cast<std::uint64_t>(peer.pid));
    entry.events.push_back(std::move(failed));
    if (lock) {
        record->state = model::UkeyState::blocked;
        Event locked(EventType::pin_locked);
        locked.text(Field::ukey, ukey.text()).number(Field::wrong_pins, count);
        entry.events.push_back(std::move(locked));
        Event changed(EventType::ukey_state_changed);
        changed.text(Field::ukey, ukey.text()).value(Field::action, model::UkeyAction::block);
        changed.value(Field::state_from, model::UkeyState::issued).value(Field::state_to, model::UkeyState::blocked);
        changed.text(Field::reason, "too many wrong PINs");
        entry.events.push_back(std::move(changed));
        service_.custodian().close(ukey);
        if (service_.end_sessions) service_.end_sessions(ukey);
    }
    entry.effect = [ukey, count, lock](store::Transaction& t, const audit::Receipt&) -> base::Status {
        KMP_CHECK(tokens::registry::set_wrong_pins(t, ukey, count));
        if (lock) KMP_CHECK(tokens::registry::set_state(t, ukey, model::UkeyState::blocked));
        return {};
    };
    const unsigned left = count >= tokens::kMaxWrongPins ? 0 : tokens::kMaxWrongPins - count;
    entry.done = [this, ukey, left, done](base::Result<audit::Receipt> r) {
        if (!r) {
            service_.audit_failed(r.error());
            return done(r.error());
        }
        done({Code::wrong_pin, "wrong PIN for UKEY " + ukey.text() + (left == 0 ? "; it is blocked now, ask the officer to unblock it" : "; " + std::to_string(left) + " tries left")});
    };
    books->writer->submit(std::move(entry));
}

}  // namespace kmp::service
