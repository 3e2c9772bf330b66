#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "wire/client.h"
#include "wire/operations.h"

/// What the author of a vending station writes against; docs/STATION.md is its handbook. A whole sale, the meter's line left out:
///
///     auto pin = base::read_secret(3, 128);
///     auto station = wire::Station::open({.socket = "/run/kmp/kmp.sock"}, {.ukey = "US-3PKXVCGC", .pin = std::move(*pin)});
///     auto proof = station->ask(wire::to_authenticate(202611220001));   // -> k1, r1, factor; the meter answers R2
///     auto order = wire::new_order(kmp::v1::RECHARGE, 202611220001, 42, 5000);
///     order.set_r2(r2);                                                 // write the order down before it is asked for
///     auto answer = station->ask(order);                                // -> purchase_count, mac1, mac2, charge (its receipt)
///     if (!answer) std::cerr << answer.error().message << "\n";         // one line; error().code says what to do
namespace wire {

/// Where kmpd is: on this machine, or far away over TLS 1.3. Both: far away, and the kmpd on this machine proves the station there by its user UKEY; no password is needed then.
struct Address {
    std::string socket = {};   ///< path of kmp.sock; and, or instead,
    std::string machine = {};  ///< "HOST:PORT" of the network encryption machine, and
    std::string trust = {};    ///< a PEM file with the platform's trust anchor ('kmpctl anchor')
};

/// Whose session it is. The PIN stays in locked memory as long as the Station, for logging in again when a connection is lost. A login that was
/// refused is never tried a second time by itself: wrong PINs are counted, and the tenth blocks the UKEY.
struct Login {
    std::string ukey = {};                 ///< serial; empty: the only one that is plugged in, of `kind` (user, key) where it is given
    std::string kind = {};
    std::string account = {};              ///< a network account; `ukey` is empty then, and `pin` its password. Where the local kmpd proves the station, `ukey` and `pin` are for that one
    std::optional<base::Secret> pin = {};  ///< none: the grant admits this unix user
};

/// How long a Station waits and how often it tries.
struct Habits {
    std::string program = "station";    ///< how it calls itself in the service's log
    Timeout timeout = kReplyTimeout;    ///< for a reply; when it has passed the connection counts as lost
    std::string known_log = {};         ///< a file that keeps what is known of the service's log (wire/known_log.h), of one service only: a log that was set back is refused. Empty: nothing is kept
    std::string log_key = {};           ///< with it: the key of its checkpoints, as the auditor gave it; empty: the one of the first contact
    unsigned reconnects = 3;            ///< how often a lost connection is made anew for what was asked on it. 0: never, the caller decides
    Timeout reconnect_pause{200};       ///< before the first of them, twice as long before each further one
    unsigned busy_tries = 8;            ///< how often a request or a login that is answered "busy" is sent in all
    std::function<void(const std::string&)> tell = {};  ///< hears of lost connections and of waiting, one line each
};

inline constexpr std::size_t kMaxInFlight = 256;     ///< requests; kmpd's own default bound for a connection
inline constexpr std::size_t kMaxBatchOrders = 256;

template <class Reply>
class Pending;

/// A session with kmpd: typed calls, one by one or many in flight at once.
///
/// **Lost answers.** When the connection is lost, or a reply does not come in time, everything in flight is asked again, as it was, on a new connection. That is safe for all that
/// kmp.sock offers: an order is charged once, by its id, and all else says or computes once more what it did before (void_order: already_exists). When it stays lost the caller gets io_failed or timeout, and what was asked may have
/// happened: an order is then asked for again with the same id, now or after a restart, for seven days.
/// **Busy.** A request that kmpd had no room for is sent again after the pause that kmpd names, and so is a login: that counts no PIN.
/// **Thread:** one at a time. A station with several counters opens one Station each, or guards one with a mutex; no thread runs in here, so nothing moves
/// while nobody asks or waits.
class Station {
public:
    /// Connects, says hello and opens the session. One try, but where kmpd is busy (it checks another PIN of this UKEY or account): whoever starts a station wants to know.
    /// errors: those of Connection::open_unix and open_tls; unsupported (another version); with Habits::known_log: tampered (the log was set back, or is another), malformed (the file is damaged); wrong_pin, pin_locked, denied, not_found, expired, token_removed, sealed (open_session in docs/PROTOCOL.md)
    static base::Result<Station> open(Address address, Login login, Habits habits = {});

    /// Whose session it is, what its grant says.
    const pb::OpenSessionReply& session() const;
    /// What kmpd said at the (last) hello: its version, its newest checkpoint.
    const pb::HelloReply& hello() const;
    /// Opens the session anew, as after token_removed when the UKEY is back. With another login where one is given: a new PIN after wrong_pin. Precondition: nothing in flight.
    base::Status log_in(std::optional<Login> login = {});

    /// Asks and waits. errors: what kmpd says (docs/PROTOCOL.md 5; with busy `raw` is retry_after_ms); io_failed, timeout (it may have happened); malformed (no reply of this
    /// protocol); refused (the request does not fit a frame of 64 KiB)
    template <StationOperation Request>
    base::Result<typename Operation<Request>::Reply> ask(const Request& request);
    /// The same without types, for an operation that this library does not know yet.
    base::Result<pb::StationReply> ask(pb::StationRequest request);

