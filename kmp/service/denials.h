#pragma once
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "audit/journal.h"
#include "kmp/service/metrics.h"
#include "kmp/service/peer.h"

namespace kmp::service {

struct DenialLimits {
    unsigned burst = 256;      ///< refusals of one peer that each get an event of their own: a whole batch
    unsigned per_second = 1;   ///< and so many more each second
    std::size_t most = 128;    ///< that one event stands for
    std::chrono::milliseconds window{1000};  ///< as long as one waits for others
    std::size_t most_waiting = 4096;  ///< of one peer
    std::size_t most_kinds = 256;     ///< of one place without a session, that wait at once: each is an event
    std::size_t most_peers = 65536;   ///< told apart; what comes beyond shares one allowance
};

/// Refusals on their way into the log. Each of a peer gets an event of its own until they are a flood; from then on those of one kind (same session,
/// request, operation, code and rule; of sessions that were refused the same account, UKEY and proven key, too) share one `denials_coalesced` event that says how many they are. Nobody is told his refusal before the
/// event that counts it is durable: so the log counts every refusal that was answered, whenever the service is killed.
/// A peer is a local user, or an address (of IPv6 its /64), with the UKEY of its session: not a connection, or a flood would only have to reconnect.
/// Thread: the I/O thread.
class Denials {
public:
    using Done = std::function<void(const base::Result<audit::Receipt>&)>;
    /// Hands an event to the log; `done` is called on the I/O thread once it is durable, or never will be.
    using Submit = std::function<void(audit::Event, Done)>;
    Denials(asio::io_context& io, Submit submit, Metrics& metrics, DenialLimits limits = {});

    /// `event`: the refusal as it would stand there by itself, complete. `now`: the log's time.
    void take(const Peer& peer, audit::Event event, base::Millis now, Done done);
    /// What waits is written now: of one session, or all.
    void flush(std::uint64_t session);
    void flush_all();

    /// Refusals that were taken and not answered yet, but for those that have an event of their own.
    std::size_t waiting() const noexcept { return waiting_; }
    /// So many of this peer wait that nothing more of it is heard. `ukey`: of the session that it asks in; empty: it has none.
    bool flooded(const Peer& peer, std::string_view ukey) const;

private:
    /// What one peer may still have by itself.
    struct Allowance {
        double left = 0;
        std::chrono::steady_clock::time_point at;
        std::size_t waiting = 0;   ///< for an answer
        std::size_t gathered = 0;  ///< of these, that wait for others
        std::size_t kinds = 0;     ///< of these
    };
    struct Group {
        std::shared_ptr<Allowance> of;
        std::string actor;  ///< empty: a local user
        std::uint64_t session = 0;
        std::unique_ptr<audit::Event> newest;
        base::Millis first = 0, last = 0;
        std::chrono::steady_clock::time_point deadline;
        std::vector<Done> waiting;
    };
    using Groups = std::map<std::string, Group>;
    /// The peer's, or (`peer` is emptied then) the one that all who are too many share.
    std::shared_ptr<Allowance> allowance(std::string& peer);
    void write(Group group);
    /// Writes the biggest groups of a peer that has gathered many: those that never fill do not add up to the limit.
    void relieve(const std::string& who);
    void flush_if(const std::function<bool(const Group&)>& due);
    void arm();

    Submit submit_;
    Metrics& metrics_;
    DenialLimits limits_;
    asio::steady_timer timer_;
    bool armed_ = false;
    std::map<std::string, std::shared_ptr<Allowance>> peers_;
    Groups groups_;
    std::size_t waiting_ = 0;
};

}  // namespace kmp::service
