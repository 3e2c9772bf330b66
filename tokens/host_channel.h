#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "tokens/host/frame.h"

namespace asio {
class io_context;
}

namespace tokens {

namespace pb = host::pb;
using host::RoleSecret;

struct HostAnswer {
    pb::HostReply reply;  ///< never a HostFailure: that became the Error
    std::vector<RoleSecret> secrets;
};

/// Whether a call leaves the token other than it was. It decides the error when the answer never comes.
enum class Effect : std::uint8_t { none, changes_token };

/// The client of one kmp-tokenhost: asynchronous, pipelined, answered in order.
///
/// When the host dies, breaks the protocol or lets a call time out, the channel is down for good: every waiting call fails and
/// on_down is told once. The error of a waiting call is
///   timeout          the call that took too long
///   token_failed     the others, and any later call (close() may name another code: token_removed)
///   outcome_unknown  instead of these for a call that changes the token and had been sent
/// It is held by shared_ptr: the bay and a worker that waits for an answer both have it, and the bay may drop it first.
class HostChannel {
public:
    using Done = std::function<void(base::Result<HostAnswer>)>;
    using Down = std::function<void(const base::Error&)>;

    /// `who` names the UKEY or reader in messages. `on_down` runs on the io thread, never from inside call() or close().
    HostChannel(asio::io_context& io, base::Fd socket, std::string who, Down on_down);
    /// Closes; calls that wait are told `cancelled`.
    ~HostChannel();
    HostChannel(const HostChannel&) = delete;
    HostChannel& operator=(const HostChannel&) = delete;

    /// Sends a request; its id is filled in. All calls of one turn of the loop leave in one write.
    /// `timeout` runs from when the call is the oldest unanswered one: how long the host may work on it.
    /// `done` runs on the io thread, exactly once, never from inside call().
    /// Thread: the io thread only.
    /// errors through done: those above; busy (kMaxOutstanding calls wait); what the host answered
    void call(pb::HostRequest request, std::vector<RoleSecret> secrets, std::chrono::milliseconds timeout, Done done,
              Effect effect = Effect::none);

    /// The same for a worker thread, which blocks. Never on the io thread: it would wait for itself.
    base::Result<HostAnswer> call_and_wait(pb::HostRequest request, std::vector<RoleSecret> secrets, std::chrono::milliseconds timeout,
                                           Effect effect = Effect::none);

    /// Takes the channel down with this error, without telling on_down. Thread: the io thread only.
    void close(base::Error why);

    /// Thread: the io thread only.
    bool up() const noexcept;
    std::size_t outstanding() const noexcept;

    static constexpr std::size_t kMaxOutstanding = 65536;

private:
    class State;
    std::shared_ptr<State> state_;  // shared with the handlers that the io context holds
};

}  // namespace tokens
