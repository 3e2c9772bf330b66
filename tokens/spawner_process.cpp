#include "tokens/spawner_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>
#include <vector>

namespace tokens {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;
constexpr milliseconds kLastGrace{1000};

struct Child {
    std::uint32_t id = 0;
    pid_t pid = 0;
    std::optional<SteadyClock::time_point> kill_at;
};

/// What runs between fork and exec: system calls only.
[[noreturn]] void become_host(const char* program, char* const* argv, int channel, int output, int report, pid_t spawner) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // not SIGKILL: what a token is writing just now is finished
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    bool fine = getppid() == spawner;  // it may have died before the prctl
    const int null = open("/dev/null", O_RDWR);
    fine = fine && null >= 0 && dup2(null, 0) == 0;
    if (output >= 0) fine = fine && dup2(output, 1) == 1 && dup2(output, 2) == 2;
    // The report moves above the channel first: it may stand where the channel must go.
    const int kept = fcntl(report, F_DUPFD_CLOEXEC, 10);
    const int moved = fcntl(channel, F_DUPFD_CLOEXEC, 10);
    fine = fine && kept >= 0 && moved >= 0 && dup2(moved, kHostDescriptor) == kHostDescriptor;
    // Everything else goes at exec, the report included.
    fine = fine && close_range(kHostDescriptor + 1, ~0u, CLOSE_RANGE_CLOEXEC) == 0;
    if (fine) execv(program, argv);
    const int error = errno;
    if (kept >= 0 && write(kept, &error, sizeof error) < 0) _exit(126);
    _exit(127);
}

class SpawnerProcess {
public:
    SpawnerProcess(base::Fd socket, base::Fd signals, std::string program, base::Fd output, pid_t parent)
        : socket_(std::move(socket)), signals_(std::move(signals)), program_(std::move(program)), output_(std::move(output)), parent_(parent) {}

    void run() {
        while (step()) {}
        for (Child& child : children_) ask_to_end(child, kLastGrace);
        while (!children_.empty()) step();
    }

private:
    /// One wait and what came of it. False when kmpd has gone.
    bool step() {
        pollfd waits[2] = {{signals_.get(), POLLIN, 0}, {open_ ? socket_.get() : -1, POLLIN, 0}};
        if (poll(waits, 2, timeout()) < 0 && errno != EINTR) return false;
        if ((waits[0].revents & POLLIN) != 0) take_signals();
        reap();
        kill_overdue();
        if (waits[1].revents != 0) take_request();
        return open_;
    }

    int timeout() const {
        int out = -1;
        for (const Child& child : children_)
            if (child.kill_at) {
                const auto left = std::chrono::duration_cast<milliseconds>(*child.kill_at - SteadyClock::now()).count() + 1;
                const int wait = static_cast<int>(std::max<std::int64_t>(left, 0));
                out = out < 0 ? wait : std::min(out, wait);
            }
        return out;
    }

    void take_signals() {
        signalfd_siginfo info;
        while (read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
            // SIGTERM is what the kernel sends when kmpd dies. From anybody else it is ignored: kmpd decides when its hosts end.
            if (info.ssi_signo == SIGTERM && getppid() != parent_) open_ = false;
        }
    }

