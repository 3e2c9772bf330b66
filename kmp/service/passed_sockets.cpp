#include "kmp/service/passed_sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "kmp/service/endpoint.h"
#include "kmp/service/unix_listener.h"

namespace kmp::service {
namespace {

using base::Code;

base::Error wrong(const std::string& name, const std::string& why) { return {Code::invalid_argument, "the socket that systemd passes as " + name + " " + why}; }

base::Status check_unix(int fd, const std::string& name, const std::string& path, mode_t closed) {
    if (sd_is_socket_unix(fd, SOCK_STREAM, 1, path.c_str(), 0) <= 0) return wrong(name, "is not a listening stream socket at " + path + ": its unit must say ListenStream=" + path);
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0) return base::errno_error("cannot look at " + path, errno);
    if ((file.st_mode & closed) != 0) return wrong(name, "is open to more than may use it: its unit must say SocketMode=" + std::string(closed == 0077 ? "0600" : "0660"));
    return {};
}

/// Who reaches the officers' socket besides root and the service's user: nobody, or audit.group. Any other group would get to log in there.
base::Status check_officers(int fd, const std::string& name, const Config& config) {
    const bool group = !config.audit_group.empty();
    KMP_CHECK(check_unix(fd, name, config.admin_socket(), group ? 0007 : 0077));
    if (!group) return {};
    KMP_TRY(const gid_t wanted, auditors_group(config.audit_group));
    struct stat file {};
    if (::stat(config.admin_socket().c_str(), &file) != 0) return base::errno_error("cannot look at " + config.admin_socket(), errno);
    if ((file.st_mode & 0070) != 0 && file.st_gid != wanted) return wrong(name, "belongs to another group than audit.group: its unit must say SocketGroup=" + config.audit_group);
    return {};
}

/// The address of a listening TCP socket, as the configuration writes it; empty: it is none.
std::string where(int fd) {
    if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0) return {};
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        const std::uint32_t a = ntohl(v4.sin_addr.s_addr);
        return std::to_string(a >> 24) + "." + std::to_string(a >> 16 & 0xFF) + "." + std::to_string(a >> 8 & 0xFF) + "." + std::to_string(a & 0xFF) + ":" + std::to_string(ntohs(v4.sin_port));
    }
    if (address.ss_family != AF_INET6) return {};
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    return text_of_v6({reinterpret_cast<const std::uint8_t*>(&v6.sin6_addr), 16}, ntohs(v6.sin6_port));
}

base::Status check_network(int fd, const Config& config) {
    if (config.network_listen.empty()) return wrong("network", "is not wanted: kmp.toml has no network.listen");
    KMP_TRY(const Endpoint wanted, parse_endpoint(config.network_listen, "network.listen"));
    if (const std::string found = where(fd); found != wanted.text()) return wrong("network", "does not listen on " + wanted.text() + ", as network.listen in kmp.toml says" + (found.empty() ? "" : ", but on " + found));
    return {};
}

}  // namespace

base::Result<PassedSockets> PassedSockets::take(const Config& config) {
    char** names = nullptr;
    const int count = sd_listen_fds_with_names(1, &names);
    if (count < 0) return base::errno_error("cannot take the sockets that systemd passes", -count);
    std::vector<std::string> called;
    std::vector<base::Fd> sockets;
    for (int i = 0; i < count; ++i) {
        called.emplace_back(names[i]);
        std::free(names[i]);
        sockets.emplace_back(SD_LISTEN_FDS_START + i);
    }
    std::free(names);
    PassedSockets out;
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        base::Fd& fd = sockets[i];
        base::Fd* const place = called[i] == "kmp.sock" ? &out.stations : called[i] == "admin.sock" ? &out.officers : called[i] == "network" ? &out.network : nullptr;
        if (place == nullptr) return wrong("'" + called[i] + "'", "is none of kmpd's: FileDescriptorName= is kmp.sock, admin.sock or network");
        if (*place) return wrong(called[i], "is there twice");
        if (place == &out.stations) KMP_CHECK(check_unix(fd.get(), called[i], config.station_socket(), 0007));
        if (place == &out.officers) KMP_CHECK(check_officers(fd.get(), called[i], config));
        if (place == &out.network) KMP_CHECK(check_network(fd.get(), config));
        *place = std::move(fd);
    }
    return out;
}

}  // namespace kmp::service