    /// Asks without waiting; up to kMaxInFlight may be in flight, one more waits for room. Replies come in the order in which they are ready. Errors come with the reply.
    template <StationOperation Request>
    Pending<typename Operation<Request>::Reply> start(const Request& request);
    /// The same with a callback, which is called during wait() or any other call that waits. It may start further requests, and must not wait itself.
    template <StationOperation Request>
    void start(const Request& request, std::function<void(base::Result<typename Operation<Request>::Reply>)> then);
    /// Until all that was started has been answered.
    void wait();
    std::size_t in_flight() const noexcept;

    /// Any number of orders, in batches of as many as a frame takes, all in flight at once; each gets its own result, in the order given. Orders of one meter are taken one after
    /// the other, as they stand. Those that kmpd was too busy for are asked for again.
    std::vector<base::Result<pb::OrderReply>> orders(std::span<const pb::Order> orders);

    Station(Station&&) noexcept;
    Station& operator=(Station&&) noexcept;
    ~Station();

private:
    template <class Reply>
    friend class Pending;
    struct Inside;
    using Then = std::function<void(base::Result<pb::StationReply>)>;

    explicit Station(std::shared_ptr<Inside> inside);
    static std::uint64_t send(Inside& inside, pb::StationRequest request, Then then);
    static base::Result<pb::StationReply> take(Inside& inside, std::uint64_t id);
    static bool poll(Inside& inside, std::uint64_t id);
    static void forget(Inside& inside, std::uint64_t id) noexcept;
    template <class Request>
    static base::Result<typename Operation<Request>::Reply> typed(base::Result<pb::StationReply> reply);

    std::shared_ptr<Inside> inside_;  ///< shared with each Pending, which may outlive the Station
};

/// A reply that is to come. Dropped, its reply is passed over when it comes; what was asked happens all the same. Thread: that of its Station.
template <class Reply>
class [[nodiscard]] Pending {
public:
    /// Waits for it. Once only: the second time it is invalid_argument.
    base::Result<Reply> get() {
        if (!inside_) return {base::Code::invalid_argument, "this reply was taken already"};
        const auto inside = std::exchange(inside_, nullptr);
        return typed_(Station::take(*inside, id_));
    }
    /// True once get() need not wait. Does not look at the line by itself: other calls of the Station bring replies in.
    bool ready() const { return inside_ && Station::poll(*inside_, id_); }

    Pending(Pending&&) noexcept = default;
    Pending& operator=(Pending&& other) noexcept {
        std::swap(inside_, other.inside_);
        std::swap(id_, other.id_);
        std::swap(typed_, other.typed_);
        return *this;
    }
    ~Pending() {
        if (inside_) Station::forget(*inside_, id_);
    }

private:
    friend class Station;
    using Typed = base::Result<Reply> (*)(base::Result<pb::StationReply>);
    Pending(std::shared_ptr<Station::Inside> inside, std::uint64_t id, Typed typed) : inside_(std::move(inside)), id_(id), typed_(typed) {}

    std::shared_ptr<Station::Inside> inside_;
    std::uint64_t id_ = 0;
    Typed typed_ = nullptr;
};

/// A new order with an id of its own, a UUID version 7 of now. Write it down before it is asked for: whatever breaks, the same order is asked for again under
/// this id. `meter` and `customer` are the numbers that their 12 digits make. For a meter set_r2 follows, for a card mutable_card.
pb::Order new_order(pb::OrderKind kind, std::uint64_t meter, std::uint64_t customer, std::int64_t amount_fen);
/// The order id as people read it, "01a2024f-976c-7b7a-9bbb-69a2c9080928"; hex where it is no UUID version 7.
std::string order_text(const pb::Order& order);
/// An identity authentication under the meter's private keys, of the version that the platform believes it to hold.
pb::Authenticate to_authenticate(std::uint64_t meter);

// ---- templates

template <class Request>
base::Result<typename Operation<Request>::Reply> Station::typed(base::Result<pb::StationReply> reply) {
    if (!reply) return std::move(reply).error();
    auto* out = Operation<Request>::out(*reply);
    if (out == nullptr) return {base::Code::malformed, "kmpd answered " + std::string(Operation<Request>::kName) + " with something else"};
    return std::move(*out);
}

template <StationOperation Request>
Pending<typename Operation<Request>::Reply> Station::start(const Request& request) {
    pb::StationRequest whole;
    Operation<Request>::in(whole) = request;
    return {inside_, send(*inside_, std::move(whole), {}), &typed<Request>};
}

template <StationOperation Request>
void Station::start(const Request& request, std::function<void(base::Result<typename Operation<Request>::Reply>)> then) {
    pb::StationRequest whole;
    Operation<Request>::in(whole) = request;
    send(*inside_, std::move(whole), [then = std::move(then)](base::Result<pb::StationReply> reply) { then(typed<Request>(std::move(reply))); });
}

template <StationOperation Request>
base::Result<typename Operation<Request>::Reply> Station::ask(const Request& request) {
    return start(request).get();
}

}  // namespace wire
