#include "kmp/service/frame_server.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <unordered_map>

#include "base/secret.h"
#include "wire/failure.h"
#include "wire/pb.h"

namespace kmp::service {
namespace {

using base::Code;

constexpr std::size_t kMaxPins = 18;  // a ceremony with 16 officers
constexpr int kFramesPerTurn = 64;  ///< of one connection; then the others have their turn

std::uint64_t next_number = 1;  // of connections, on whatever socket; the I/O thread's

class Server;

class Connection final : public FrameConnection, public std::enable_shared_from_this<Connection> {
public:
    Connection(asio::io_context& io, std::unique_ptr<ByteStream> stream, Peer peer, Server& server, std::uint64_t number)
        : io_(io), stream_(std::move(stream)), server_(&server), number_(number), peer_(std::move(peer)) {}
    const Peer& peer() const override { return peer_; }
    std::uint64_t number() const override { return number_; }
    bool open() const override { return stream_->is_open() && !finishing_; }
    std::size_t backlog() const override { return queued_.size() + sending_.size(); }
    std::vector<wire::PinEntry> take_pins() override { return std::exchange(pins_, {}); }
    void start() { read(); }
    void send(const wire::pb::StationReply& reply) override { queue(reply); }
    void send(const wire::pb::AdminReply& reply) override { queue(reply); }
    void finish() override;
    void close();
    void detach() { server_ = nullptr; }
    void prove() override { proven_ = true; }
    bool proven() const { return proven_; }
    std::chrono::steady_clock::time_point last_heard() const { return last_heard_; }
    std::chrono::steady_clock::time_point since() const { return since_; }

private:
    template <class Reply>
    void queue(const Reply& reply);
    void read();
    void serve();
    bool take_frames();  ///< false: more frames wait
    void flush();

