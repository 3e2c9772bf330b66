#pragma once
#include <functional>
#include <memory>
#include <string>

#include "kmp/service/cosigner.h"

namespace kmp::service {

struct WitnessServerOptions {
    std::string listen;                ///< ADDRESS:PORT; port 0: any free one
    unsigned max_connections = 64;
    unsigned max_per_address = 8;
    unsigned silence_seconds = 10;     ///< then a connection is ended
    /// Called on the server's own thread, one request at a time; it may block.
    std::function<WitnessReply(const std::string& body)> add_checkpoint;
    std::function<WitnessReply(const std::string& origin_hash)> newest;
};

/// C2SP tlog-witness over HTTP, by libmicrohttpd on a thread of its own: POST /add-checkpoint and GET /<origin hash>/checkpoint. Everything that goes over it is signed; TLS would add
/// that nobody sees how long which log is.
class WitnessServer {
public:
    /// invalid_argument: no such address; io_failed: it cannot be listened on
    static base::Result<std::unique_ptr<WitnessServer>> start(WitnessServerOptions options);
    /// Ends when the request under way has been answered.
    virtual ~WitnessServer() = default;
    /// "127.0.0.1:43121"
    virtual std::string where() const = 0;
};

/// What the server asks, on the I/O thread; it gives up when the service ends.
WitnessServerOptions answers_of(Service& service, Cosigner& cosigner);

}  // namespace kmp::service