    void reap() {
        int status = 0;
        for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
            const auto child = std::ranges::find(children_, pid, &Child::pid);
            if (child == children_.end()) continue;
            report({SpawnerPacket::Kind::ended, child->id, pid, status}, {});
            children_.erase(child);
        }
    }

    void kill_overdue() {
        for (Child& child : children_)
            if (child.kill_at && SteadyClock::now() >= *child.kill_at) {
                kill(child.pid, SIGKILL);  // not reaped yet, so the number is still its own
                child.kill_at.reset();
            }
    }

    static void ask_to_end(Child& child, milliseconds grace) {
        kill(child.pid, grace.count() > 0 ? SIGTERM : SIGKILL);
        if (grace.count() > 0) child.kill_at = SteadyClock::now() + grace;
    }

    void take_request() {
        std::uint8_t packet[kMaxSpawnerPacket];
        iovec part{packet, sizeof packet};
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        const ssize_t size = recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
        base::Fd attached;
        const cmsghdr* header = size >= 0 ? CMSG_FIRSTHDR(&message) : nullptr;
        if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
            attached = base::Fd(fd);
        }
        SpawnerPacket head;
        if (size < static_cast<ssize_t>(sizeof head)) {
            open_ = false;
            return;
        }
        std::memcpy(&head, packet, sizeof head);
        if (head.kind == SpawnerPacket::Kind::spawn)
            spawn(head.id, std::move(attached), std::string(reinterpret_cast<const char*>(packet) + sizeof head, static_cast<std::size_t>(size) - sizeof head));
        if (head.kind == SpawnerPacket::Kind::end)
            if (const auto child = std::ranges::find(children_, head.id, &Child::id); child != children_.end()) ask_to_end(*child, milliseconds(head.number));
    }

    void spawn(std::uint32_t id, base::Fd channel, std::string arguments) {
        std::vector<char*> argv{program_.data()};
        for (std::size_t at = 0; at < arguments.size(); at += std::strlen(arguments.data() + at) + 1) argv.push_back(arguments.data() + at);
        argv.push_back(nullptr);
        int pipe_ends[2];
        if (!channel || pipe2(pipe_ends, O_CLOEXEC) != 0) return failed(id, errno);
        base::Fd reads(pipe_ends[0]);
        base::Fd writes(pipe_ends[1]);
        const pid_t spawner = getpid();
        const pid_t pid = fork();
        if (pid < 0) return failed(id, errno);
        if (pid == 0) become_host(program_.c_str(), argv.data(), channel.get(), output_.get(), writes.get(), spawner);
        writes.reset();
        channel.reset();
        int error = 0;
        ssize_t got = 0;
        do got = read(reads.get(), &error, sizeof error);  // ends without a word when exec has happened
        while (got < 0 && errno == EINTR);
        if (got == static_cast<ssize_t>(sizeof error)) {
            while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {}
            return failed(id, error);
        }
        children_.push_back({id, pid, std::nullopt});
        report({SpawnerPacket::Kind::started, id, pid, 0}, {});
    }

    void failed(std::uint32_t id, int error) { report({SpawnerPacket::Kind::failed, id, 0, error}, base::errno_error("cannot start " + program_, error).message); }

    void report(const SpawnerPacket& head, const std::string& text) {
        base::Bytes packet(sizeof head + text.size());
        std::memcpy(packet.data(), &head, sizeof head);
        std::ranges::copy(text, packet.begin() + sizeof head);
        if (open_ && send(socket_.get(), packet.data(), packet.size(), MSG_NOSIGNAL) < 0 && errno != EINTR) open_ = false;
    }

    base::Fd socket_;
    base::Fd signals_;
    std::string program_;
    base::Fd output_;
    pid_t parent_;
    std::vector<Child> children_;
    bool open_ = true;
};

}  // namespace

void serve_spawner(base::Fd socket, const std::string& program, const std::string& log, pid_t parent) {
    prctl(PR_SET_NAME, "kmp-spawner");
    setsid();  // a terminal's Ctrl-C is for kmpd, which ends hosts when their work is done
    sigset_t taken;
    sigemptyset(&taken);
    for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGPIPE}) sigaddset(&taken, number);
    sigprocmask(SIG_SETMASK, &taken, nullptr);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) return;
    // Nothing of kmpd's goes further: only stdio and the socket stay.
    const int kept = fcntl(socket.get(), F_DUPFD_CLOEXEC, 10);
    if (kept < 0) return;
    socket = base::Fd(kept);
    if (close_range(3, static_cast<unsigned>(kept) - 1, 0) != 0 || close_range(static_cast<unsigned>(kept) + 1, ~0u, 0) != 0) return;
    base::Fd signals(signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK));
    base::Fd output;
    if (!log.empty()) output = base::Fd(open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!signals) return;
    SpawnerProcess(std::move(socket), std::move(signals), program, std::move(output), parent).run();
}

}  // namespace tokens
