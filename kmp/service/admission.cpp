// How a client of kmp.sock gets its session: with a UKEY and its PIN, as a unix user that the grant names, or with a network account.
#include "kmp/service/stations.h"
#include "tokens/pin.h"

namespace kmp::service {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;
using wire::pb::StationReply;
using wire::pb::StationRequest;

base::Result<base::UkeySerial> Stations::which_ukey(const wire::pb::OpenSession& asked) const {
    const std::string& kind = asked.kind();
    if (!kind.empty() && kind != "user" && kind != "key") return {Code::invalid_argument, "kind: user or key, or empty"};
    if (!asked.ukey().empty()) return base::UkeySerial::parse(asked.ukey());
    const auto found = service_.plugged_in([&](const tokens::UkeyRecord& r) {
        return kind.empty() ? r.kind == model::UkeyKind::user || r.kind == model::UkeyKind::key : kind == model::name(r.kind);
    });
    if (found.size() > 1) return {Code::invalid_argument, "ukey: several UKEYs are plugged in; name one by its serial"};
    if (found.empty()) return {Code::token_removed, "ukey: no " + (kind.empty() ? std::string("user or key") : kind) + " UKEY is plugged in"};
    return found.front();
}

base::Result<tokens::Slot> Stations::usable(Books& books, const base::UkeySerial& serial) {
    const tokens::UkeyRecord* record = books.registry.find(serial);
    if (record == nullptr) return {Code::not_found, "ukey: UKEY " + serial.text() + " was not issued by this platform"};
    if (record->kind != model::UkeyKind::user && record->kind != model::UkeyKind::key)
        return {Code::denied, "kind: " + model::one(record->kind) + " opens no session here"};
    if (record->wrong_pins >= tokens::kMaxWrongPins)
        return {Code::pin_locked, "state: UKEY " + serial.text() + " is blocked after 10 wrong PINs; ask the officer to unblock it"};
    if (record->state != model::UkeyState::issued)
        return {Code::denied, "state: UKEY " + serial.text() + " is " + std::string(model::name(record->state)) + "; ask the officer"};
    if (service_.now() > record->not_after) return {Code::expired, "state: UKEY " + serial.text() + " expired on " + base::to_rfc3339(record->not_after) + "; ask the officer to renew it"};
    if (record->must_change_pin)
        return {Code::refused, "pin: the PIN of UKEY " + serial.text() + " must be changed before its first use: 'kmpctl ukey set-pin " + serial.text() + "'"};
    KMP_CHECK(check_grant(*record, books));
    return service_.bay().by_serial(serial);
}

void Stations::open_session(const Connection& connection, const StationRequest& request) {
    const std::uint64_t id = request.id();
    Event event(EventType::session_refused);
    const std::shared_ptr<Books> books = service_.books();
    if (!books) return refuse(connection, id, std::move(event), {Code::sealed, "the service is sealed; an administrator must unseal it"});
    if (!service_.failing().empty()) return refuse(connection, id, std::move(event), {Code::storage_failed, service_.failing()});
    if (!request.open_session().account().empty()) return open_account(connection, id, request.open_session());
    if (connection->peer().is_remote())
        return refuse(connection, id, std::move(event), {Code::denied, "account: over the network a session is opened with a network account, by its password or its certificate"});
    auto pins = connection->take_pins();
    auto serial = which_ukey(request.open_session());
    if (!serial) return refuse(connection, id, std::move(event), serial.error());
    event.text(Field::ukey, serial->text());
    auto slot = usable(*books, *serial);
    if (!slot) return refuse(connection, id, std::move(event), slot.error());
    const auto finish = [&](Proof proof) {
        return [this, connection, id, ukey = *serial, event, proof](base::Status status) mutable {
            if (!status) return refuse(connection, id, std::move(event), status.error());
            opened(connection, id, ukey, {}, proof);
        };
    };
    for (wire::PinEntry& entry : pins)
        if (entry.role == "ukey") return login_.open(*serial, std::move(entry.pin), connection->peer(), finish(Proof::pin));
    const auto& uids = books->registry.find(*serial)->grant->grant.uids;
    if (std::find(uids.begin(), uids.end(), connection->peer().uid) == uids.end())
        return refuse(connection, id, std::move(event), {Code::denied, "pin: UKEY " + serial->text() + " needs its PIN; enter it before OpenSession"});
    if (service_.custodian().opened(*serial) == slot->incarnation) return opened(connection, id, *serial, {}, Proof::user);
    login_.heal(*serial, finish(Proof::user));
}

void Stations::open_account(const Connection& connection, std::uint64_t id, const wire::pb::OpenSession& asked) {
    Event event(EventType::session_refused);
    const std::string& name = asked.account();
    if (auto good = model::check_account_name(name); !good) return refuse(connection, id, std::move(event), good.error());
    event.text(Field::account, name);
    if (!asked.ukey().empty()) return refuse(connection, id, std::move(event), {Code::invalid_argument, "account: name an account or a UKEY, not both"});
    auto pins = connection->take_pins();
    const auto password = std::find_if(pins.begin(), pins.end(), [](const wire::PinEntry& p) { return p.role == "account"; });
    if (password == pins.end()) return prove_key(connection, id, name, std::move(event));
    // The password first: nothing is said of an account, not even that there is one, to whoever does not know it.
    login_.prove(name, std::move(password->pin), connection->peer(), [this, connection, id, name, event](base::Status right) mutable {
        if (!right) return refuse(connection, id, std::move(event), right.error());
        admit(connection, id, name, Proof::password, std::move(event));
    });
}

void Stations::prove_key(const Connection& connection, std::uint64_t id, const std::string& name, Event event) {
    const std::optional<base::Digest>& key = connection->peer().key;
    const char* otherwise = connection->peer().is_remote() ? ", or prove the key of its certificate" : "";
    if (!key) return refuse(connection, id, std::move(event), {Code::denied, "pin: account " + name + " needs its password; enter it before OpenSession" + otherwise});
    event.bytes(Field::proven_key, *key);
    const Accounts& accounts = service_.books()->accounts;
    const auto found = accounts.find(name);
    // One answer for a wrong name and a wrong key. It is not counted: whoever has some key would lock out whoever has the right one.
    if (found == accounts.end() || !found->second.opened_by(*key))
        return refuse(connection, id, std::move(event), {Code::denied, "account: the name is wrong, or it is not the account of this certificate's key; ask the officer"});
    admit(connection, id, name, Proof::key, std::move(event));
}

void Stations::admit(const Connection& connection, std::uint64_t id, const std::string& name, Proof proof, Event event) {
    const auto no = [&](const base::Error& error) { refuse(connection, id, std::move(event), error); };
    const std::shared_ptr<Books> books = service_.books();
    const auto found = books ? books->accounts.find(name) : Accounts::iterator();
    if (!books || found == books->accounts.end()) return no({Code::sealed, "the service was sealed meanwhile"});
    const AccountRecord& record = found->second;
    const base::UkeySerial ukey = record.account.ukey;
    event.text(Field::ukey, ukey.text());
    if (auto genuine = check_account(record, *books); !genuine) return no(genuine.error());
    if (auto good = in_force(record, service_.now()); !good) return no(good.error());
    if (proof == Proof::password && record.must_change) return no({Code::refused, "password: the password of account " + name + " must be changed before its first use: 'kmpctl account passwd " + name + "'"});
    auto slot = usable(*books, ukey);
    if (!slot) return no(slot.error());
    if (service_.custodian().opened(ukey) == slot->incarnation) return opened(connection, id, ukey, name, proof);
    login_.heal(ukey, [this, connection, id, ukey, name, proof, event, proved = record.verifier](base::Status open) mutable {
        if (!open) return refuse(connection, id, std::move(event), open.error());
        // It took its time: a password that is not the account's any more opens nothing.
        const std::shared_ptr<Books> now = service_.books();
        const auto account = now ? now->accounts.find(name) : Accounts::iterator();
        if (now && proof == Proof::password && (account == now->accounts.end() || account->second.verifier != proved))
            return refuse(connection, id, std::move(event), {Code::denied, "password: account " + name + " was given another password meanwhile"});
        opened(connection, id, ukey, name, proof);
    });
}

void Stations::opened(const Connection& connection, std::uint64_t id, const base::UkeySerial& ukey, const std::string& account, Proof proof) {
    const std::shared_ptr<Books> books = service_.books();
    const tokens::UkeyRecord* record = books ? books->registry.find(ukey) : nullptr;
    Event refused(EventType::session_refused);
    refused.text(Field::account, account);
    if (record == nullptr) return refuse(connection, id, std::move(refused), {Code::sealed, "the service was sealed meanwhile"});
    refused.text(Field::ukey, ukey.text());
    // The PIN took its time: who was suspended, blocked or expired meanwhile gets no session.
    if (record->state != model::UkeyState::issued || record->must_change_pin) {
        service_.custodian().close(ukey);
        return refuse(connection, id, std::move(refused), {Code::denied, "state: UKEY " + ukey.text() + " is " + std::string(model::name(record->state)) + "; ask the officer"});
    }
    std::string holder = record->holder;
    if (const auto a = books->accounts.find(account); a != books->accounts.end()) {
        if (auto good = in_force(a->second, service_.now()); !good) return refuse(connection, id, std::move(refused), good.error());
        if (auto good = still_proves(a->second, proof, connection->peer()); !good) return refuse(connection, id, std::move(refused), good.error());
        holder = a->second.account.holder;
    }
    auto session = std::make_shared<Session>();
    session->number = service_.next_session();
    session->peer = connection->peer();
    session->ukey = ukey;
    session->account = account;
    session->proof = proof;
    session->incarnation = service_.custodian().opened(ukey);
    session->since = service_.now();
    const model::Grant& grant = record->grant->grant;
    Event event(EventType::session_opened);
    event.number(Field::session, session->number);
    session->peer.describe(event);
    event.text(Field::ukey, ukey.text()).text(Field::station, grant.station).number(Field::grant_number, grant.number).text(Field::holder, holder).text(Field::account, account);
    event.text(Field::proven_by, name(proof));
    if (proof == Proof::key) event.bytes(Field::proven_key, *session->peer.key);
    StationReply message;
    auto& o = *message.mutable_open_session();
    o.set_ukey(ukey.text());
    o.set_kind(std::string(model::name(record->kind)));
    o.set_station(grant.station);
    o.set_grant(grant.in_words());
    o.set_holder(holder);
    o.set_account(account);
    // What it proves itself with elsewhere: its own business, not an account's.
    if (const base::Bytes* own = record->certificate(pki::Profile::identity); own != nullptr && account.empty()) o.set_certificate(base::to_string(*own));
    Entry entry;
    entry.events.push_back(std::move(event));
    const base::Millis time = session->since;
    entry.effect = [ukey, time](store::Transaction& t, const audit::Receipt&) { return tokens::registry::set_last_used(t, ukey, time); };
    entry.done = [this, connection, books, session, time, message = std::move(message), sink = reply_to(connection, id, StationRequest::kOpenSession)](base::Result<audit::Receipt> receipt) mutable {
        if (!receipt) {
            service_.audit_failed(receipt.error());
            return sink(Reply::unlogged(receipt.error()));
        }
        books->applied(*receipt);
        if (tokens::UkeyRecord* used = books->registry.find(session->ukey)) used->last_used = time;
        service_.metrics().sessions_opened.add();
        if (connection->open()) {
            Client& client = clients_[connection->number()];
            if (client.session) end_session(client, "another session was opened");
            client.session = session;
            client.lost.reset();
            if (client.refused > 0) --client.refused;
            connection->prove();
        }
        sink(Reply::with(std::move(message), *receipt));
    };
    books->writer->submit(std::move(entry));
}

}  // namespace kmp::service
