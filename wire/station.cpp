#include "wire/station.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <thread>

#include "base/ids.h"
#include "wire/failure.h"
#include "wire/known_log.h"

namespace wire {
namespace {

using base::Code;
using Steady = std::chrono::steady_clock;

constexpr Timeout kUsualPause{200};    // where a busy service names none
constexpr Timeout kLongestPause{15000};
constexpr Timeout kLongestReconnectPause{5000};
constexpr Timeout kLongestLoginPause{3000};  // where kmpd names no longer one
constexpr std::size_t kBatchOverhead = 64;  // of a batch's frame, beyond its orders
constexpr std::size_t kOrderOverhead = 8;   // of each order in it

Timeout pause_of(const base::Error& busy) { return std::clamp(busy.raw == 0 ? kUsualPause : Timeout(busy.raw), Timeout(1), kLongestPause); }

bool is_proved(const Address& a) { return !a.socket.empty() && !a.machine.empty(); }

base::Result<StationClient> reach(const Address& a, const Login& login, const std::string& program) {
    if (a.socket.empty() && a.machine.empty()) return {Code::invalid_argument, "an address names a unix socket, HOST:PORT of an encryption machine, or both"};
    if (a.socket.empty()) return StationClient::open_tls(a.machine, a.trust);
    KMP_TRY(StationClient local, StationClient::open(a.socket));
    if (!is_proved(a)) return local;
    KMP_CHECK(local.hello(program));
    KMP_TRY(const pb::OpenSessionReply session, open_session(local, login.ukey, login.pin ? &*login.pin : nullptr, "user"));
    // Shared with what signs while hands are shaken.
    return open_proved(a.machine, a.trust, std::make_shared<StationClient>(std::move(local)), session);
}

/// Whether a reply is one to this request, as far as the schema says it.
bool belongs(const pb::StationRequest& request, const pb::StationReply& reply) {
    return !request.has_order() || !reply.has_order() || reply.order().order_id() == request.order().order_id();
}

/// As many of the orders at these places as fit a frame, at least one.
pb::OrderBatch batch_of(std::span<const pb::Order> orders, std::span<const std::size_t> places) {
    pb::OrderBatch out;
    std::size_t size = kBatchOverhead;
    for (const std::size_t place : places.first(std::min(places.size(), kMaxBatchOrders))) {
        size += orders[place].ByteSizeLong() + kOrderOverhead;
        if (size > kMaxFrame && out.orders_size() > 0) break;
        *out.add_orders() = orders[place];
    }
    return out;
}

/// What the reply to a batch says to one of its orders.
base::Result<pb::OrderReply> outcome_in(pb::OrderBatchReply& reply, int i, const pb::Order& asked) {
    pb::OrderReply& one = *reply.mutable_orders(i);
    if (one.has_failure()) return error_of(one.failure());
    if (one.order_id() != asked.order_id()) return {Code::malformed, "kmpd answered another order than the one asked"};
    return std::move(one);
}

}  // namespace

struct Station::Inside {
    /// One request, from start() until its caller has the reply.
    struct Flight {
        pb::StationRequest request;
        Then then;
        std::optional<base::Result<pb::StationReply>> outcome;
        Steady::time_point sent_at{};
        unsigned sent = 0;     ///< on how many connections
        unsigned busy = 0;     ///< how often it was answered "busy"
        bool dropped = false;  ///< nobody wants the reply any more
    };

    Inside(Address a, Login l, Habits h) : address(std::move(a)), login(std::move(l)), habits(std::move(h)) {}

    base::Status connect();
    base::Status say_hello(StationClient& made);
    base::Status connect_once();
    base::Status reconnect();
    void step();
    void send_what_is_due();
    void take_reply();
    void settle(std::uint64_t number, const pb::StationReply& reply);
    void lost(const base::Error& error);
    void finish(std::uint64_t number, base::Result<pb::StationReply> outcome);
    void say(const std::string& what) const {
        if (habits.tell) habits.tell(what);
    }

