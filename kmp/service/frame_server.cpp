#include "kmp/service/frame_server.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>
#include <unordered_map>

#include "base/secret.h"
#include "wire/failure.h"
#include "wire/pb.h"

namespace kmp::service {
namespace {

using Protocol = asio::local::stream_protocol;
using base::Code;

constexpr std::size_t kMaxPins = 18;  // a ceremony with 16 officers
constexpr int kFramesPerTurn = 64;  ///< of one connection; then the others have their turn

class Server;

class Connection final : public FrameConnection, public std::enable_shared_from_this<Connection> {
public:
    Connection(Protocol::socket socket, Server& server, std::uint64_t number) : socket_(std::move(socket)), server_(&server), number_(number) {
        ucred who{};
        socklen_t size = sizeof who;
        if (getsockopt(socket_.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) == 0) peer_ = {who.uid, who.pid};
    }
    const Peer& peer() const override { return peer_; }
    std::uint64_t number() const override { return number_; }
    bool open() const override { return socket_.is_open() && !finishing_; }
    std::size_t backlog() const override { return queued_.size() + sending_.size(); }
    std::vector<wire::PinEntry> take_pins() override { return std::exchange(pins_, {}); }
    void start() { read(); }
    void send(const wire::pb::StationReply& reply) override { queue(reply); }
    void send(const wire::pb::AdminReply& reply) override { queue(reply); }
    void finish() override;
    void close();
    void detach() { server_ = nullptr; }
    std::chrono::steady_clock::time_point last_heard() const { return last_heard_; }

private:
    template <class Reply>
    void queue(const Reply& reply);
    void read();
    void serve();
    bool take_frames();  ///< false: more frames wait
    void flush();

    Protocol::socket socket_;
    Server* server_;
    std::uint64_t number_;
    Peer peer_;
    wire::FrameReader reader_;
    std::vector<wire::PinEntry> pins_;
    base::Bytes queued_;
    base::Bytes sending_;
    bool flush_posted_ = false;
    bool finishing_ = false;
    std::chrono::steady_clock::time_point last_heard_ = std::chrono::steady_clock::now();
};

class Server final : public FrameServer {
public:
    Server(asio::io_context& io, FrameServerOptions options, FrameHandlers handlers)
        : io_(io), options_(std::move(options)), handlers_(std::move(handlers)), acceptor_(io), timer_(io) {}
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

private:
    void accept();
    void sweep();
    asio::io_context& io_;
    FrameServerOptions options_;
    FrameHandlers handlers_;
    Protocol::acceptor acceptor_;
    asio::steady_timer timer_;
    std::unordered_map<std::uint64_t, std::shared_ptr<Connection>> connections_;
    std::uint64_t next_ = 1;
};

void Connection::read() {
    const auto room = reader_.room();
    socket_.async_read_some(asio::buffer(room.data(), room.size()), [self = shared_from_this()](const std::error_code& error, std::size_t count) {
        if (error || self->server_ == nullptr) {
            self->close();
            return;
        }
        self->last_heard_ = std::chrono::steady_clock::now();
        self->reader_.received(count);
        self->serve();
    });
}

void Connection::serve() {
    if (take_frames()) {
        if (open()) read();
        return;
    }
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->serve(); });
}

bool Connection::take_frames() {
    const auto self = shared_from_this();
    const auto broken = [&](const base::Error& error) {
        pins_.clear();
        if (server_ != nullptr) server_->handlers().on_broken(self, error);
        finish();
        return true;
    };
    for (int taken = 0; open() && server_ != nullptr; ++taken) {
        if (taken == kFramesPerTurn) return false;
        auto next = reader_.next();
        if (!next) return broken(next.error());
        if (!*next) return true;
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
    if (!socket_.is_open() || server_ == nullptr) return;
    if (auto fits = wire::append_frame(queued_, reply); !fits) {
        spdlog::error("a reply to {} was not sent: {}", peer_.text(), fits.error().message);
        Reply failed;
        failed.set_id(reply.id());
        wire::set_failure(*failed.mutable_failure(), {Code::internal, "the answer does not fit a frame: " + fits.error().message});
        if (!wire::append_frame(queued_, failed)) return close();
    }
    if (backlog() > server_->options().max_backlog) return close();
    if (flush_posted_ || !sending_.empty()) return;
    flush_posted_ = true;
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        self->flush_posted_ = false;
        self->flush();
    });
}

