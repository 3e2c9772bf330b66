#pragma once
#include <chrono>
#include <memory>
#include <unordered_map>

#include "model/grant.h"
#include "tokens/bay.h"

namespace tokens {

/// The one door to the keys of issued UKEYs. Nothing passes without a Permit, and a Permit opens it once, for the UKEY and the
/// operation that it was given for.
/// Thread: the I/O thread only.
class Custodian {
public:
    explicit Custodian(std::chrono::milliseconds timeout) : timeout_(timeout) {}

    /// How long one operation may take from now on.
    void set_timeout(std::chrono::milliseconds timeout) noexcept { timeout_ = timeout; }
    /// A UKEY whose token was opened with its PIN. `incarnation` is the slot's: the login ends with its host.
    void open(const base::UkeySerial& ukey, std::shared_ptr<HostChannel> channel, std::uint64_t incarnation);
    void close(const base::UkeySerial& ukey);
    void close_all();
    /// The incarnation that was opened; 0: it is not open.
    std::uint64_t opened(const base::UkeySerial& ukey) const;

    /// errors through done: token_removed (not open: open a session again); internal (the request is not what the permit was given
    /// for); those of HostChannel
    void perform(model::Permit permit, pb::HostRequest request, HostChannel::Done done);

private:
    struct Door {
        std::shared_ptr<HostChannel> channel;
        std::uint64_t incarnation = 0;
    };
    std::chrono::milliseconds timeout_;
    std::unordered_map<base::UkeySerial, Door> doors_;
};

}  // namespace tokens
