#include "kmp/service/stations.h"

#include "kmp/service/greeting.h"
#include "kmp/service/tls_identity.h"
#include "kmp/service/tls_listener.h"
#include "kmp/service/unix_listener.h"
#include "tokens/pin.h"
#include "wire/failure.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;
using wire::pb::StationReply;
using wire::pb::StationRequest;

constexpr int kMaxBatchOrders = 256;
constexpr std::string_view kBatch = "order_batch";  // as the log calls it
constexpr unsigned kMaxRemoteLogins = 3;  // of one connection: each costs the service a stretched password

}  // namespace

/// The orders of one request on their walks.
struct Stations::Batch {
    Connection connection;
    std::uint64_t id = 0;
    std::vector<wire::pb::Order> orders;
    std::vector<std::size_t> next;  ///< the next order of the same meter; 0: none
    std::size_t left = 0;
    wire::pb::OrderBatchReply reply;
    std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
};

Stations::Stations(Service& service) : service_(service), login_(service), walk_(service) {
    service_.end_sessions = [this](const base::UkeySerial& ukey) {
        // Before the log is closed: refusals that wait for others wait no longer.
        if (ukey.empty()) walk_.denials().flush_all();
        for (auto& [number, client] : clients_)
            if (client.session && (ukey.empty() || client.session->ukey == ukey)) end_session(client, ukey.empty() ? "the service was sealed" : "the UKEY is not open any more");
    };
    service_.end_account_sessions = [this](const std::string& account, std::string_view reason) {
        for (auto& [number, client] : clients_)
            if (client.session && client.session->account == account) end_session(client, reason);
    };
    service_.count_account_sessions = [this](const std::string& account) {
        return static_cast<std::size_t>(std::count_if(clients_.begin(), clients_.end(), [&](const auto& c) { return c.second.session && c.second.session->account == account; }));
    };
    service_.count_sessions = [this] {
        std::size_t n = 0;
        for (const auto& [number, client] : clients_) n += client.session ? 1 : 0;
        return n;
    };
    service_.station_load = [this] {
        return Service::StationLoad{server_ ? server_->connections() : 0, network_ ? network_->connections() : 0, walk_.under_way(), walk_.denials().waiting()};
    };
    service_.on_reload.push_back([this](const Config& config) { adopt(config); });
}

void Stations::adopt(const Config& config) {
    if (server_) server_->set_limits(config.max_connections, config.idle_timeout, std::nullopt);
    if (network_) network_->set_limits(config.network_max_connections, config.idle_timeout, config.network_login_timeout);
    if (tls_ != nullptr) tls_->set_limits(config.network_max_connections, config.network_max_per_address, config.network_handshake_timeout);
}

base::Status Stations::listen(asio::io_context& io, PassedSockets& passed) {
    const Config& config = service_.config();
    FrameServerOptions options;
    options.max_connections = config.max_connections;
    options.idle_timeout = config.idle_timeout;
    options.metrics = &service_.metrics().stations;
    FrameHandlers handlers;
    handlers.on_message = [this](const Connection& c, base::ByteView m) { take(c, m); };
    handlers.on_broken = [this](const Connection& c, const base::Error& e) { broken(c, e); };
    handlers.on_closed = [this](const Connection& c) {
        const auto it = clients_.find(c->number());
        if (it == clients_.end()) return;
        if (it->second.session) end_session(it->second, "the client has gone");
        clients_.erase(it);
    };
    handlers.on_full = [this](const Peer& peer) { service_.lines().say("clients beyond max_connections", peer.text() + " was turned away: there are as many clients as max_connections allows"); };
    constexpr unsigned kMode = 0660;  // who may open it is the administrator's choice: group kmp. What they may do is the session's
    KMP_TRY(auto local, listen_unix(io, config.station_socket(), kMode, std::move(passed.stations)));
    KMP_TRY(server_, FrameServer::listen(io, std::move(local), options, handlers));
    if (config.network_listen.empty()) return {};
    TlsListenerOptions network;
    network.address = config.network_listen;
    network.max_connections = config.network_max_connections;
    network.max_per_address = config.network_max_per_address;
    network.handshake_timeout = config.network_handshake_timeout;
    network.passed = std::move(passed.network);
    network.context = tls_identity(service_);
    network.metrics = &service_.metrics().tls;
    network.lines = &service_.lines();
    KMP_TRY(auto remote, TlsListener::listen(io, std::move(network)));
    service_.network_address = remote->where();
    tls_ = remote.get();
    options.metrics = &service_.metrics().network;
    options.max_connections = config.network_max_connections;
    options.unproven_timeout = config.network_login_timeout;
    KMP_TRY(network_, FrameServer::listen(io, std::move(remote), options, std::move(handlers)));
    return {};
}

