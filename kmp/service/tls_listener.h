#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "base/fd.h"
#include "kmp/service/byte_stream.h"
#include "kmp/service/metrics.h"
#include "kmp/service/rare_lines.h"
#include "tls/context.h"

namespace asio {
class io_context;
}

namespace kmp::service {

struct TlsListenerOptions {
    std::string address;              ///< "127.0.0.1:7450", "[::]:7450"; port 0: any free one
    unsigned max_connections = 1024;  ///< those that still shake hands included, as below
    unsigned max_per_address = 64;    ///< as Seats count them
    unsigned max_handshakes = 256;    ///< computed at once; whoever comes beyond is turned away
    std::chrono::milliseconds handshake_timeout{10000};
    /// The service's certificate and key; null while it has none (sealed): whoever comes then is turned away. Called on the I/O thread.
    std::function<std::shared_ptr<const tls::Context>()> context;
    base::Fd passed;                ///< the socket, where it is there already (PassedSockets)
    TlsMetrics* metrics = nullptr;  ///< both outlive the listener
    RareLines* lines = nullptr;
};

/// TCP with TLS 1.3. Handshakes are computed in threads of their own: they hold up nobody but each other.
class TlsListener : public Listener {
public:
    /// invalid_argument: no such address; io_failed: it cannot be listened on
    static base::Result<std::unique_ptr<TlsListener>> listen(asio::io_context& io, TlsListenerOptions options);
    /// "127.0.0.1:43121"
    virtual std::string where() const = 0;
    /// Other limits from now on.
    virtual void set_limits(unsigned max_connections, unsigned max_per_address, std::chrono::milliseconds handshake_timeout) = 0;
};

}  // namespace kmp::service
