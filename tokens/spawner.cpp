#include "tokens/spawner.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "tokens/spawner_process.h"

namespace tokens {
namespace {

std::string how_it_ended(int status) {
    if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
    return "exit " + std::to_string(WEXITSTATUS(status));
}

base::Status send_packet(int socket, base::ByteView packet, int attached) {
    iovec part{const_cast<std::uint8_t*>(packet.data()), packet.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    if (attached >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &attached, sizeof attached);
    }
    ssize_t sent = 0;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    if (sent < 0) return base::errno_error("the spawner process does not answer", errno);
    return {};
}

base::Bytes packet_of(const SpawnerPacket& head) {
    base::Bytes out(sizeof head);
    std::memcpy(out.data(), &head, sizeof head);
    return out;
}

}  // namespace

base::Result<std::string> beside_this_program(std::string_view name) {
    std::error_code error;
    const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return base::errno_error("cannot find the running program", error.value());
    return (own.parent_path() / name).string();
}

base::Result<Spawner> Spawner::start(Options options) {
    if (options.program.empty()) {
        KMP_TRY(options.program, beside_this_program("kmp-tokenhost"));
    }
    if (access(options.program.c_str(), X_OK) != 0) return base::errno_error("cannot run " + options.program, errno);
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) return base::errno_error("cannot make a socket pair for the spawner", errno);
    base::Fd ours(fds[0]);
    base::Fd theirs(fds[1]);
    const pid_t parent = getpid();
    // No signal may end the child before it has taken its signals over.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    const pid_t pid = fork();
    const int error = errno;
    if (pid != 0) sigprocmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0) return base::errno_error("cannot fork the spawner", error);
    if (pid == 0) {
        ours.reset();
        serve_spawner(std::move(theirs), options.program, options.log, parent);
        _exit(0);
    }
    return Spawner(std::move(ours), pid);
}

Spawner::~Spawner() {
    if (!socket_) return;
    socket_.reset();
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
}

base::Result<Spawner::Host> Spawner::spawn(const std::vector<std::string>& arguments) {
    KMP_TRY(auto pair, base::socket_pair());
    const std::uint32_t id = next_id_++;
    base::Bytes packet = packet_of({SpawnerPacket::Kind::spawn, id, 0, 0});
    for (const std::string& argument : arguments) {
        if (argument.find('\0') != std::string::npos) return {base::Code::invalid_argument, "a tokenhost argument with a zero byte"};
        packet.insert(packet.end(), argument.begin(), argument.end());
        packet.push_back(0);
    }
    if (packet.size() > kMaxSpawnerPacket) return {base::Code::invalid_argument, "the tokenhost's arguments are too long"};
    KMP_CHECK(send_packet(socket_.get(), packet, pair.second.get()));
    return Host{id, std::move(pair.first)};
}

base::Status Spawner::end(std::uint32_t id, std::chrono::milliseconds grace) {
    return send_packet(socket_.get(), packet_of({SpawnerPacket::Kind::end, id, 0, static_cast<std::int32_t>(grace.count())}), -1);
}

base::Result<std::vector<Spawner::Event>> Spawner::take_events() {
    std::vector<Event> out;
    std::uint8_t packet[kMaxSpawnerPacket];
    for (;;) {
        const ssize_t size = recv(socket_.get(), packet, sizeof packet, MSG_DONTWAIT);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return out;
        if (size < static_cast<ssize_t>(sizeof(SpawnerPacket))) {
            if (!out.empty()) return out;  // what it said last counts; the next call reports its end
            return {base::Code::io_failed, "the process that starts tokenhosts has died: restart the service"};
        }
        SpawnerPacket head;
        std::memcpy(&head, packet, sizeof head);
        const std::string text(reinterpret_cast<const char*>(packet) + sizeof head, static_cast<std::size_t>(size) - sizeof head);
        if (head.kind == SpawnerPacket::Kind::started) out.push_back({Event::Kind::started, head.id, head.pid, {}});
        if (head.kind == SpawnerPacket::Kind::failed) out.push_back({Event::Kind::failed, head.id, 0, text});
        if (head.kind == SpawnerPacket::Kind::ended) out.push_back({Event::Kind::ended, head.id, head.pid, how_it_ended(head.number)});
    }
}

}  // namespace tokens