void Stations::stop_accepting() {
    if (server_) server_->stop_accepting();
    if (network_) network_->stop_accepting();
    walk_.denials().flush_all();
}

void Stations::close() {
    if (server_) server_->close_all();
    if (network_) network_->close_all();
}

void Stations::count(int operation, std::chrono::steady_clock::time_point begin, const std::optional<base::Code>& failed) {
    const auto number = static_cast<std::size_t>(operation) < kMostOperations ? static_cast<std::size_t>(operation) : 0;
    service_.metrics().request(number, failed);
    service_.metrics().request_time[number].since(begin);
}

void Stations::answer_at_once(const Connection& connection, StationReply reply, int operation) {
    std::optional<base::Code> failed;
    if (reply.has_failure()) failed = reply.failure().code() == base::name(Code::busy) ? Code::busy : Code::refused;
    service_.metrics().request(static_cast<std::size_t>(operation), failed);
    connection->send(reply);
}

Walk::Sink Stations::reply_to(const Connection& connection, std::uint64_t id, int operation) {
    // A client that has gone meanwhile (a login takes its time) is not entered again.
    if (const auto it = clients_.find(connection->number()); it != clients_.end()) ++it->second.in_flight;
    return [this, connection, id, operation, begin = std::chrono::steady_clock::now()](Reply reply) {
        count(operation, begin, reply.failed());
        StationReply message = std::move(reply).take();
        message.set_id(id);
        connection->send(message);
        if (const auto it = clients_.find(connection->number()); it != clients_.end() && it->second.in_flight > 0) --it->second.in_flight;
    };
}

void Stations::refuse(const Connection& connection, std::uint64_t id, Event event, const base::Error& error) {
    connection->peer().describe(event);
    int operation = 0;
    if (event.type() == EventType::session_refused) {
        operation = StationRequest::kOpenSession;
        service_.metrics().sessions_refused.add();
    } else if (base::as_text(event.value_of(Field::request)) == kBatch) {
        operation = StationRequest::kOrderBatch;
    }
    walk_.refuse(connection->peer(), std::move(event), error, reply_to(connection, id, operation));
}

void Stations::broken(const Connection& connection, const base::Error& error) {
    // Not logged as an event: a broken stream has no request in it. The service's own log says it.
    service_.lines().say("broken streams of stations", "a client on kmp.sock, " + connection->peer().text() + ": " + error.message);
    StationReply reply;
    wire::set_failure(*reply.mutable_failure(), error);
    connection->send(reply);
}

void Stations::take(const Connection& connection, base::ByteView message) {
    Client& client = clients_[connection->number()];
    if (client.turned_away) return;
    StationRequest request;
    const bool readable = request.ParseFromArray(message.data(), static_cast<int>(message.size())) && request.GetReflection()->GetUnknownFields(request).empty();
    // Whatever it says: what is refused takes a place in the log's queue, too.
    if (client.in_flight >= service_.config().max_in_flight || walk_.under_way() >= service_.config().max_queue || walk_.denials().flooded(connection->peer())) {
        StationReply reply;
        reply.set_id(request.id());
        wire::set_failure(*reply.mutable_failure(), {Code::busy, "too many requests at once; try again shortly"}, 50);
        return answer_at_once(connection, std::move(reply), request.operation_case());
    }
    if (!readable) {
        Event event(EventType::denied);
        event.text(Field::request, "unreadable");
        const base::Error why{Code::malformed, "request: not a StationRequest of version 1"};
        if (connection->peer().is_remote() && !client.session) return turn_away(connection, client, request.id(), std::move(event), why);
        return refuse(connection, request.id(), std::move(event), why);
    }
    if (!may_ask(connection, client, request)) return;
    switch (request.operation_case()) {
        case StationRequest::kHello: return hello(connection, request);
        case StationRequest::kOpenSession: return open_session(connection, request);
        case StationRequest::kCloseSession: return close_session(connection, request.id());
        case StationRequest::kOrderBatch: return batch(connection, request);
        case StationRequest::kProve: return prove(connection, request);
        case StationRequest::kAuthenticate:
        case StationRequest::kOrder:
        case StationRequest::kCheckStatus:
        case StationRequest::kRelay:
        case StationRequest::kDownloadKeys:
        case StationRequest::kKeysLoaded:
        case StationRequest::kVoidOrder:
        case StationRequest::kSign:
        case StationRequest::kVerify:
        case StationRequest::kMac:
        case StationRequest::kEncrypt:
        case StationRequest::kDecrypt:
        case StationRequest::kRandom:
        case StationRequest::kProveStation:
        case StationRequest::kShowKeys:
        case StationRequest::kRequestCertificate:
        case StationRequest::kSetValidity:
        case StationRequest::kWriteParameter:
        case StationRequest::kCheckReadBack:
        case StationRequest::kAuthenticateCard:
        case StationRequest::kWriteCardKey:
        case StationRequest::kWriteCard:
        case StationRequest::kReportCard:
            return walk_.go(client.session, connection->peer(), errand_for(request), reply_to(connection, request.id(), request.operation_case()));
        case StationRequest::kPin:
        case StationRequest::OPERATION_NOT_SET: break;
    }
    Event event(EventType::denied);
    event.text(Field::request, "unknown");
    refuse(connection, request.id(), std::move(event), {Code::malformed, "request: it names no operation of version 1"});
}

