#include "bench/load.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>
#include <random>

#include "wire/frame.h"
#include "wire/pb.h"

namespace bench {
namespace {

using base::Code;
using Steady = std::chrono::steady_clock;

constexpr std::int64_t kAmount = 1;  // fen
constexpr std::uint64_t kCustomer = 42;
constexpr std::size_t kExpectedOperations = 1'000'000;
constexpr std::size_t kMessageBytes = 64;
constexpr std::uint32_t kRandomBytes = 32;
constexpr wire::Timeout kPatience{10'000};

struct Slot {
    std::uint64_t meter = 0;
    Steady::time_point asked;
};

struct Client {
    wire::Connection* connection = nullptr;
    std::vector<Slot> slots;  ///< a request's id is its slot, + 1
    base::Bytes out;
};

class Driver {
public:
    Driver(std::vector<wire::Connection>& connections, const Load& load) : load_(load), next_meter_(load.first_meter) {
        for (wire::Connection& connection : connections) {
            Client& client = clients_.emplace_back();
            client.connection = &connection;
            client.slots.resize(load.in_flight);
        }
        latencies_.reserve(kExpectedOperations);
    }
    base::Result<Figures> run();

private:
    /// Opens the account of every slot's meter, once.
    base::Status open_accounts();
    base::Status turn();
    base::Status take_answers(Client& client);
    base::Status answered(Client& client);
    void ask(Client& client, std::size_t slot, Work work);
    void ask_order(Slot& slot, Work work);
    base::Status ask_all(Work work);
    bool goes_on() const noexcept;
    static base::Status send(Client& client);
    void set_order_id(std::string& id);

    const Load& load_;
    std::deque<Client> clients_;
    base::Fd epoll_;
    std::uint64_t next_meter_;
    std::mt19937_64 random_{std::random_device{}()};
    kmp::v1::StationRequest request_;
    kmp::v1::StationReply reply_;
    std::uint64_t asked_ = 0;
    std::vector<std::uint32_t> latencies_;  ///< tenths of a microsecond
    std::size_t waiting_ = 0;
    bool measuring_ = false;
    bool asking_ = false;  ///< an answer is followed by the slot's next request
    Steady::time_point now_;
    Figures figures_;
};

void Driver::set_order_id(std::string& id) {
    // UUID version 7, without a system call for each.
    const auto ms = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
    const std::uint64_t high = ms << 16 | 0x7000 | (random_() & 0x0FFF);
    const std::uint64_t low = (random_() & 0x3FFFFFFFFFFFFFFF) | 0x8000000000000000;
    id.resize(16);
    for (unsigned i = 0; i < 8; ++i) {
        id[i] = static_cast<char>(high >> (56 - 8 * i));
        id[8 + i] = static_cast<char>(low >> (56 - 8 * i));
    }
}

void Driver::ask_order(Slot& slot, Work work) {
    if (work == Work::open_account) slot.meter = next_meter_++;
    // A prime step: no meter comes again before the others have, and neighbours come far apart.
    if (work == Work::known) slot.meter = load_.first_meter + asked_ * 7919 % load_.meters;
    auto& order = *request_.mutable_order();
    set_order_id(*order.mutable_order_id());
    order.set_kind(work == Work::open_account ? kmp::v1::OPEN_ACCOUNT : kmp::v1::RECHARGE);
    order.set_meter(slot.meter);
    order.set_customer(kCustomer);
    order.set_amount_fen(kAmount);
    const auto r2 = static_cast<std::uint32_t>(random_());
    order.mutable_r2()->assign(reinterpret_cast<const char*>(&r2), sizeof r2);
}

void Driver::ask(Client& client, std::size_t slot, Work work) {
    Slot& s = client.slots[slot];
    request_.set_id(slot + 1);
    switch (work) {
        case Work::recharge:
        case Work::open_account:
        case Work::known: ask_order(s, work); break;
        case Work::sign: request_.mutable_sign()->mutable_message()->assign(kMessageBytes, 'm'); break;
        case Work::random: request_.mutable_random()->set_size(kRandomBytes); break;
    }
    (void)wire::append_frame(client.out, request_);
    s.asked = now_;
    ++asked_;
    ++waiting_;
}

base::Status Driver::send(Client& client) {
    if (client.out.empty()) return {};
    // What is in flight fits into the socket: this does not block on a service that reads.
    KMP_CHECK(client.connection->send(client.out, kPatience));
    client.out.clear();
    return {};
}

bool Driver::goes_on() const noexcept { return asking_ && (load_.count == 0 || asked_ < load_.count); }

base::Status Driver::answered(Client& client) {
    if (reply_.id() == 0 || reply_.id() > client.slots.size()) return {Code::malformed, "kmpd answered a request that was not made"};
    --waiting_;
    const std::size_t slot = static_cast<std::size_t>(reply_.id()) - 1;
    if (reply_.has_failure()) {
        if (figures_.refusals++ == 0) figures_.first_refusal = reply_.failure().code() + ": " + reply_.failure().message();
    } else if (measuring_) {
        latencies_.push_back(static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now_ - client.slots[slot].asked).count() / 100));
    }
    if (goes_on()) ask(client, slot, load_.work);
    return {};
}

base::Status Driver::take_answers(Client& client) {
    for (;;) {
        KMP_TRY(const auto message, client.connection->receive_now());
        if (!message) break;
        if (!reply_.ParseFromArray(message->data(), static_cast<int>(message->size()))) return {Code::malformed, "kmpd sent something that is no answer"};
        KMP_CHECK(answered(client));
    }
    return send(client);
}

base::Status Driver::turn() {
    std::array<epoll_event, 64> events{};
    const int n = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 10'000);
    if (n < 0 && errno != EINTR) return base::errno_error("waiting for kmpd", errno);
    if (n == 0) return {Code::timeout, "kmpd has not answered for 10 s"};
    now_ = Steady::now();
    for (int i = 0; i < n; ++i) KMP_CHECK(take_answers(clients_[events[static_cast<std::size_t>(i)].data.u64]));
    return {};
}

base::Status Driver::ask_all(Work work) {
    now_ = Steady::now();
    for (Client& client : clients_) {
        for (std::size_t slot = 0; slot < client.slots.size(); ++slot) ask(client, slot, work);
        KMP_CHECK(send(client));
    }
    return {};
}

base::Status Driver::open_accounts() {
    KMP_CHECK(ask_all(Work::open_account));
    while (waiting_ > 0) KMP_CHECK(turn());
    asked_ = 0;
    return {};
}

base::Result<Figures> Driver::run() {
    epoll_ = base::Fd(epoll_create1(EPOLL_CLOEXEC));
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = i;
        if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, clients_[i].connection->descriptor(), &event) != 0) return base::errno_error("watching a connection", errno);
    }
    if (load_.work == Work::recharge) KMP_CHECK(open_accounts());
    asking_ = true;
    // What is counted is measured from the first to the last; what goes by the clock warms up first, and its last answers are not counted.
    const bool counted = load_.count > 0;
    measuring_ = counted;
    auto from = Steady::now();
    KMP_CHECK(ask_all(load_.work));
    if (counted) {
        while (waiting_ > 0) KMP_CHECK(turn());
    } else {
        const auto begin = from + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(load_.warm_up));
        while (now_ < begin) KMP_CHECK(turn());
        from = now_;
        const auto end = from + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(load_.seconds));
        measuring_ = true;
        while (now_ < end) KMP_CHECK(turn());
    }
    measuring_ = asking_ = false;
    figures_.seconds = std::chrono::duration<double>(now_ - from).count();
    while (waiting_ > 0) KMP_CHECK(turn());

    figures_.operations = latencies_.size();
    const auto percentile = [&](double p) {
        if (latencies_.empty()) return 0.0;
        const auto at = latencies_.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(latencies_.size() - 1));
        std::nth_element(latencies_.begin(), at, latencies_.end());
        return *at / 10.0;
    };
    figures_.p50_us = percentile(0.50);
    figures_.p99_us = percentile(0.99);
    return figures_;
}

}  // namespace

base::Result<Figures> drive(std::vector<wire::Connection>& connections, const Load& load) { return Driver(connections, load).run(); }

}  // namespace bench
