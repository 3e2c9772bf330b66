#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace kmp::service {

struct MetricsServerOptions {
    std::string listen;       ///< "unix", or a loopback ADDRESS:PORT; port 0: any free one
    std::string socket_path;  ///< where a unix socket is made, mode 0660
    std::size_t max_connections = 32;  ///< whoever comes beyond is closed at once
    std::chrono::milliseconds patience{5000};   ///< for a request and its reply together
    std::chrono::milliseconds freshness{200};   ///< a page is shown again for so long: scrapers without number cost a few pages a second
    /// The page, or why there is none just now. Called on the server's own thread.
    std::function<base::Result<std::string>()> page;
};

/// Answers GET /metrics over HTTP/1.1, one request a connection, on a thread of its own: a scraper that is slow, silent, sends rubbish or comes
/// a hundred times holds up nobody but other scrapers.
class MetricsServer {
public:
    /// invalid_argument, io_failed, conflict: it cannot be listened on.
    static base::Result<std::unique_ptr<MetricsServer>> start(MetricsServerOptions options);
    /// Closes every connection and waits for the thread.
    virtual ~MetricsServer() = default;
    /// The path of the socket, or ADDRESS:PORT.
    virtual std::string where() const = 0;
};

/// What is answered to the head of a request, up to and with its empty line.
std::string metrics_reply(std::string_view head, const std::function<base::Result<std::string>()>& page);

}  // namespace kmp::service