bool Stations::may_ask(const Connection& connection, Client& client, const StationRequest& request) {
    if (!connection->peer().is_remote() || client.session || (request.has_hello() && !client.greeted)) return true;
    Event event(EventType::denied);
    event.text(Field::request, "without a session");
    base::Error why{Code::denied, "session: over the network a session comes first; this connection ends"};
    if (request.has_open_session()) {
        if (++client.refused <= kMaxRemoteLogins) return true;
        why.message = "session: asked for " + std::to_string(kMaxRemoteLogins) + " times in vain; this connection ends";
    }
    turn_away(connection, client, request.id(), std::move(event), why);
    return false;
}

void Stations::turn_away(const Connection& connection, Client& client, std::uint64_t id, Event event, const base::Error& why) {
    client.turned_away = true;
    connection->peer().describe(event);
    walk_.refuse(connection->peer(), std::move(event), why, [connection, id](Reply reply) {
        StationReply message = std::move(reply).take();
        message.set_id(id);
        connection->send(message);
        connection->finish();
    });
}

void Stations::hello(const Connection& connection, const StationRequest& request) {
    StationReply reply;
    reply.set_id(request.id());
    Client& client = clients_[connection->number()];
    if (client.greeted) {
        // A proof costs some look-ups; one a connection is what anybody needs.
        wire::set_failure(*reply.mutable_failure(), {Code::refused, "hello: once a connection"});
        return answer_at_once(connection, std::move(reply), StationRequest::kHello);
    }
    if (auto greeted = greet(service_, request.hello()); greeted) {
        client.greeted = true;
        *reply.mutable_hello() = std::move(*greeted);
    } else {
        wire::set_failure(*reply.mutable_failure(), greeted.error());
    }
    answer_at_once(connection, std::move(reply), StationRequest::kHello);
}

void Stations::prove(const Connection& connection, const StationRequest& request) {
    StationReply reply;
    reply.set_id(request.id());
    const Client& client = clients_[connection->number()];
    auto proved = client.session ? kmp::service::prove(service_, request.prove()) : base::Result<wire::pb::ProveReply>(Code::denied, "session: open a session first");
    if (proved) *reply.mutable_prove() = std::move(*proved);
    else wire::set_failure(*reply.mutable_failure(), proved.error(), static_cast<std::uint32_t>(proved.error().code == Code::busy ? proved.error().raw : 0));
    answer_at_once(connection, std::move(reply), StationRequest::kProve);
}

