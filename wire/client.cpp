#include "wire/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>

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

base::Status Connection::fail(base::Error error) {
    stream_.reset();
    return error;
}

base::Status Connection::read_some() {
    const auto room = reader_.room();
    const ssize_t n = recv(stream_.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (n > 0) {
        reader_.received(static_cast<std::size_t>(n));
        return {};
    }
    if (n == 0) return fail({base::Code::io_failed, "kmpd at " + name_ + " closed the connection"});
    if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK) return {};
    return fail(base::errno_error("cannot read from kmpd at " + name_, errno));
}

base::Status Connection::send(base::ByteView frames, Timeout timeout) {
    if (!stream_) return {base::Code::io_failed, "the connection to kmpd at " + name_ + " is closed"};
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
        if (!stream_) return {base::Code::io_failed, "the connection to kmpd at " + name_ + " is closed"};
        auto ready = wait_for(stream_.get(), POLLIN, deadline);
        if (!ready) return fail(ready.error()).error();
        if (*ready == 0)
            return fail({base::Code::timeout, "kmpd at " + name_ + " did not answer within " + seconds(timeout) + "; what was asked may have happened"}).error();
        KMP_CHECK(read_some());
    }
}

template <class Request, class Reply>
base::Result<Client<Request, Reply>> Client<Request, Reply>::open(const std::string& socket_path) {
    KMP_TRY(Connection connection, Connection::open_unix(socket_path));
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
base::Result<pb::HelloReply> Client<Request, Reply>::hello(std::string_view program) {
    Request request;
    request.mutable_hello()->set_version(kProtocolVersion);
    request.mutable_hello()->set_client(std::string(program.substr(0, 64)));
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

base::Result<pb::OpenSessionReply> open_session(StationClient& client, std::string_view ukey, const base::Secret* pin) {
    if (pin != nullptr) KMP_CHECK(client.enter_pin("ukey", *pin));
    pb::OpenSession asked;
    asked.set_ukey(std::string(ukey));
    return ask_session(client, std::move(asked));
}

base::Result<pb::OpenSessionReply> open_account(StationClient& client, std::string_view account, const base::Secret& password) {
    KMP_CHECK(client.enter_pin("account", password));
    pb::OpenSession asked;
    asked.set_account(std::string(account));
    return ask_session(client, std::move(asked));
}

}  // namespace wire