    asio::io_context& io_;
    std::unique_ptr<ByteStream> stream_;
    Server* server_;
    std::uint64_t number_;
    Peer peer_;
    wire::FrameReader reader_;
    std::vector<wire::PinEntry> pins_;
    base::Bytes queued_;
    base::Bytes sending_;
    bool flush_posted_ = false;
    bool finishing_ = false;
    bool proven_ = false;
    const std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point last_heard_ = since_;
};

class Server final : public FrameServer {
public:
    Server(asio::io_context& io, std::unique_ptr<Listener> listener, FrameServerOptions options, FrameHandlers handlers)
        : io_(io), options_(options), handlers_(std::move(handlers)), listener_(std::move(listener)), timer_(io), metrics_(options.metrics != nullptr ? *options.metrics : unread_) {}
    ~Server() override {
        stop_accepting();
        close_all();
    }
    base::Status begin();
    void stop_accepting() override;
    void close_all() override;
    std::size_t connections() const override { return connections_.size(); }
    void gone(Connection& connection);
    const FrameServerOptions& options() const { return options_; }
    const FrameHandlers& handlers() const { return handlers_; }
    ConnectionMetrics& metrics() { return metrics_; }
    void set_limits(unsigned max_connections, std::chrono::milliseconds idle_timeout, std::optional<std::chrono::milliseconds> unproven_timeout) override {
        options_.max_connections = max_connections;
        options_.idle_timeout = idle_timeout;
        options_.unproven_timeout = unproven_timeout;
    }

private:
    void sweep();
    asio::io_context& io_;
    FrameServerOptions options_;
    FrameHandlers handlers_;
    std::unique_ptr<Listener> listener_;
    asio::steady_timer timer_;
    ConnectionMetrics unread_;  ///< where nobody counts
    ConnectionMetrics& metrics_;
    std::unordered_map<std::uint64_t, std::shared_ptr<Connection>> connections_;
};

void Connection::read() {
    const auto room = reader_.room();
    stream_->read_some(room, [self = shared_from_this()](const std::error_code& error, std::size_t count) {
        if (error || self->server_ == nullptr) {
            self->close();
            return;
        }
        self->reader_.received(count);
        self->serve();
    });
}

void Connection::serve() {
    if (take_frames()) {
        if (open()) read();
        return;
    }
    asio::post(io_, [self = shared_from_this()] { self->serve(); });
}

bool Connection::take_frames() {
    const auto self = shared_from_this();
    const auto broken = [&](const base::Error& error) {
        pins_.clear();
        if (server_ != nullptr) {
            server_->metrics().broken.add();
            server_->handlers().on_broken(self, error);
        }
        finish();
        return true;
    };
    for (int taken = 0; open() && server_ != nullptr; ++taken) {
        if (taken == kFramesPerTurn) return false;
        auto next = reader_.next();
        if (!next) return broken(next.error());
        if (!*next) return true;
        // A whole one: bytes that trickle in keep no place.
        last_heard_ = std::chrono::steady_clock::now();
        const std::span<std::uint8_t> message = **next;
        if (wire::is_pin_frame(message)) {
            auto pin = wire::parse_pin_frame(message);
            if (!pin) return broken(pin.error());
            // Which of the two was meant nobody can tell, and a wrong one counts.
            if (std::any_of(pins_.begin(), pins_.end(), [&](const wire::PinEntry& earlier) { return earlier.role == pin->role; }))
                return broken({Code::malformed, "two PINs of one role before one request"});
            if (pins_.size() == kMaxPins) return broken({Code::malformed, "more PINs than any request takes"});
            pins_.push_back(std::move(*pin));
            continue;
        }
        server_->handlers().on_message(self, message);
        pins_.clear();  // what the request did not take is wiped
    }
    return true;
}

template <class Reply>
void Connection::queue(const Reply& reply) {
    if (!stream_->is_open() || server_ == nullptr) return;
    last_heard_ = std::chrono::steady_clock::now();  // who waits for long work is not silent
    if (auto fits = wire::append_frame(queued_, reply); !fits) {
        spdlog::error("a reply to {} was not sent: {}", peer_.text(), fits.error().message);
        Reply failed;
        failed.set_id(reply.id());
        wire::set_failure(*failed.mutable_failure(), {Code::internal, "the answer does not fit a frame: " + fits.error().message});
        if (!wire::append_frame(queued_, failed)) return close();
    }
    if (backlog() > server_->options().max_backlog) {
        server_->metrics().unread.add();
        return close();
    }
    if (flush_posted_ || !sending_.empty()) return;
    flush_posted_ = true;
    asio::post(io_, [self = shared_from_this()] {
        self->flush_posted_ = false;
        self->flush();
    });
}

void Connection::flush() {
    if (!sending_.empty() || !stream_->is_open()) return;
    if (queued_.empty()) {
        if (finishing_) close();
        return;
    }
    sending_.swap(queued_);
    stream_->write(sending_, [self = shared_from_this()](const std::error_code& error, std::size_t) {
        self->sending_.clear();
        if (error) return self->close();
        self->flush();
    });
}

void Connection::finish() {
    if (finishing_) return;
    finishing_ = true;
    if (sending_.empty() && !flush_posted_) flush();
}

void Connection::close() {
    if (!stream_->is_open()) return;
    stream_->close();
    pins_.clear();
    const auto self = shared_from_this();
    if (server_ != nullptr) {
        server_->handlers().on_closed(self);
        server_->gone(*this);
    }
}

base::Status Server::begin() {
    KMP_CHECK(listener_->start([this](std::unique_ptr<ByteStream> stream, Peer peer) {
        if (connections_.size() >= options_.max_connections || (handlers_.admits && !handlers_.admits(peer))) {
            metrics_.full.add();
            if (handlers_.on_full) handlers_.on_full(peer);
            return;
        }
        metrics_.accepted.add();
        const std::uint64_t number = next_number++;
        auto connection = std::make_shared<Connection>(io_, std::move(stream), std::move(peer), *this, number);
        connections_.emplace(number, connection);
        connection->start();
    }));
    sweep();
    return {};
}

void Server::sweep() {
    timer_.expires_after(std::min({options_.idle_timeout, options_.unproven_timeout.value_or(options_.idle_timeout), std::chrono::milliseconds(5000)}));
    timer_.async_wait([this](const std::error_code& error) {
        if (error) return;
        const auto now = std::chrono::steady_clock::now();
        std::vector<std::shared_ptr<Connection>> silent;
        for (const auto& [number, c] : connections_)
            if (c->last_heard() < now - options_.idle_timeout || (!c->proven() && options_.unproven_timeout && c->since() < now - *options_.unproven_timeout)) silent.push_back(c);
        metrics_.silent.add(silent.size());
        for (const auto& c : silent) {
            if (handlers_.on_unproven && !c->proven() && options_.unproven_timeout) handlers_.on_unproven(c->peer());
            c->close();
        }
        sweep();
    });
}

void Server::gone(Connection& connection) {
    connection.detach();
    connections_.erase(connection.number());
}

void Server::stop_accepting() {
    listener_->stop();
    timer_.cancel();
}

void Server::close_all() {
    std::vector<std::shared_ptr<Connection>> all;
    for (const auto& [number, c] : connections_) all.push_back(c);
    for (const auto& c : all) c->close();
}

}  // namespace

base::Result<std::unique_ptr<FrameServer>> FrameServer::listen(asio::io_context& io, std::unique_ptr<Listener> listener, FrameServerOptions options, FrameHandlers handlers) {
    auto server = std::make_unique<Server>(io, std::move(listener), options, std::move(handlers));
    KMP_CHECK(server->begin());
    return std::unique_ptr<FrameServer>(std::move(server));
}

}  // namespace kmp::service
