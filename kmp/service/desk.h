#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <utility>

#include "kmp/service/denials.h"
#include "kmp/service/frame_server.h"
#include "kmp/service/job.h"
#include "kmp/service/passed_sockets.h"

namespace kmp::service {

/// admin.sock: where people ask. Requests become jobs on the officer thread, one after another. Thread: the I/O thread.
class Desk {
public:
    explicit Desk(Service& service);
    /// On the sockets that were passed, or on its own.
    base::Status listen(asio::io_context& io, PassedSockets& passed);
    void stop_accepting();
    void close();
    bool idle() const noexcept { return waiting_ == 0 && refusing_ == 0; }

private:
    using Connection = std::shared_ptr<FrameConnection>;
    void take(const Connection& connection, base::ByteView message);
    void start(const Connection& connection, wire::pb::AdminRequest request);
    /// Whether this one may ask for it, here and now.
    base::Status judge(const Connection& connection, const wire::pb::AdminRequest& request) const;
    /// One of a member of audit.group, who is neither root nor the service's own user.
    static bool is_member(const Peer& peer);
    void log_out(const Connection& connection, const wire::pb::AdminRequest& request);
    /// Its own request of this id stops where it next tells how far it is, if it can be stopped.
    void cancel(const Connection& connection, const wire::pb::AdminRequest& request);
    /// Says no once the log says so; what comes in a flood shares an event (Denials).
    void refuse(const Connection& connection, const wire::pb::AdminRequest& request, wire::pb::AdminReply reply, std::string_view about = {});
    void write(audit::Event event, Denials::Done done);
    Service& service_;
    Denials denials_;
    std::unique_ptr<FrameServer> server_;
    std::size_t waiting_ = 0;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::shared_ptr<std::atomic<bool>>> under_way_;  ///< by connection and id: whether it is cancelled
    std::size_t members_ = 0;  ///< connections of audit.group
    std::size_t refusing_ = 0;
};

}  // namespace kmp::service
