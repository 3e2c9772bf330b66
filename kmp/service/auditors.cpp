#include "kmp/service/auditors.h"

#include <algorithm>

#include "kmp/service/frame_server.h"
#include "kmp/service/service.h"
#include "tokens/pin.h"

namespace kmp::service {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

base::Result<base::UkeySerial> Auditors::which(const std::string& asked) const {
    if (!asked.empty()) return base::UkeySerial::parse(asked);
    const auto found = service_.plugged_in([](const tokens::UkeyRecord& r) { return r.kind == model::UkeyKind::auditor; });
    if (found.size() > 1) return {Code::invalid_argument, "auditor: several auditor UKEYs are plugged in; name yours by its serial (kmpctl audit --auditor SERIAL)"};
    if (found.empty()) return {Code::token_removed, "auditor: no auditor UKEY is plugged in; insert yours"};
    return found.front();
}

base::Result<tokens::Slot> Auditors::usable(Books& books, const base::UkeySerial& ukey) const {
    const tokens::UkeyRecord* record = books.registry.find(ukey);
    const std::string who = "auditor UKEY " + ukey.text();
    if (record == nullptr) return {Code::not_found, "auditor: UKEY " + ukey.text() + " was not issued by this platform"};
    if (record->kind != model::UkeyKind::auditor) return {Code::denied, "kind: UKEY " + ukey.text() + " is " + model::one(record->kind) + "; the log is opened with an auditor UKEY"};
    if (record->wrong_pins >= tokens::kMaxWrongPins) return {Code::pin_locked, "state: " + who + " is blocked after 10 wrong PINs; ask the officer to unblock it"};
    if (record->state != model::UkeyState::issued) return {Code::denied, "state: " + who + " is " + std::string(model::name(record->state)) + "; ask the officer"};
    if (service_.now() > record->not_after) return {Code::expired, "state: " + who + " expired on " + base::to_rfc3339(record->not_after) + "; ask the officer to renew it"};
    if (record->must_change_pin) return {Code::refused, "pin: the PIN of " + who + " must be changed before its first use: 'kmpctl ukey set-pin " + ukey.text() + "'"};
    return service_.bay().by_serial(ukey);
}

void Auditors::begin(const std::shared_ptr<FrameConnection>& connection, const base::UkeySerial& ukey, std::uint64_t incarnation, std::function<void(base::Status)> done) {
    const std::shared_ptr<Books>& books = service_.books();
    if (!books) return done({Code::sealed, "the service was sealed meanwhile"});
    // The PIN took its time: checked in the turn in which the event is handed to the log, so that no change of its state stands before it there.
    const auto slot = usable(*books, ukey);
    if (!slot) return done(slot.error());
    if (slot->incarnation != incarnation) return done({Code::token_removed, "auditor UKEY " + ukey.text() + " was pulled out meanwhile; log in again"});
    if (const auto earlier = sessions_.find(connection->number()); earlier != sessions_.end() && earlier->second.over.empty())
        return done({Code::denied, "auditor: this connection is an auditor's already; log out first"});
    Session session{service_.next_session(), connection->peer(), ukey, incarnation, {}};
    service_.custodian().open(ukey, slot->channel, incarnation);
    Event opened(EventType::session_opened);
    session.peer.describe_actor(opened);
    opened.number(Field::session, session.number).text(Field::ukey, ukey.text()).value(Field::ukey_kind, model::UkeyKind::auditor).text(Field::holder, books->registry.find(ukey)->holder);
    opened.text(Field::proven_by, "pin");
    Entry entry;
    entry.events.push_back(std::move(opened));
    const base::Millis time = service_.now();
    entry.effect = [ukey, time](store::Transaction& t, const audit::Receipt&) { return tokens::registry::set_last_used(t, ukey, time); };
    entry.done = [this, books, connection, time, session = std::move(session), done = std::move(done)](base::Result<audit::Receipt> receipt) mutable {
        if (!receipt) {
            service_.audit_failed(receipt.error());
            return done(receipt.error());
        }
        books->applied(*receipt);
        if (tokens::UkeyRecord* used = books->registry.find(session.ukey)) used->last_used = time;
        const auto at = sessions_.insert_or_assign(connection->number(), std::move(session)).first;
        if (service_.custodian().opened(at->second.ukey) != at->second.incarnation) close(at->second, state_of(at->second.ukey));
        if (!connection->open()) (void)end(connection->number(), "the client has gone");
        done(check(connection->number()));
    };
    books->writer->submit(std::move(entry));
}

base::Status Auditors::check(std::uint64_t connection) const {
    const auto found = sessions_.find(connection);
    if (found == sessions_.end()) return {Code::denied, "session: this connection is no auditor's; log in with an auditor UKEY"};
    const Session& s = found->second;
    if (!s.over.empty()) return {Code::denied, "session: the auditor's session is over, " + s.over + "; log in again"};
    const tokens::UkeyRecord* record = service_.books() ? service_.books()->registry.find(s.ukey) : nullptr;
    const bool lives = record != nullptr && record->state == model::UkeyState::issued && service_.now() <= record->not_after && service_.custodian().opened(s.ukey) == s.incarnation;
    if (!lives) return {Code::denied, "session: the auditor's session is over, " + state_of(s.ukey) + "; log in again"};
    return {};
}

base::Status Auditors::end(std::uint64_t connection, std::string_view reason) {
    const auto found = sessions_.find(connection);
    if (found == sessions_.end()) return {Code::refused, "session: this connection is no auditor's; there is nothing to log out of"};
    if (found->second.over.empty()) close(found->second, reason);
    const base::UkeySerial ukey = found->second.ukey;
    sessions_.erase(found);
    if (uses(ukey) || service_.custodian().opened(ukey) == 0) return {};
    // Nobody has it open any more: the next one proves the PIN to the token itself.
    service_.custodian().close(ukey);
    if (const auto slot = service_.bay().by_serial(ukey)) {
        tokens::pb::HostRequest logout;
        logout.mutable_logout();
        slot->channel->call(std::move(logout), {}, service_.config().token_timeout, [](const base::Result<tokens::HostAnswer>&) {});
    }
    return {};
}

void Auditors::end_of(const base::UkeySerial& ukey) {
    for (auto& [connection, session] : sessions_)
        if (session.over.empty() && (ukey.empty() || session.ukey == ukey)) close(session, ukey.empty() ? "the service was sealed" : state_of(session.ukey));
}

bool Auditors::uses(const base::UkeySerial& ukey) const {
    return std::ranges::any_of(sessions_, [&](const auto& s) { return s.second.over.empty() && s.second.ukey == ukey; });
}

void Auditors::close(Session& session, std::string_view reason) {
    session.over = reason;
    Event closed(EventType::session_closed);
    session.peer.describe(closed);
    closed.number(Field::session, session.number).text(Field::ukey, session.ukey.text()).text(Field::reason, reason);
    service_.note(std::move(closed));
}

std::string Auditors::state_of(const base::UkeySerial& ukey) const {
    if (!service_.books()) return "the service was sealed";
    const tokens::UkeyRecord* record = service_.books()->registry.find(ukey);
    if (record != nullptr && record->state != model::UkeyState::issued) return "UKEY " + ukey.text() + " is " + std::string(model::name(record->state));
    if (record != nullptr && service_.now() > record->not_after) return "UKEY " + ukey.text() + " has expired";
    return "UKEY " + ukey.text() + " was pulled out";
}

}  // namespace kmp::service
