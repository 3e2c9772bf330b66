#include "kmp/service/unix_listener.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <vector>

#include "kmp/service/accepting.h"
#include "kmp/service/socket_stream.h"

namespace kmp::service {
namespace {

using Protocol = asio::local::stream_protocol;
using base::Code;

using UnixStream = SocketStream<Protocol::socket>;

Peer peer_of(UnixStream& stream) {
    ucred who{};
    socklen_t size = sizeof who;
    if (getsockopt(stream.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return {};
    return {who.uid, who.pid, {}, {}};
}

class UnixListener final : public Listener {
public:
    UnixListener(asio::io_context& io, std::string path) : io_(io), path_(std::move(path)), acceptor_(io) {}
    ~UnixListener() override { stop(); }

    base::Status adopt(base::Fd passed) {
        std::error_code error;
        acceptor_.assign(Protocol(), passed.get(), error);
        if (error) return base::errno_error("cannot use the socket that was passed for " + path_, error.value());
        passed.release();
        adopted_ = true;
        return {};
    }
    base::Status bind(unsigned mode, std::optional<gid_t> group) {
        if (path_.size() >= sizeof(sockaddr_un{}.sun_path)) return {Code::invalid_argument, "the socket path " + path_ + " is longer than 107 bytes; choose a shorter --home"};
        std::error_code error;
        {
            // A live service answers a connection; a file left over by a crash does not.
            Protocol::socket probe(io_);
            probe.connect(Protocol::endpoint(path_), error);
            if (!error) return {Code::conflict, "another kmpd listens on " + path_ + " already"};
        }
        ::unlink(path_.c_str());
        // Closed to everybody else until it is of the right group.
        const mode_t before = umask(0177);
        acceptor_.open(Protocol(), error);
        if (!error) acceptor_.bind(Protocol::endpoint(path_), error);
        umask(before);
        if (!error && group && ::chown(path_.c_str(), static_cast<uid_t>(-1), *group) != 0)
            return base::errno_error("cannot give " + path_ + " to audit.group: the service runs as root, or as a member of that group", errno);
        if (!error && ::chmod(path_.c_str(), mode) != 0) error = std::error_code(errno, std::generic_category());
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (error) return base::errno_error("cannot listen on " + path_, error.value());
        return {};
    }
    base::Status start(Accepted accepted) override {
        accept_each(io_, acceptor_, [accepted = std::move(accepted)](Protocol::socket socket) {
            auto stream = std::make_unique<UnixStream>(std::move(socket));
            Peer peer = peer_of(*stream);
            accepted(std::move(stream), std::move(peer));
        });
        return {};
    }
    void stop() override {
        if (!acceptor_.is_open()) return;
        std::error_code ignored;
        acceptor_.close(ignored);
        if (!adopted_) ::unlink(path_.c_str());
    }

private:
    asio::io_context& io_;
    std::string path_;
    Protocol::acceptor acceptor_;
    bool adopted_ = false;
};

}  // namespace

base::Result<gid_t> auditors_group(const std::string& name) {
    std::vector<char> text(16384);
    group entry{};
    group* found = nullptr;
    if (getgrnam_r(name.c_str(), &entry, text.data(), text.size(), &found) != 0 || found == nullptr)
        return {Code::invalid_argument, "kmp.toml: audit.group: there is no group '" + name + "' on this machine; make it with 'groupadd', or leave the key out"};
    return found->gr_gid;
}

base::Result<std::unique_ptr<Listener>> listen_unix(asio::io_context& io, std::string path, unsigned mode, base::Fd passed, std::optional<gid_t> group) {
    auto listener = std::make_unique<UnixListener>(io, std::move(path));
    if (passed) KMP_CHECK(listener->adopt(std::move(passed)));
    else KMP_CHECK(listener->bind(mode, group));
    return std::unique_ptr<Listener>(std::move(listener));
}

}  // namespace kmp::service