    const Address address;
    Login login;
    const Habits habits;
    std::minstd_rand chance{std::random_device{}()};  ///< for waiting, not for secrets
    std::optional<StationClient> client;     ///< none: the connection is lost
    std::optional<base::Error> refused;      ///< why the login was refused: not to be tried again by itself
    pb::HelloReply hello;
    pb::OpenSessionReply session;
    std::uint64_t last = 0;
    std::map<std::uint64_t, Flight> flights;        ///< by a number that is never used again
    std::size_t waiting = 0;                        ///< of them, those without an outcome: each is in `due` or in `asked`
    std::set<std::pair<Steady::time_point, std::uint64_t>> due;  ///< when a flight is to be sent
    std::map<std::uint64_t, std::uint64_t> asked;   ///< id on this connection, which rises with time -> flight
};

/// A connection with its session. kmpd checks one PIN of a UKEY at a time, so that counters which open together find it busy: that counts no PIN, and is tried again on a connection of its own.
base::Status Station::Inside::connect() {
    Timeout pause = kUsualPause;
    for (unsigned tries = 1;; ++tries) {
        base::Status done = connect_once();
        if (done || done.error().code != Code::busy || tries >= habits.busy_tries) return done;
        // Never in step with the others that wait.
        const Timeout longest = std::max(pause, pause_of(done.error()));
        const Timeout wait(std::uniform_int_distribution<Timeout::rep>(longest.count() / 2, longest.count())(chance));
        say("kmpd is busy (" + done.error().message + "); logging in again in " + std::to_string(wait.count()) + " ms");
        std::this_thread::sleep_for(wait);
        pause = std::min(pause * 2, kLongestLoginPause);
    }
}

base::Status Station::Inside::say_hello(StationClient& made) {
    if (habits.known_log.empty()) {
        KMP_TRY(hello, made.hello(habits.program));
        return {};
    }
    // Read anew each time: other counters of the station may keep theirs in the same file.
    KMP_TRY(KnownLog log, KnownLog::open(habits.known_log, habits.log_key));
    KMP_TRY(hello, greet(made, habits.program, log));
    return {};
}

base::Status Station::Inside::connect_once() {
    if (refused) return *refused;
    client.reset();
    auto reached = reach(address, login, habits.program);
    if (!reached && is_proved(address) && !worth_repeating(reached.error().code) && reached.error().code != Code::not_found) refused = reached.error();
    KMP_TRY(StationClient made, std::move(reached));
    made.set_timeout(habits.timeout);
    if (auto greeted = say_hello(made); !greeted) {
        // A log that was set back stays so, however often it is asked.
        if (greeted.error().code == Code::tampered) refused = greeted.error();
        return greeted;
    }
    auto opened = [&]() -> base::Result<pb::OpenSessionReply> {
        if (login.account.empty()) return open_session(made, login.ukey, login.pin ? &*login.pin : nullptr, login.kind);
        if (is_proved(address)) return open_account(made, login.account, nullptr);
        if (!login.pin) return {Code::invalid_argument, "account " + login.account + " has a password, and none was given"};
        return open_account(made, login.account, &*login.pin);
    }();
    if (!opened) {
        if (!worth_repeating(opened.error().code)) refused = opened.error();
        return std::move(opened).error();
    }
    session = std::move(*opened);
    client = std::move(made);
    return {};
}

base::Status Station::Inside::reconnect() {
    base::Status done = base::Error{Code::io_failed, "the connection to kmpd is lost"};
    Timeout pause = habits.reconnect_pause;
    for (unsigned i = 0; i < std::max(1u, habits.reconnects); ++i) {
        if (habits.reconnects > 0) {
            std::this_thread::sleep_for(pause);
            pause = std::min(pause * 2, kLongestReconnectPause);
        }
        done = connect();
        if (done) return done;
        say("cannot reach kmpd again: " + done.error().message);
        if (refused || (!worth_repeating(done.error().code) && done.error().code != Code::not_found)) return done;
    }
    return done;
}

void Station::Inside::finish(std::uint64_t number, base::Result<pb::StationReply> outcome) {
    const auto it = flights.find(number);
    if (it == flights.end() || it->second.outcome) return;
    --waiting;
    if (it->second.then) {
        const Then then = std::move(it->second.then);
        flights.erase(it);
        then(std::move(outcome));
    } else if (it->second.dropped) {
        flights.erase(it);
    } else {
        it->second.outcome = std::move(outcome);
    }
}

/// The connection is gone. What may still be tried is due at once; the rest learns why.
void Station::Inside::lost(const base::Error& error) {
    client.reset();
    std::vector<std::uint64_t> given_up;
    for (const auto& [id, number] : std::exchange(asked, {})) {
        if (flights.at(number).sent > habits.reconnects) given_up.push_back(number);
        else due.emplace(Steady::now(), number);
    }
    if (!due.empty()) say("the connection to kmpd is lost (" + error.message + "); asking again");
    for (const std::uint64_t number : given_up) finish(number, error);
}

void Station::Inside::send_what_is_due() {
    const auto now = Steady::now();
    while (client && !due.empty() && due.begin()->first <= now) {  // what a callback starts may find the connection lost
        const std::uint64_t number = due.extract(due.begin()).value().second;
        Flight& flight = flights.at(number);
        auto id = client->send(flight.request);
        if (!id && id.error().code == Code::refused) {  // it does not fit a frame; the connection is as before
            finish(number, id.error());
            continue;
        }
        ++flight.sent;
        flight.sent_at = now;
        asked.emplace(id ? *id : 0, number);
        if (!id) return lost(id.error());
    }
}

void Station::Inside::settle(std::uint64_t number, const pb::StationReply& reply) {
    Flight& flight = flights.at(number);
    if (!reply.has_failure() && !belongs(flight.request, reply)) return finish(number, base::Error{Code::malformed, "kmpd answered another order than the one asked"});
    if (!reply.has_failure()) return finish(number, reply);
    const base::Error error = error_of(reply.failure());
    if (error.code != Code::busy || ++flight.busy >= habits.busy_tries) return finish(number, error);
    say("kmpd is busy (" + error.message + "); trying again in " + std::to_string(pause_of(error).count()) + " ms");
    due.emplace(Steady::now() + pause_of(error), number);
}

void Station::Inside::take_reply() {
    const auto oldest = flights.at(asked.begin()->second).sent_at;
    client->set_timeout(std::max(Timeout(1), std::chrono::ceil<Timeout>(oldest + habits.timeout - Steady::now())));
    auto reply = client->receive();
    if (!reply) return lost(reply.error());
    client->set_timeout(habits.timeout);
    const auto it = asked.find(reply->id());
    if (it == asked.end())
        return lost(reply->id() == 0 && reply->has_failure() ? error_of(reply->failure()) : base::Error{Code::malformed, "kmpd answered what nobody asked (id " + std::to_string(reply->id()) + ")"});
    const std::uint64_t number = it->second;
    asked.erase(it);
    settle(number, *reply);
}

/// Brings what is in flight one step on. Precondition: something waits for a reply.
void Station::Inside::step() {
    if (!client) {
        if (const base::Status again = reconnect(); !again) {
            std::vector<std::uint64_t> all;
            for (const auto& [when, number] : std::exchange(due, {})) all.push_back(number);
            for (const std::uint64_t number : all) finish(number, again.error());
            return;
        }
    }
    send_what_is_due();
    if (!client) return;
    if (!asked.empty()) return take_reply();
    if (!due.empty()) std::this_thread::sleep_until(due.begin()->first);
}

Station::Station(std::shared_ptr<Inside> inside) : inside_(std::move(inside)) {}
Station::Station(Station&&) noexcept = default;
Station& Station::operator=(Station&&) noexcept = default;
Station::~Station() = default;

base::Result<Station> Station::open(Address address, Login login, Habits habits) {
    auto inside = std::make_shared<Inside>(std::move(address), std::move(login), std::move(habits));
    KMP_CHECK(inside->connect());
    return Station(std::move(inside));
}

const pb::OpenSessionReply& Station::session() const { return inside_->session; }
const pb::HelloReply& Station::hello() const { return inside_->hello; }
std::size_t Station::in_flight() const noexcept { return inside_->waiting; }

base::Status Station::log_in(std::optional<Login> login) {
    if (login) inside_->login = std::move(*login);
    inside_->refused.reset();
    return inside_->connect();
}

void Station::wait() {
    while (inside_->waiting > 0) inside_->step();
}

std::uint64_t Station::send(Inside& inside, pb::StationRequest request, Then then) {
    while (inside.waiting >= kMaxInFlight) inside.step();
    const std::uint64_t number = ++inside.last;
    Inside::Flight& flight = inside.flights[number];
    flight.request = std::move(request);
    flight.then = std::move(then);
    inside.due.emplace(Steady::now(), number);
    ++inside.waiting;
    if (inside.client) inside.send_what_is_due();
    return number;
}

base::Result<pb::StationReply> Station::take(Inside& inside, std::uint64_t id) {
    while (!poll(inside, id)) inside.step();
    const auto it = inside.flights.find(id);
    base::Result<pb::StationReply> out = std::move(*it->second.outcome);
    inside.flights.erase(it);
    return out;
}

bool Station::poll(Inside& inside, std::uint64_t id) { return inside.flights.at(id).outcome.has_value(); }

void Station::forget(Inside& inside, std::uint64_t id) noexcept {
    const auto it = inside.flights.find(id);
    if (it == inside.flights.end()) return;
    if (it->second.outcome) inside.flights.erase(it);
    else it->second.dropped = true;
}

base::Result<pb::StationReply> Station::ask(pb::StationRequest request) { return take(*inside_, send(*inside_, std::move(request), {})); }

std::vector<base::Result<pb::OrderReply>> Station::orders(std::span<const pb::Order> orders) {
    std::vector<std::optional<base::Result<pb::OrderReply>>> results(orders.size());
    std::vector<std::size_t> left(orders.size());
    std::iota(left.begin(), left.end(), std::size_t{0});
    for (unsigned tries = 1; !left.empty(); ++tries) {
        std::vector<std::size_t> busy;
        Timeout pause{0};
        for (std::span<const std::size_t> rest = left; !rest.empty();) {
            const pb::OrderBatch batch = batch_of(orders, rest);
            const auto part = rest.first(static_cast<std::size_t>(batch.orders_size()));
            rest = rest.subspan(part.size());
            // One batch after the other: two at once could take the orders of one meter in the wrong order.
            auto reply = ask(batch);
            if (reply && reply->orders_size() != batch.orders_size()) reply = base::Error{Code::malformed, "kmpd answered a batch with another number of orders"};
            for (std::size_t i = 0; i < part.size(); ++i) {
                auto& result = results[part[i]];
                result = reply ? outcome_in(*reply, static_cast<int>(i), orders[part[i]]) : base::Result<pb::OrderReply>(reply.error());
                if (!reply || *result || result->error().code != Code::busy || tries >= inside_->habits.busy_tries) continue;
                busy.push_back(part[i]);
                pause = std::max(pause, pause_of(result->error()));
            }
        }
        left = std::move(busy);
        if (left.empty()) break;
        inside_->say("kmpd is busy with " + std::to_string(left.size()) + " orders; trying them again in " + std::to_string(pause.count()) + " ms");
        std::this_thread::sleep_for(pause);
    }
    std::vector<base::Result<pb::OrderReply>> out;
    out.reserve(results.size());
    for (auto& r : results) out.push_back(std::move(*r));
    return out;
}

pb::Order new_order(pb::OrderKind kind, std::uint64_t meter, std::uint64_t customer, std::int64_t amount_fen) {
    static const base::SystemClock clock;
    const base::Uuid id = base::Uuid::make_v7(clock.now());
    pb::Order order;
    order.set_order_id(id.raw().data(), id.raw().size());
    order.set_kind(kind);
    order.set_meter(meter);
    order.set_customer(customer);
    order.set_amount_fen(amount_fen);
    return order;
}

std::string order_text(const pb::Order& order) {
    const auto id = base::Uuid::from_bytes(base::as_bytes(order.order_id()));
    return id ? id->text() : base::to_hex(base::as_bytes(order.order_id()));
}

pb::Authenticate to_authenticate(std::uint64_t meter) {
    pb::Authenticate out;
    out.set_meter(meter);
    out.set_state(pb::PRODUCTION);
    return out;
}

}  // namespace wire
