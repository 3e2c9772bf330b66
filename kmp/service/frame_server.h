#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "kmp/service/byte_stream.h"
#include "kmp/service/metrics.h"
#include "wire/frame.h"
#include "wire/pin_frame.h"

namespace asio {
class io_context;
}
namespace kmp::v1 {
class StationReply;
class AdminReply;
}

namespace kmp::service {

/// One client: frames in, frames out, PINs kept apart. Thread: the I/O thread only.
class FrameConnection {
public:
    virtual ~FrameConnection() = default;
    virtual const Peer& peer() const = 0;
    virtual std::uint64_t number() const = 0;  ///< unique in the process
    /// Queues a reply; all that is queued in one turn of the loop leaves in one write. Dropped when the client has gone. In the place
    /// of one that is larger than a frame the client gets a failure that says so: nobody is left without an answer.
    virtual void send(const kmp::v1::StationReply& reply) = 0;
    virtual void send(const kmp::v1::AdminReply& reply) = 0;
    /// Sends what is queued, then closes.
    virtual void finish() = 0;
    virtual bool open() const = 0;
    /// Bytes that the client has not taken yet.
    virtual std::size_t backlog() const = 0;
    /// It has shown who it is: from now on it may be silent for as long as idle_timeout says.
    virtual void prove() = 0;
    /// The PINs entered since the last request, handed over once.
    virtual std::vector<wire::PinEntry> take_pins() = 0;
};

struct FrameServerOptions {
    unsigned max_connections = 1024;
    std::chrono::milliseconds idle_timeout{600000};
    std::optional<std::chrono::milliseconds> unproven_timeout;  ///< as long as a client may take to prove(), whatever it says meanwhile; none: no such limit
    std::size_t max_backlog = 4 * 1024 * 1024;  ///< a client that leaves more unread is cut off
    ConnectionMetrics* metrics = nullptr;       ///< outlives the server; null: nobody counts
};

struct FrameHandlers {
    /// A message that is not a PIN. It is wiped after the call.
    std::function<void(const std::shared_ptr<FrameConnection>&, base::ByteView)> on_message;
    /// The stream is broken (a bad length, a bad PIN frame): say so with `send`; the connection is then finished.
    std::function<void(const std::shared_ptr<FrameConnection>&, const base::Error&)> on_broken;
    std::function<void(const std::shared_ptr<FrameConnection>&)> on_closed;
    /// Somebody was cut off who had not proved anything within unproven_timeout. May be empty.
    std::function<void(const Peer&)> on_unproven = {};
    /// Somebody was turned away because there are max_connections already. May be empty.
    std::function<void(const Peer&)> on_full;
    /// Whether one more of this peer is let in; otherwise it is turned away as with on_full. May be empty. Each that it lets in is told to on_closed once.
    std::function<bool(const Peer&)> admits;
};

/// Takes frames from whoever a listener lets in. Thread: the I/O thread only.
class FrameServer {
public:
    static base::Result<std::unique_ptr<FrameServer>> listen(asio::io_context& io, std::unique_ptr<Listener> listener, FrameServerOptions options, FrameHandlers handlers);
    virtual ~FrameServer() = default;
    /// No new connections; those that are open stay.
    virtual void stop_accepting() = 0;
    virtual void close_all() = 0;
    virtual std::size_t connections() const = 0;
    /// Other limits from now on; connections that are open already stay.
    virtual void set_limits(unsigned max_connections, std::chrono::milliseconds idle_timeout, std::optional<std::chrono::milliseconds> unproven_timeout) = 0;
};

}  // namespace kmp::service
