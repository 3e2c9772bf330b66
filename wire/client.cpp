#include "wire/client.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include "base/fd.h"
#include "tls/session.h"

#include "wire/failure.h"
#include "wire/pb.h"
#include "wire/pin_frame.h"

namespace wire {
namespace {

using Steady = std::chrono::steady_clock;

int left_ms(Steady::time_point deadline) noexcept {
    const auto left = std::chrono::ceil<Timeout>(deadline - Steady::now()).count();
    return left <= 0 ? 0 : static_cast<int>(std::min<std::int64_t>(left, 1 << 30));
}

/// Waits for any of `events`; 0 when the deadline has passed.
base::Result<short> wait_for(int fd, short events, Steady::time_point deadline) {
    for (;;) {
        pollfd p{fd, events, 0};
        const int n = poll(&p, 1, left_ms(deadline));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return base::errno_error("cannot wait for the service", errno);
        return n == 0 ? short{0} : p.revents;
    }
}

constexpr std::size_t kMaxTrustFile = 1 << 20;

/// A connected, non-blocking stream to "HOST:PORT"; "[ADDRESS]:PORT" for IPv6.
base::Result<base::Fd> connect_tcp(const std::string& host_and_port) {
    const std::size_t colon = host_and_port.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == host_and_port.size())
        return {base::Code::invalid_argument, "'" + host_and_port + "' is no HOST:PORT, as kmp.example:7450"};
    std::string host = host_and_port.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int wrong = getaddrinfo(host.c_str(), host_and_port.c_str() + colon + 1, &hints, &found); wrong != 0)
        return {base::Code::not_found, "no machine is known as " + host_and_port + ": " + gai_strerror(wrong)};
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
    int last = 0;
    for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
        base::Fd fd(socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!fd) return base::errno_error("cannot make a socket", errno);
        const int one = 1;
        setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        last = connect(fd.get(), a->ai_addr, a->ai_addrlen) == 0 ? 0 : errno;
        if (last == EINPROGRESS) {
            KMP_TRY(const short ready, wait_for(fd.get(), POLLOUT, Steady::now() + kConnectTimeout));
            socklen_t size = sizeof last;
            if (ready == 0) last = ETIMEDOUT;
            else getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &last, &size);
        }
        if (last == 0) return fd;
    }
    return {base::Code::not_found, "kmpd does not answer at " + host_and_port + " (" + std::string(std::generic_category().message(last)) + "): is it running, with network.listen in its kmp.toml?", last};
}

std::string seconds(Timeout t) {
    return t.count() % 1000 == 0 ? std::to_string(t.count() / 1000) + " s" : std::to_string(t.count()) + " ms";
}

}  // namespace

base::Result<Connection> Connection::open_unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return {base::Code::invalid_argument, "the socket path " + path + " is longer than the " + std::to_string(sizeof address.sun_path - 1) +
                                                  " bytes a unix socket may have: choose a shorter --home"};
    path.copy(address.sun_path, path.size());
    base::Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return base::errno_error("cannot make a socket", errno);
    const auto deadline = Steady::now() + kConnectTimeout;
    while (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        const int error = errno;
        if (error == EINTR) continue;
        if (error == EAGAIN && left_ms(deadline) > 0) {  // the listen queue is full
            poll(nullptr, 0, 10);
            continue;
        }
        if (error == ENOENT || error == ECONNREFUSED || error == ENOTDIR)
            return {base::Code::not_found, "kmpd is not running at " + path + ": start it with kmpd --home DIR", error};
        if (error == EACCES || error == EPERM)
            return {base::Code::denied, "this user may not use " + path + ": its permissions say who may", error};
        return base::errno_error("cannot connect to kmpd at " + path, error);
    }
    return Connection(std::move(fd), path);
}