base::Result<base::UkeySerial> Stations::which_ukey(const wire::pb::OpenSession& asked) const {
    const std::string& kind = asked.kind();
    if (!kind.empty() && kind != "user" && kind != "key") return {Code::invalid_argument, "kind: user or key, or empty"};
    if (!asked.ukey().empty()) return base::UkeySerial::parse(asked.ukey());
    base::UkeySerial found;
    for (const tokens::Slot& slot : service_.bay().slots()) {
        const tokens::UkeyRecord* record = slot.content == tokens::Content::ours ? service_.books()->registry.find(slot.serial) : nullptr;
        if (record == nullptr || (record->kind != model::UkeyKind::user && record->kind != model::UkeyKind::key)) continue;
        if (!kind.empty() && kind != model::name(record->kind)) continue;
        if (!found.empty()) return {Code::invalid_argument, "ukey: several UKEYs are plugged in; name one by its serial"};
        found = slot.serial;
    }
    if (found.empty()) return {Code::token_removed, "ukey: no " + (kind.empty() ? std::string("user or key") : kind) + " UKEY is plugged in"};
    return found;
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
    if (const auto own = record->certificates.find("identity"); account.empty() && own != record->certificates.end()) o.set_certificate(base::to_string(own->second));
    Entry entry;
    entry.events.push_back(std::move(event));
    entry.done = [this, connection, books, session, message = std::move(message), sink = reply_to(connection, id, StationRequest::kOpenSession)](base::Result<audit::Receipt> receipt) mutable {
        if (!receipt) {
            service_.audit_failed(receipt.error());
            return sink(Reply::unlogged(receipt.error()));
        }
        books->applied(*receipt);
        service_.metrics().sessions_opened.add();
        if (connection->open()) {
            Client& client = clients_[connection->number()];
            if (client.session) end_session(client, "another session was opened");
            client.session = session;
            connection->prove();
        }
        sink(Reply::with(std::move(message), *receipt));
    };
    books->writer->submit(std::move(entry));
}

void Stations::end_session(Client& client, std::string_view reason) {
    walk_.denials().flush(client.session->number);
    Event event(EventType::session_closed);
    event.number(Field::session, client.session->number).text(Field::ukey, client.session->ukey.text()).text(Field::account, client.session->account).text(Field::reason, reason);
    client.session.reset();
    service_.note(std::move(event));
}

void Stations::close_session(const Connection& connection, std::uint64_t id) {
    Client& client = clients_[connection->number()];
    if (client.session) end_session(client, "the client closed it");
    StationReply reply;
    reply.set_id(id);
    reply.mutable_close_session();
    answer_at_once(connection, std::move(reply), StationRequest::kCloseSession);
}

void Stations::batch(const Connection& connection, const StationRequest& request) {
    const auto& orders = request.order_batch().orders();
    if (orders.empty() || orders.size() > kMaxBatchOrders) {
        Event event(EventType::denied);
        event.text(Field::request, kBatch);
        return refuse(connection, request.id(), std::move(event), {Code::invalid_argument, "orders: a batch holds 1 to 256 orders"});
    }
    auto batch = std::make_shared<Batch>();
    batch->connection = connection;
    batch->id = request.id();
    batch->orders.assign(orders.begin(), orders.end());
    batch->next.assign(batch->orders.size(), 0);
    batch->left = batch->orders.size();
    std::vector<std::size_t> heads;
    std::map<std::uint64_t, std::size_t> last;  // of each meter
    for (std::size_t i = 0; i < batch->orders.size(); ++i) {
        batch->reply.add_orders()->set_order_id(batch->orders[i].order_id());
        const auto [earlier, first] = last.try_emplace(batch->orders[i].meter(), i);
        if (first) heads.push_back(i);
        else batch->next[std::exchange(earlier->second, i)] = i;
    }
    ++clients_[connection->number()].in_flight;
    for (const std::size_t head : heads) walk_one(batch, head);
}

void Stations::walk_one(const std::shared_ptr<Batch>& batch, std::size_t i) {
    const auto client = clients_.find(batch->connection->number());
    // Each order walks by itself, those of one meter one behind the other: the counts of a meter follow each other. The last one home
    // sends the reply.
    walk_.go(client == clients_.end() ? nullptr : client->second.session, batch->connection->peer(), order_errand(batch->orders[i]), [this, batch, i](Reply reply) {
        auto& slot = *batch->reply.mutable_orders(static_cast<int>(i));
        if (reply.message().has_order()) slot = reply.message().order();
        else *slot.mutable_failure() = reply.message().failure();
        if (batch->next[i] != 0) walk_one(batch, batch->next[i]);
        if (--batch->left > 0) return;
        StationReply message;
        message.set_id(batch->id);
        *message.mutable_order_batch() = std::move(batch->reply);
        count(StationRequest::kOrderBatch, batch->begin, std::nullopt);
        batch->connection->send(message);
        if (const auto it = clients_.find(batch->connection->number()); it != clients_.end() && it->second.in_flight > 0) --it->second.in_flight;
    });
}

}  // namespace kmp::service
