#include "kmp/service/metrics_server.h"

#include <array>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <set>
#include <thread>

#include "kmp/service/loopback_listener.h"
#include "kmp/service/unix_listener.h"

namespace kmp::service {
namespace {

constexpr std::size_t kMaxHead = 8192;
constexpr unsigned kMode = 0660;

std::string reply(std::string_view status, std::string_view type, std::string_view body, bool with_body) {
    std::string out = "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: " + std::string(type) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
    if (with_body) out += body;
    return out;
}

std::string refusal(std::string_view status, std::string_view why, bool with_body = true) { return reply(status, "text/plain; charset=utf-8", std::string(why) + "\n", with_body); }

/// One scraper: a head is read, an answer written, and that was it.
class Scraper : public std::enable_shared_from_this<Scraper> {
public:
    Scraper(asio::io_context& io, std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)), deadline_(io) {}
    /// `gone` is called once, when it is closed.
    void serve(std::chrono::milliseconds patience, std::function<std::string(std::string_view)> answer, std::function<void()> gone) {
        answer_ = std::move(answer);
        gone_ = std::move(gone);
        deadline_.expires_after(patience);
        deadline_.async_wait([weak = weak_from_this()](const std::error_code& error) {
            if (const auto self = weak.lock(); self && !error) self->close();
        });
        hear();
    }
    void close() {
        if (!stream_->is_open()) return;
        deadline_.cancel();
        stream_->close();
        if (gone_) gone_();
    }

private:
    void hear() {
        stream_->read_some(room_, [self = shared_from_this()](const std::error_code& error, std::size_t size) {
            if (error) return self->close();
            self->head_.append(self->room_.begin(), self->room_.begin() + static_cast<std::ptrdiff_t>(size));
            const std::size_t end = self->head_.find("\r\n\r\n");
            if (end == std::string::npos && self->head_.size() < kMaxHead) return self->hear();
            self->out_ = end == std::string::npos ? refusal("431 Request Header Fields Too Large", "the head of a request has at most 8192 bytes")
                                                  : self->answer_(std::string_view(self->head_).substr(0, end + 4));
            self->stream_->write(base::as_bytes(self->out_), [self](const std::error_code&, std::size_t) { self->close(); });
        });
    }
    std::unique_ptr<ByteStream> stream_;
    asio::steady_timer deadline_;
    std::array<std::uint8_t, 2048> room_{};
    std::string head_, out_;
    std::function<std::string(std::string_view)> answer_;
    std::function<void()> gone_;
};

class Server final : public MetricsServer {
public:
    explicit Server(MetricsServerOptions options) : options_(std::move(options)) {}
    ~Server() override {
        io_.stop();
        if (thread_.joinable()) thread_.join();
        for (const auto& scraper : std::set(scrapers_)) scraper->close();
        if (listener_) listener_->stop();
    }
    base::Status begin() {
        if (options_.listen == "unix") {
            where_ = options_.socket_path;
            KMP_TRY(listener_, listen_unix(io_, where_, kMode));
        } else {
            KMP_TRY(const Endpoint endpoint, parse_endpoint(options_.listen, "metrics.listen"));
            KMP_TRY(auto listener, LoopbackListener::listen(io_, endpoint));
            where_ = listener->where();
            listener_ = std::move(listener);
        }
        KMP_CHECK(listener_->start([this](std::unique_ptr<ByteStream> stream, Peer) {
            if (scrapers_.size() >= options_.max_connections) return;
            const auto scraper = std::make_shared<Scraper>(io_, std::move(stream));
            scrapers_.insert(scraper);
            scraper->serve(
                options_.patience, [this](std::string_view head) { return metrics_reply(head, [this] { return page(); }); }, [this, weak = std::weak_ptr(scraper)] { scrapers_.erase(weak.lock()); });
        }));
        thread_ = std::thread([this] { io_.run(); });
        return {};
    }
    std::string where() const override { return where_; }

private:
    base::Result<std::string> page() {
        const auto now = std::chrono::steady_clock::now();
        if (!page_.empty() && now - made_ < options_.freshness) return page_;
        KMP_TRY(page_, options_.page());
        made_ = now;
        return page_;
    }
    MetricsServerOptions options_;
    asio::io_context io_{1};
    std::unique_ptr<Listener> listener_;
    std::string where_;
    std::set<std::shared_ptr<Scraper>> scrapers_;
    std::string page_;
    std::chrono::steady_clock::time_point made_;
    std::thread thread_;
};

}  // namespace

std::string metrics_reply(std::string_view head, const std::function<base::Result<std::string>()>& page) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos || !line.substr(second + 1).starts_with("HTTP/1.") || line.size() != second + 9) return refusal("400 Bad Request", "this is no request of HTTP/1.1");
    const std::string_view method = line.substr(0, first);
    const bool with_body = method != "HEAD";
    if (method != "GET" && method != "HEAD") return refusal("405 Method Not Allowed\r\nAllow: GET, HEAD", "metrics are read with GET");
    std::string_view target = line.substr(first + 1, second - first - 1);
    target = target.substr(0, target.find('?'));
    if (target != "/metrics") return refusal("404 Not Found", "there is /metrics", with_body);
    const auto text = page();
    if (!text) return refusal("503 Service Unavailable", text.error().message, with_body);
    return reply("200 OK", "text/plain; version=0.0.4; charset=utf-8", *text, with_body);
}

base::Result<std::unique_ptr<MetricsServer>> MetricsServer::start(MetricsServerOptions options) {
    KMP_CHECK(check_metrics_listen(options.listen));
    auto server = std::make_unique<Server>(std::move(options));
    KMP_CHECK(server->begin());
    return std::unique_ptr<MetricsServer>(std::move(server));
}

}  // namespace kmp::service