void Connection::flush() {
    if (!sending_.empty() || !socket_.is_open()) return;
    if (queued_.empty()) {
        if (finishing_) close();
        return;
    }
    sending_.swap(queued_);
    asio::async_write(socket_, asio::buffer(sending_), [self = shared_from_this()](const std::error_code& error, std::size_t) {
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
    if (!socket_.is_open()) return;
    std::error_code ignored;
    socket_.close(ignored);
    pins_.clear();
    const auto self = shared_from_this();
    if (server_ != nullptr) {
        server_->handlers().on_closed(self);
        server_->gone(*this);
    }
}

base::Status Server::begin() {
    if (options_.path.size() >= sizeof(sockaddr_un{}.sun_path))
        return {Code::invalid_argument, "the socket path " + options_.path + " is longer than 107 bytes; choose a shorter --home"};
    std::error_code error;
    {
        // A live service answers a connection; a file left over by a crash does not.
        Protocol::socket probe(io_);
        probe.connect(Protocol::endpoint(options_.path), error);
        if (!error) return {Code::conflict, "another kmpd listens on " + options_.path + " already"};
    }
    ::unlink(options_.path.c_str());
    const mode_t before = umask(0177 & ~options_.mode);
    acceptor_.open(Protocol(), error);
    if (!error) acceptor_.bind(Protocol::endpoint(options_.path), error);
    umask(before);
    if (!error && ::chmod(options_.path.c_str(), options_.mode) != 0) error = std::error_code(errno, std::generic_category());
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return base::errno_error("cannot listen on " + options_.path, error.value());
    accept();
    sweep();
    return {};
}

void Server::accept() {
    acceptor_.async_accept([this](const std::error_code& error, Protocol::socket socket) {
        if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
        if (error) {
            // Out of descriptors, most likely: take a breath instead of spinning.
            auto pause = std::make_shared<asio::steady_timer>(io_, std::chrono::milliseconds(100));
            pause->async_wait([this, pause](const std::error_code& e) {
                if (!e && acceptor_.is_open()) accept();
            });
            return;
        }
        if (connections_.size() < options_.max_connections) {
            auto connection = std::make_shared<Connection>(std::move(socket), *this, next_);
            connections_.emplace(next_++, connection);
            connection->start();
        }
        accept();
    });
}

void Server::sweep() {
    timer_.expires_after(std::min(options_.idle_timeout, std::chrono::milliseconds(5000)));
    timer_.async_wait([this](const std::error_code& error) {
        if (error) return;
        const auto oldest = std::chrono::steady_clock::now() - options_.idle_timeout;
        std::vector<std::shared_ptr<Connection>> silent;
        for (const auto& [number, c] : connections_)
            if (c->last_heard() < oldest) silent.push_back(c);
        for (const auto& c : silent) c->close();
        sweep();
    });
}

void Server::gone(Connection& connection) {
    connection.detach();
    connections_.erase(connection.number());
}

void Server::stop_accepting() {
    if (!acceptor_.is_open()) return;
    std::error_code ignored;
    acceptor_.close(ignored);
    timer_.cancel();
    ::unlink(options_.path.c_str());
}

void Server::close_all() {
    std::vector<std::shared_ptr<Connection>> all;
    for (const auto& [number, c] : connections_) all.push_back(c);
    for (const auto& c : all) c->close();
}

}  // namespace

base::Result<std::unique_ptr<FrameServer>> FrameServer::listen(asio::io_context& io, FrameServerOptions options, FrameHandlers handlers) {
    auto server = std::make_unique<Server>(io, std::move(options), std::move(handlers));
    KMP_CHECK(server->begin());
    return std::unique_ptr<FrameServer>(std::move(server));
}

}  // namespace kmp::service
