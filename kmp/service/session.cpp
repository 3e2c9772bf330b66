#include "kmp/service/session.h"

namespace kmp::service {

using base::Code;

std::string_view name(Proof proof) noexcept {
    switch (proof) {
        case Proof::pin: return "pin";
        case Proof::user: return "user";
        case Proof::password: return "password";
        case Proof::key: return "key";
    }
    return "?";
}

base::Status still_proves(const AccountRecord& r, Proof proof, const Peer& peer) {
    if (r.changing) return {Code::busy, "session: account " + r.account.name + " is being bound to another certificate; try again"};
    if (proof == Proof::key ? peer.key && r.opened_by(*peer.key) : r.account.password) return {};
    return {Code::denied, "session: account " + r.account.name + " is not to be used in this way any more; ask the officer"};
}

base::Result<Caller> Caller::of(const std::shared_ptr<const Session>& session, Books& books, const tokens::Custodian& custodian, base::Millis now) {
    if (!session) return {Code::denied, "session: no session is open on this connection; send OpenSession first"};
    const tokens::UkeyRecord* record = books.registry.find(session->ukey);
    if (record == nullptr || !record->grant) return {Code::denied, "session: UKEY " + session->ukey.text() + " has no grant"};
    if (record->state != model::UkeyState::issued)
        return {Code::denied, "state: UKEY " + session->ukey.text() + " is " + std::string(model::name(record->state)) + "; ask the officer"};
    if (!session->account.empty()) {
        const auto account = books.accounts.find(session->account);
        if (account == books.accounts.end() || account->second.account.ukey != session->ukey) return {Code::denied, "session: account " + session->account + " has no such UKEY any more; ask the officer"};
        KMP_CHECK(in_force(account->second, now));
        KMP_CHECK(still_proves(account->second, session->proof, session->peer));
    }
    if (custodian.opened(session->ukey) != session->incarnation)
        return {Code::token_removed, "UKEY " + session->ukey.text() + " was pulled out; plug it in and open a session again"};
    Caller caller;
    caller.session_ = session;
    caller.record_ = record;
    return caller;
}

base::Result<Caller> Caller::asking(const std::shared_ptr<const Session>& session, Books& books, const tokens::Custodian& custodian, base::Millis now) {
    KMP_TRY(Caller caller, of(session, books, custodian, now));
    if (!session->ended.empty()) return {Code::denied, "session: it is over, " + session->ended + "; send OpenSession again"};
    return caller;
}

base::Status Caller::covers(model::Operation operation, model::MeterNumber meter) const {
    const model::Grant& g = grant();
    if ((g.operations & model::bit(operation)) == 0)
        return {Code::refused, "operation: UKEY " + record_->serial.text() + " may not " + std::string(model::name(operation))};
    for (const model::MeterRange& range : g.meters)
        if (range.first <= meter && meter <= range.last) return {};
    return {Code::refused, "meters: meter " + meter.text() + " is outside the ranges of UKEY " + record_->serial.text()};
}

void Caller::describe(audit::Event& event) const {
    using audit::Field;
    session_->peer.describe(event);
    event.number(Field::session, session_->number).text(Field::ukey, session_->ukey.text());
    event.text(Field::station, station()).text(Field::account, session_->account);
}

}  // namespace kmp::service
