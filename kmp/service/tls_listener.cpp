#include "kmp/service/tls_listener.h"

#include <spdlog/spdlog.h>

#include <array>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>
#include <asio/write.hpp>
#include <charconv>

#include "kmp/service/accepting.h"
#include "kmp/service/seats.h"
#include "tls/session.h"

namespace kmp::service {
namespace {

using asio::ip::tcp;
using base::Code;

constexpr std::size_t kHandshakeThreads = 2;
constexpr std::size_t kMostSilent = 64 * 1024;  // a record of 16 KiB arrives in pieces

/// A socket and the TLS upon it. Shared, as a handshake's thread may outlast whoever waited for it.
struct Link : std::enable_shared_from_this<Link> {
    Link(tcp::socket s, std::shared_ptr<const tls::Context> c, Seats::Seat place, Peer who)
        : socket(std::move(s)), context(std::move(c)), session(*context), seat(std::move(place)), peer(std::move(who)), deadline(socket.get_executor()) {}
    tcp::socket socket;
    std::shared_ptr<const tls::Context> context;
    tls::Session session;
    Seats::Seat seat;
    Peer peer;
    asio::steady_timer deadline;
    std::array<std::uint8_t, 16384> in{};
    base::Bytes out;
    std::size_t silent = 0;  ///< bytes of the line since the last plain one

    void close() {
        std::error_code ignored;
        deadline.cancel();
        socket.close(ignored);
    }
    /// Sends what the session has for the other end.
    void flush(ByteStream::Done done) {
        out = session.to_send();
        asio::async_write(socket, asio::buffer(out), [self = shared_from_this(), done = std::move(done)](const std::error_code& error, std::size_t size) { done(error, size); });
    }
};

class TlsStream final : public ByteStream {
public:
    explicit TlsStream(std::shared_ptr<Link> link) : link_(std::move(link)) {}
    ~TlsStream() override { close(); }

    void read_some(std::span<std::uint8_t> room, Done done) override {
        const auto got = link_->session.read(room);
        if (got && *got > 0) link_->silent = 0;
        if (!got || *got > 0) {
            const auto error = got ? std::error_code() : std::error_code(asio::error::eof);
            asio::post(link_->socket.get_executor(), [done = std::move(done), error, size = got ? *got : 0] { done(error, size); });
            return;
        }
        link_->socket.async_read_some(asio::buffer(link_->in), [this, link = link_, room, done = std::move(done)](const std::error_code& error, std::size_t size) mutable {
            // Whoever reads keeps this stream alive until `done`.
            if (error) return done(error, 0);
            // Key updates and empty records cost us and carry nothing.
            link->silent += size;
            if (link->silent > kMostSilent) return done(asio::error::eof, 0);
            link->session.received(base::ByteView(link->in).first(size));
            read_some(room, std::move(done));
        });
    }
    void write(base::ByteView bytes, Done done) override {
        if (const auto taken = link_->session.write(bytes); !taken) {
            asio::post(link_->socket.get_executor(), [done = std::move(done)] { done(asio::error::connection_aborted, 0); });
            return;
        }
        link_->flush([size = bytes.size(), done = std::move(done)](const std::error_code& error, std::size_t) { done(error, size); });
    }
    void close() override {
        if (!link_->socket.is_open()) return;
        link_->session.close();
        // The goodbye is for whoever can take it at once.
        const base::Bytes goodbye = link_->session.to_send();
        std::error_code ignored;
        link_->socket.non_blocking(true, ignored);
        link_->socket.write_some(asio::buffer(goodbye), ignored);
        link_->close();
    }
    bool is_open() const override { return link_->socket.is_open(); }

private:
    std::shared_ptr<Link> link_;
};

base::Result<tcp::endpoint> parse(const std::string& text) {
    const auto bad = [&] { return base::Error{Code::invalid_argument, "network.listen: '" + text + "' is no ADDRESS:PORT, as 127.0.0.1:7450 or [::]:7450"}; };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) return bad();
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    if (const auto [at, wrong] = std::from_chars(text.data() + colon + 1, end, port); wrong != std::errc() || at != end) return bad();
    std::error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error) return bad();
    return tcp::endpoint(address, port);
}

