#include "kmp/service/stations.h"

#include "kmp/service/greeting.h"
#include "kmp/service/tls_identity.h"
#include "kmp/service/tls_listener.h"
#include "kmp/service/unix_listener.h"
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
// As the log calls them.
constexpr std::string_view kBatch = "order_batch";
constexpr std::string_view kHello = "hello";
constexpr std::size_t kShortFailure = 160;  // of one order, where a whole batch would not fit a frame: 256 of these do, and what was made takes less
constexpr unsigned kMaxRemoteLogins = 3;  // of one connection: each costs the service a stretched password

}  // namespace

/// The orders of one request on their walks.
struct Stations::Batch {
    Connection connection;
    std::uint64_t id = 0;
    std::shared_ptr<const Session> session;  ///< that it was asked in: none that comes after it
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
            if (client.session && ukey.empty()) end_session(client, "the service was sealed");
            else if (client.session && client.session->ukey == ukey) take_session(client, "the UKEY is not open any more");
    };
    service_.end_account_sessions = [this](const std::string& account, std::string_view reason) {
        for (auto& [number, client] : clients_)
            if (client.session && client.session->account == account) take_session(client, reason);
    };
    service_.count_account_sessions = [this](const std::string& account) {
        return static_cast<std::size_t>(std::count_if(clients_.begin(), clients_.end(), [&](const auto& c) { return c.second.session && c.second.session->account == account; }));
    };
    service_.count_sessions = [this] {
        std::size_t n = 0;
        for (const auto& [number, client] : clients_) n += client.session ? 1 : 0;
        return n;
    };
    service_.open_sessions = [this] {
        std::vector<std::shared_ptr<const Session>> out;
        for (const auto& [number, client] : clients_)
            if (client.session) out.push_back(client.session);
        std::ranges::sort(out, {}, &Session::number);
        return out;
    };
    service_.station_load = [this] {
        return Service::StationLoad{server_ ? server_->connections() : 0, network_ ? network_->connections() : 0, under_way(), walk_.denials().waiting()};
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
    handlers.on_unproven = [this](const Peer& peer) { service_.lines().say("clients that did not log in in time", peer.text() + " was cut off"); };
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

std::function<void()> Stations::look_up(const Connection& connection) {
    ++clients_[connection->number()].in_flight;
    ++looking_up_;
    return [this, connection] {
        --looking_up_;
        if (const auto it = clients_.find(connection->number()); it != clients_.end()) --it->second.in_flight;
    };
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
    const auto client = clients_.find(connection->number());
    if (event.type() == EventType::denied && client != clients_.end() && client->second.session)
        event.number(Field::session, client->second.session->number).text(Field::ukey, client->second.session->ukey.text());
    int operation = 0;
    if (event.type() == EventType::session_refused) {
        operation = StationRequest::kOpenSession;
        service_.metrics().sessions_refused.add();
    } else if (base::as_text(event.value_of(Field::request)) == kBatch) {
        operation = StationRequest::kOrderBatch;
    } else if (base::as_text(event.value_of(Field::request)) == kHello) {
        operation = StationRequest::kHello;
    }
    walk_.refuse(connection->peer(), std::move(event), error, reply_to(connection, id, operation));
}

void Stations::broken(const Connection& connection, const base::Error& error) {
    // No denial: a broken stream has no request in it.
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
    // With a session a flood is its UKEY's, but for other sessions that are asked for in it: these are nobody's yet.
    const std::string_view flooding = client.session && !request.has_open_session() ? std::string_view(client.session->ukey.text()) : std::string_view();
    // Whatever it says: what is refused takes a place in the log's queue, too.
    if (client.in_flight >= service_.config().max_in_flight || under_way() >= service_.config().max_queue || walk_.denials().flooded(connection->peer(), flooding)) {
        StationReply reply;
        reply.set_id(request.id());
        wire::set_failure(*reply.mutable_failure(), {Code::busy, "too many requests at once; try again shortly"}, 50);
        service_.lines().say("requests beyond what is taken at once", connection->peer().text() + " was told to come again");
        return answer_at_once(connection, std::move(reply), request.operation_case());
    }
    if (!readable) {
        Event event(EventType::denied);
        event.text(Field::request, "unreadable");
        const base::Error why{Code::malformed, "request: not a StationRequest of version 1"};
        if (connection->peer().is_remote() && !client.session) return turn_away(connection, client, request.id(), std::move(event), why);
        return refuse(connection, request.id(), std::move(event), why);
    }
    const std::shared_ptr<const Session> session = client.session ? client.session : std::exchange(client.lost, nullptr);
    if (!may_ask(connection, client, request, session != nullptr)) return;
    switch (request.operation_case()) {
        case StationRequest::kHello: return hello(connection, request);
        case StationRequest::kOpenSession: return open_session(connection, request);
        case StationRequest::kCloseSession: return close_session(connection, request.id());
        case StationRequest::kOrderBatch: return batch(connection, request, session);
        case StationRequest::kProve: return prove(connection, request, session);
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
            return walk_.go(session, connection->peer(), errand_for(request), reply_to(connection, request.id(), request.operation_case()));
        case StationRequest::kPin:
        case StationRequest::OPERATION_NOT_SET: break;
    }
    Event event(EventType::denied);
    event.text(Field::request, "unknown");
    refuse(connection, request.id(), std::move(event), {Code::malformed, "request: it names no operation of version 1"});
}

bool Stations::may_ask(const Connection& connection, Client& client, const StationRequest& request, bool with_session) {
    if (!connection->peer().is_remote()) return true;
    Event event(EventType::denied);
    event.text(Field::request, client.session ? "open_session" : "without a session");
    base::Error why{Code::denied, "session: over the network a session comes first; this connection ends"};
    if (request.has_open_session()) {
        // With a session, too: whoever has one account could try the passwords of all others. One that is opened is given back.
        if (++client.refused <= kMaxRemoteLogins) return true;
        why.message = "session: asked for " + std::to_string(kMaxRemoteLogins) + " times in vain; this connection ends";
    } else if (with_session || (request.has_hello() && !client.greeted)) {
        return true;
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
    // A proof costs some look-ups, and a forged checkpoint as much as a genuine one: one a connection is what anybody needs, whatever becomes of it.
    if (std::exchange(clients_[connection->number()].greeted, true)) return refuse_hello(connection, request.id(), {Code::refused, "hello: once a connection"});
    greet(service_, request.hello(), [this, connection, id = request.id(), looked_up = look_up(connection)](base::Result<wire::pb::HelloReply> greeted) {
        looked_up();
        if (!greeted) return refuse_hello(connection, id, greeted.error());
        StationReply reply;
        reply.set_id(id);
        *reply.mutable_hello() = std::move(*greeted);
        answer_at_once(connection, std::move(reply), StationRequest::kHello);
    });
}

void Stations::refuse_hello(const Connection& connection, std::uint64_t id, const base::Error& why) {
    Event event(EventType::denied);
    event.text(Field::request, kHello);
    const auto client = clients_.find(connection->number());
    if (client != clients_.end() && connection->peer().is_remote() && !client->second.session) return turn_away(connection, client->second, id, std::move(event), why);
    refuse(connection, id, std::move(event), why);
}

void Stations::prove(const Connection& connection, const StationRequest& request, const std::shared_ptr<const Session>& session) {
    const auto answer = [this, connection, id = request.id()](base::Result<wire::pb::ProveReply> proved) {
        if (!proved && proved.error().code != Code::busy) {
            Event event(EventType::denied);
            event.text(Field::request, "prove");
            return refuse(connection, id, std::move(event), proved.error());
        }
        StationReply reply;
        reply.set_id(id);
        if (proved) *reply.mutable_prove() = std::move(*proved);
        else wire::set_failure(*reply.mutable_failure(), proved.error(), static_cast<std::uint32_t>(proved.error().raw));
        answer_at_once(connection, std::move(reply), StationRequest::kProve);
    };
    const std::shared_ptr<Books>& books = service_.books();
    if (!books) return answer(base::Error{Code::sealed, "the service is sealed; an administrator must unseal it"});
    if (const auto caller = Caller::asking(session, *books, service_.custodian(), service_.now()); !caller) return answer(caller.error());
    kmp::service::prove(service_, request.prove(), [answer, looked_up = look_up(connection)](base::Result<wire::pb::ProveReply> proved) {
        looked_up();
        answer(std::move(proved));
    });
}

void Stations::end_session(Client& client, std::string_view reason) {
    walk_.denials().flush(client.session->number);
    Event event(EventType::session_closed);
    event.number(Field::session, client.session->number).text(Field::ukey, client.session->ukey.text()).text(Field::account, client.session->account).text(Field::reason, reason);
    client.session->peer.describe_actor(event);
    client.session->ended = reason;
    client.session.reset();
    service_.note(std::move(event));
}

void Stations::take_session(Client& client, std::string_view reason) {
    client.lost = client.session;
    end_session(client, reason);
}

void Stations::close_session(const Connection& connection, std::uint64_t id) {
    Client& client = clients_[connection->number()];
    if (client.session) end_session(client, "the client closed it");
    StationReply reply;
    reply.set_id(id);
    reply.mutable_close_session();
    answer_at_once(connection, std::move(reply), StationRequest::kCloseSession);
}

void Stations::batch(const Connection& connection, const StationRequest& request, std::shared_ptr<const Session> session) {
    const auto& orders = request.order_batch().orders();
    if (orders.empty() || orders.size() > kMaxBatchOrders) {
        Event event(EventType::denied);
        event.text(Field::request, kBatch);
        return refuse(connection, request.id(), std::move(event), {Code::invalid_argument, "orders: a batch holds 1 to 256 orders"});
    }
    auto batch = std::make_shared<Batch>();
    batch->connection = connection;
    batch->id = request.id();
    batch->session = std::move(session);
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
    // Each order walks by itself, those of one meter one behind the other: the counts of a meter follow each other. The last one home
    // sends the reply.
    // Without a session, or in one that is over, there is nothing to wait for: all of them are refused.
    const std::size_t next = batch->next[i];
    const bool waits = batch->session && batch->session->ended.empty();
    walk_.go(batch->session, batch->connection->peer(), order_errand(batch->orders[i]), [this, batch, i, next = waits ? next : 0](Reply reply) {
        auto& slot = *batch->reply.mutable_orders(static_cast<int>(i));
        if (reply.message().has_order()) slot = reply.message().order();
        else *slot.mutable_failure() = reply.message().failure();
        if (next != 0) walk_one(batch, next);
        if (--batch->left > 0) return;
        StationReply message;
        message.set_id(batch->id);
        *message.mutable_order_batch() = std::move(batch->reply);
        // What was made and charged is told, whatever there is to say of the rest.
        if (message.ByteSizeLong() > wire::kMaxFrame)
            for (wire::pb::OrderReply& order : *message.mutable_order_batch()->mutable_orders())
                if (order.has_failure()) wire::shorten(*order.mutable_failure(), kShortFailure);
        count(StationRequest::kOrderBatch, batch->begin, std::nullopt);
        batch->connection->send(message);
        if (const auto it = clients_.find(batch->connection->number()); it != clients_.end() && it->second.in_flight > 0) --it->second.in_flight;
    });
    if (!waits && next != 0) walk_one(batch, next);
}

}  // namespace kmp::service