Connection::Connection(base::Fd stream, std::string name) : stream_(std::move(stream)), name_(std::move(name)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() {
    if (!tls_ || !stream_) return;
    tls_->close();
    const base::Bytes goodbye = tls_->to_send();
    (void)::send(stream_.get(), goodbye.data(), goodbye.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

base::Result<Connection> Connection::open_tls(const std::string& host_and_port, const std::string& trust, const tls::Identity* own) {
    if (trust.empty()) return {base::Code::invalid_argument, "no anchor to trust was given for " + host_and_port + ": name the PEM file that 'kmpctl anchor' there printed"};
    const auto pem = base::read_file(trust, kMaxTrustFile);
    if (!pem) return {base::Code::invalid_argument, trust + " holds no certificate to trust: " + pem.error().message};
    auto context = tls::Context::client(base::as_text(*pem), own == nullptr ? std::nullopt : std::optional(*own));
    if (!context && context.error().code == base::Code::malformed) return {base::Code::invalid_argument, trust + " holds no certificate to trust: " + context.error().message};
    if (!context) return std::move(context).error();
    KMP_TRY(base::Fd stream, connect_tcp(host_and_port));
    Connection out(std::move(stream), host_and_port);
    out.tls_ = std::make_unique<tls::Session>(*context);
    KMP_CHECK(out.shake_hands(kConnectTimeout));
    return out;
}

base::Status Connection::shake_hands(Timeout timeout) {
    const auto deadline = Steady::now() + timeout;
    for (;;) {
        const auto done = tls_->handshake();
        // Also when it failed: it tells the other end why.
        const base::Status sent = send_bytes(tls_->to_send(), timeout);
        if (!done && done.error().code == base::Code::denied)
            return fail({done.error().code, "kmpd at " + name_ + ": " + done.error().message + "; is --trust the anchor of this platform ('kmpctl anchor' there prints it)?"});
        if (!done) return fail(base::Error(done.error()).in("kmpd at " + name_));
        KMP_CHECK(sent);
        if (*done) return {};
        auto ready = wait_for(stream_.get(), POLLIN, deadline);
        if (!ready) return fail(ready.error());
        if (*ready == 0) return fail({base::Code::timeout, "kmpd at " + name_ + " shook no hands within " + seconds(timeout)});
        if (auto read = read_some(); !read) return fail({read.error().code, read.error().message + " before it proved itself: perhaps it is sealed, or has no room; look there with 'kmpctl status'"});
    }
}

base::Status Connection::fail(base::Error error) {
    stream_.reset();
    return error;
}

base::Result<bool> Connection::read_decrypted() {
    if (!tls_) return false;
    const auto room = reader_.room();
    const auto size = tls_->read(room);
    if (!size) return fail({base::Code::io_failed, "kmpd at " + name_ + ": " + size.error().message}).error();
    reader_.received(*size);
    return *size > 0;
}

base::Status Connection::read_some() {
    std::array<std::uint8_t, 16384> sealed;
    const std::span<std::uint8_t> room = tls_ ? std::span<std::uint8_t>(sealed) : reader_.room();
    const ssize_t n = recv(stream_.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (n > 0) {
        if (tls_) tls_->received(base::ByteView(sealed).first(static_cast<std::size_t>(n)));
        else reader_.received(static_cast<std::size_t>(n));
        return {};
    }
    if (n == 0) return fail({base::Code::io_failed, "kmpd at " + name_ + " closed the connection"});
    if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK) return {};
    return fail(base::errno_error("cannot read from kmpd at " + name_, errno));
}

base::Status Connection::send(base::ByteView frames, Timeout timeout) {
    if (!stream_) return {base::Code::io_failed, "the connection to kmpd at " + name_ + " is closed"};
    if (!tls_) return send_bytes(frames, timeout);
    if (auto taken = tls_->write(frames); !taken) return fail(std::move(taken).error().in("kmpd at " + name_));
    return send_bytes(tls_->to_send(), timeout);
}

base::Status Connection::send_bytes(base::ByteView frames, Timeout timeout) {
    auto deadline = Steady::now() + timeout;
    while (!frames.empty()) {
        const ssize_t n = ::send(stream_.get(), frames.data(), frames.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            frames = frames.subspan(static_cast<std::size_t>(n));
            deadline = Steady::now() + timeout;
            continue;
        }
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            // The service may have said why it hangs up: that is what the caller should read, at the next receive.
            if ((errno == EPIPE || errno == ECONNRESET) && reader_.pending() > 0) return {};
            return fail(base::errno_error("cannot send to kmpd at " + name_, errno));
        }
        auto ready = wait_for(stream_.get(), POLLOUT | POLLIN, deadline);
        if (!ready) return fail(ready.error());
        if (*ready == 0) return fail({base::Code::timeout, "kmpd at " + name_ + " took nothing for " + seconds(timeout)});
        if ((*ready & POLLIN) != 0) KMP_CHECK(read_some());
    }
    return {};
}

base::Result<base::ByteView> Connection::receive(Timeout timeout) {
    const auto deadline = Steady::now() + timeout;
    for (;;) {
        auto next = reader_.next();
        if (!next) return fail(next.error()).error();
        if (*next) return base::ByteView(**next);
        KMP_TRY(const bool more, read_decrypted());
        if (more) continue;
        if (!stream_) return {base::Code::io_failed, "the connection to kmpd at " + name_ + " is closed"};
        auto ready = wait_for(stream_.get(), POLLIN, deadline);
        if (!ready) return fail(ready.error()).error();
        if (*ready == 0)
            return fail({base::Code::timeout, "kmpd at " + name_ + " did not answer within " + seconds(timeout) + "; what was asked may have happened"}).error();
        KMP_CHECK(read_some());
    }
}

base::Result<std::optional<base::ByteView>> Connection::receive_now() {
    for (bool read = false;;) {
        auto next = reader_.next();
        if (!next) return fail(next.error()).error();
        if (*next) return std::optional<base::ByteView>(**next);
        KMP_TRY(const bool more, read_decrypted());
        if (more) continue;
        if (!stream_) return {base::Code::io_failed, "the connection to kmpd at " + name_ + " is closed"};
        if (read) return std::optional<base::ByteView>();
        KMP_CHECK(read_some());
        read = true;
    }
}

template <class Request, class Reply>
base::Result<Client<Request, Reply>> Client<Request, Reply>::open(const std::string& socket_path) {
    KMP_TRY(Connection connection, Connection::open_unix(socket_path));
    return Client(std::move(connection));
}

template <class Request, class Reply>
base::Result<Client<Request, Reply>> Client<Request, Reply>::open_tls(const std::string& host_and_port, const std::string& trust, const tls::Identity* own) {
    KMP_TRY(Connection connection, Connection::open_tls(host_and_port, trust, own));
    return Client(std::move(connection));
}

template <class Request, class Reply>
base::Status Client<Request, Reply>::enter_pin(std::string_view role, const base::Secret& pin) {
    base::Bytes frame;
    KMP_CHECK(append_pin_frame(frame, role, pin));
    auto sent = connection_.send(frame, timeout_);
    base::wipe(frame);
    return sent;
}

template <class Request, class Reply>
base::Result<std::uint64_t> Client<Request, Reply>::send(Request request) {
    request.set_id(++last_id_);
    base::Bytes frame;
    KMP_CHECK(append_frame(frame, request));
    KMP_CHECK(connection_.send(frame, timeout_));
    ++in_flight_;
    return last_id_;
}

template <class Request, class Reply>
base::Result<Reply> Client<Request, Reply>::next_reply() {
    KMP_TRY(const base::ByteView message, connection_.receive(timeout_));
    Reply reply;
    if (!reply.ParseFromArray(message.data(), static_cast<int>(message.size())))
        return {base::Code::malformed, "kmpd at " + connection_.name() + " sent a message that is no reply"};
    if (reply.id() > last_id_ || (reply.id() == 0 && !reply.has_failure())) {
        connection_ = Connection(base::Fd(), connection_.name());
        return {base::Code::malformed, "kmpd at " + connection_.name() + " answered what nobody asked (id " + std::to_string(reply.id()) + ")"};
    }
    return reply;
}

template <class Request, class Reply>
base::Result<Reply> Client<Request, Reply>::receive() {
    Reply reply;
    if (!early_.empty()) {
        reply = std::move(early_.front());
        early_.pop_front();
    } else {
        KMP_TRY(reply, next_reply());
    }
    bool more = false;
    if constexpr (requires { reply.more(); }) more = reply.more();
    if (!more && in_flight_ > 0) --in_flight_;
    return reply;
}

template <class Request, class Reply>
base::Result<Reply> Client<Request, Reply>::call(Request request, const OnPart& on_part) {
    KMP_TRY(const std::uint64_t id, send(std::move(request)));
    for (;;) {
        KMP_TRY(Reply reply, next_reply());
        // A service that cannot read a request answers with id 0 and hangs up: that is meant for whoever waits.
        if (reply.id() != id && !(reply.id() == 0 && reply.has_failure())) {
            early_.push_back(std::move(reply));
            continue;
        }
        if constexpr (requires { reply.more(); }) {
            if (reply.more() && !reply.has_failure()) {
                if (on_part) {
                    if (auto seen = on_part(reply); !seen) {
                        connection_ = Connection(base::Fd(), connection_.name());
                        return std::move(seen).error();
                    }
                }
                continue;
            }
        }
        --in_flight_;
        if (reply.has_failure()) return error_of(reply.failure());
        return reply;
    }
}

template <class Request, class Reply>
base::Result<pb::HelloReply> Client<Request, Reply>::hello(std::string_view program, std::string_view checkpoint) {
    Request request;
    request.mutable_hello()->set_version(kProtocolVersion);
    request.mutable_hello()->set_client(std::string(program.substr(0, 64)));
    request.mutable_hello()->set_checkpoint(std::string(checkpoint));
    KMP_TRY(Reply reply, call(std::move(request)));
    if (!reply.has_hello()) return {base::Code::malformed, "kmpd at " + connection_.name() + " answered hello with something else"};
    if (reply.hello().version() != kProtocolVersion)
        return {base::Code::unsupported, "kmpd at " + connection_.name() + " speaks version " + std::to_string(reply.hello().version()) + " of the protocol, this program version " +
                                             std::to_string(kProtocolVersion) + ": install matching versions"};
    return std::move(*reply.mutable_hello());
}

template class Client<pb::StationRequest, pb::StationReply>;
template class Client<pb::AdminRequest, pb::AdminReply>;

namespace {

base::Result<pb::OpenSessionReply> ask_session(StationClient& client, pb::OpenSession asked) {
    pb::StationRequest request;
    *request.mutable_open_session() = std::move(asked);
    KMP_TRY(pb::StationReply reply, client.call(std::move(request)));
    if (!reply.has_open_session()) return {base::Code::malformed, "kmpd answered open_session with something else"};
    return std::move(*reply.mutable_open_session());
}

}  // namespace

base::Result<pb::OpenSessionReply> open_session(StationClient& client, std::string_view ukey, const base::Secret* pin, std::string_view kind) {
    if (pin != nullptr) KMP_CHECK(client.enter_pin("ukey", *pin));
    pb::OpenSession asked;
    asked.set_ukey(std::string(ukey));
    asked.set_kind(std::string(kind));
    return ask_session(client, std::move(asked));
}

base::Result<pb::OpenSessionReply> open_account(StationClient& client, std::string_view account, const base::Secret* password) {
    if (password != nullptr) KMP_CHECK(client.enter_pin("account", *password));
    pb::OpenSession asked;
    asked.set_account(std::string(account));
    return ask_session(client, std::move(asked));
}

base::Result<StationClient> open_proved(const std::string& host_and_port, const std::string& trust, std::shared_ptr<StationClient> local, const pb::OpenSessionReply& session) {
    if (session.certificate().empty()) return {base::Code::unsupported, "kmpd gave no certificate of UKEY " + session.ukey() + ", so that it cannot be shown: install matching versions"};
    const auto refused = std::make_shared<std::optional<base::Error>>();  // shared with what signs, which outlives this call
    const auto ask = [local](base::ByteView content) -> base::Result<base::Bytes> {
        pb::StationRequest request;
        request.mutable_prove_station()->set_content(base::to_string(content));
        KMP_TRY(const pb::StationReply reply, local->call(std::move(request)));
        if (!reply.has_prove_station()) return {base::Code::malformed, "kmpd answered prove_station with something else"};
        return base::to_bytes(base::as_bytes(reply.prove_station().signature()));
    };
    const tls::Identity own{{base::to_bytes(base::as_bytes(session.certificate()))}, [ask, refused](base::ByteView content) {
                                auto signature = ask(content);
                                if (!signature) *refused = signature.error();
                                return signature;
                            }};
    auto client = StationClient::open_tls(host_and_port, trust, &own);
    // What the local kmpd said is not the other one's word.
    if (!client && *refused) return std::move(**refused);
    return client;
}

}  // namespace wire