std::string text_of(const tcp::endpoint& endpoint) {
    const std::string address = endpoint.address().to_string();
    return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

class TcpListener final : public TlsListener {
public:
    TcpListener(asio::io_context& io, TlsListenerOptions options) : io_(io), options_(std::move(options)), acceptor_(io) {}
    ~TcpListener() override {
        stop();
        handshakes_.stop();  // what waits its turn is dropped
        handshakes_.join();
    }

    base::Status bind() {
        KMP_TRY(const tcp::endpoint endpoint, parse(options_.address));
        std::error_code error;
        acceptor_.open(endpoint.protocol(), error);
        if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (error) return base::errno_error("cannot listen on " + options_.address, error.value());
        where_ = text_of(acceptor_.local_endpoint(error));
        return {};
    }
    std::string where() const override { return where_; }
    base::Status start(Accepted accepted) override {
        accepted_ = std::move(accepted);
        accept_each(io_, acceptor_, [this](tcp::socket socket) { greet(std::move(socket)); });
        return {};
    }
    void stop() override {
        std::error_code ignored;
        acceptor_.close(ignored);
        accepted_ = nullptr;
    }

private:
    void greet(tcp::socket socket) {
        std::error_code error;
        const tcp::endpoint from = socket.remote_endpoint(error);
        if (error) return;
        socket.set_option(tcp::no_delay(true), error);
        const auto context = options_.context();
        if (!context || *under_way_ >= options_.max_handshakes) return;
        auto seat = Seats::take(seats_, place_of(from.address()), options_.max_per_address, options_.max_connections);
        if (!seat) {
            spdlog::warn("a client at {} was turned away: at most {} connections of one address, {} of all", from.address().to_string(), options_.max_per_address, options_.max_connections);
            return;
        }
        Peer peer;
        peer.address = text_of(from);
        const auto link = std::make_shared<Link>(std::move(socket), context, std::move(seat), std::move(peer));
        link->deadline.expires_after(options_.handshake_timeout);
        link->deadline.async_wait([weak = std::weak_ptr(link)](const std::error_code& e) {
            if (const auto late = weak.lock(); late && !e) late->close();
        });
        hear(link);
    }

    void hear(const std::shared_ptr<Link>& link) {
        link->socket.async_read_some(asio::buffer(link->in), [this, link](const std::error_code& error, std::size_t size) {
            if (error || !accepted_) return link->close();
            link->session.received(base::ByteView(link->in).first(size));
            // The I/O thread leaves the session alone until the answer is back.
            ++*under_way_;
            asio::post(handshakes_, [this, link, under_way = under_way_] {
                auto met = link->session.handshake();
                asio::post(io_, [this, link, under_way, met = std::move(met)] {
                    --*under_way;
                    answer(link, met);
                });
            });
        });
    }

    void answer(const std::shared_ptr<Link>& link, const base::Result<bool>& met) {
        if (!met) spdlog::info("a client at {} got no connection: {}", link->peer.address, met.error().message);
        const bool failed = !met, done = met && *met;
        link->flush([this, link, failed, done](const std::error_code& error, std::size_t) {
            if (error || failed || !accepted_) return link->close();
            if (!done) return hear(link);
            link->deadline.cancel();
            link->peer.key = link->session.proven_key();
            accepted_(std::make_unique<TlsStream>(link), link->peer);
        });
    }

    asio::io_context& io_;
    TlsListenerOptions options_;
    tcp::acceptor acceptor_;
    std::string where_;
    Accepted accepted_;
    std::shared_ptr<Seats> seats_ = std::make_shared<Seats>();
    std::shared_ptr<unsigned> under_way_ = std::make_shared<unsigned>(0);
    asio::thread_pool handshakes_{kHandshakeThreads};
};

}  // namespace

base::Result<std::unique_ptr<TlsListener>> TlsListener::listen(asio::io_context& io, TlsListenerOptions options) {
    auto listener = std::make_unique<TcpListener>(io, std::move(options));
    KMP_CHECK(listener->bind());
    return std::unique_ptr<TlsListener>(std::move(listener));
}

}  // namespace kmp::service
