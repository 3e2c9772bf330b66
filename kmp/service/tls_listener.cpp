#include "kmp/service/tls_listener.h"

#include <array>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>
#include <asio/write.hpp>

#include "kmp/service/accepting.h"
#include "kmp/service/endpoint.h"
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

/// An IPv4 client of a `[::]` socket stands as what it is.
std::string text_of(const tcp::endpoint& endpoint) {
    asio::ip::address address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return (address.is_v6() ? "[" + address.to_string() + "]" : address.to_string()) + ":" + std::to_string(endpoint.port());
}

class TcpListener final : public TlsListener {
public:
    TcpListener(asio::io_context& io, TlsListenerOptions options)
        : io_(io), options_(std::move(options)), acceptor_(io), metrics_(options_.metrics != nullptr ? *options_.metrics : unread_) {}
    ~TcpListener() override {
        stop();
        handshakes_.stop();  // what waits its turn is dropped
        handshakes_.join();
    }

    base::Status bind() {
        KMP_TRY(const Endpoint wanted, parse_endpoint(options_.address, "network.listen"));
        const tcp::endpoint endpoint(asio::ip::make_address(wanted.address), wanted.port);
        std::error_code error;
        if (options_.passed) {
            acceptor_.assign(endpoint.protocol(), options_.passed.get(), error);
            if (!error) options_.passed.release();
        } else {
            acceptor_.open(endpoint.protocol(), error);
            if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
            if (!error) acceptor_.bind(endpoint, error);
            if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        }
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
    void set_limits(unsigned max_connections, unsigned max_per_address, std::chrono::milliseconds handshake_timeout) override {
        options_.max_connections = max_connections;
        options_.max_per_address = max_per_address;
        options_.handshake_timeout = handshake_timeout;
    }

private:
    void say(std::string_view kind, const std::string& text) {
        if (options_.lines != nullptr) options_.lines->say(kind, text);
    }
    void greet(tcp::socket socket) {
        std::error_code error;
        const tcp::endpoint from = socket.remote_endpoint(error);
        if (error) return;
        socket.set_option(tcp::no_delay(true), error);
        const auto context = options_.context();
        if (!context) {
            say("connections while the service was sealed", "a client at " + text_of(from) + " was turned away: the service is sealed");
            return metrics_.sealed.add();
        }
        if (*under_way_ >= options_.max_handshakes) {
            say("handshakes beyond those at once", "a client at " + text_of(from) + " was turned away: " + std::to_string(options_.max_handshakes) + " shake hands already");
            return metrics_.busy.add();
        }
        auto seat = Seats::take(seats_, place_of(from.address()), options_.max_per_address, options_.max_connections);
        if (!seat) {
            say("clients turned away", text_of(from) + " was turned away: at most " + std::to_string(options_.max_per_address) + " connections of one address, " +
                                           std::to_string(options_.max_connections) + " of all");
            return metrics_.address_full.add();
        }
        Peer peer;
        peer.address = text_of(from);
        const auto link = std::make_shared<Link>(std::move(socket), context, std::move(seat), std::move(peer));
        link->deadline.expires_after(options_.handshake_timeout);
        link->deadline.async_wait([this, weak = std::weak_ptr(link)](const std::error_code& e) {
            const auto late = weak.lock();
            if (!late || e) return;
            metrics_.late.add();
            say("late handshakes", "a client at " + late->peer.address + " did not shake hands in time");
            late->close();
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
        if (!met) {
            metrics_.failed.add();
            say("failed handshakes", "a client at " + link->peer.address + " got no connection: " + met.error().message);
        }
        const bool failed = !met, done = met && *met;
        link->flush([this, link, failed, done](const std::error_code& error, std::size_t) {
            if (error || failed || !accepted_) return link->close();
            if (!done) return hear(link);
            link->deadline.cancel();
            link->peer.key = link->session.proven_key();
            metrics_.done.add();
            accepted_(std::make_unique<TlsStream>(link), link->peer);
        });
    }

    asio::io_context& io_;
    TlsListenerOptions options_;
    tcp::acceptor acceptor_;
    TlsMetrics unread_;  ///< where nobody counts
    TlsMetrics& metrics_;
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
