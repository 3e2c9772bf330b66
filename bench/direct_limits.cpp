#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <vector>

#include "base/fd.h"
#include "bench/direct.h"

namespace bench {
namespace {

using Steady = std::chrono::steady_clock;

/// Repeats `f` for `seconds` and times each.
template <class F>
base::Result<Pace> pace(double seconds, F&& f) {
    std::vector<double> took;
    const auto begin = Steady::now();
    auto now = begin;
    while (std::chrono::duration<double>(now - begin).count() < seconds) {
        KMP_CHECK(f());
        const auto after = Steady::now();
        took.push_back(std::chrono::duration<double, std::micro>(after - now).count());
        now = after;
    }
    Pace out;
    out.rate = static_cast<double>(took.size()) / std::chrono::duration<double>(now - begin).count();
    std::nth_element(took.begin(), took.begin() + static_cast<std::ptrdiff_t>(took.size() / 2), took.end());
    out.p50_us = took[took.size() / 2];
    return out;
}

bool pass(int socket, std::array<char, 64>& message, bool first_sends) {
    const auto out = [&] { return send(socket, message.data(), message.size(), MSG_NOSIGNAL) == ssize_t{64}; };
    const auto in = [&] { return recv(socket, message.data(), message.size(), MSG_WAITALL) == ssize_t{64}; };
    return first_sends ? out() && in() : in() && out();
}

/// Sends back what comes, until the first of the ends is closed.
void echo_all(const std::vector<base::Fd>& ends) {
    std::vector<pollfd> watched;
    for (const base::Fd& end : ends) watched.push_back({end.get(), POLLIN, 0});
    std::array<char, 64> message{};
    for (;;) {
        if (poll(watched.data(), watched.size(), -1) < 0) return;
        for (const pollfd& p : watched)
            if (p.revents != 0 && !pass(p.fd, message, false)) return;
    }
}

}  // namespace

base::Result<Pace> measure_fdatasync(const std::string& folder, double seconds) {
    const std::string path = folder + "/limit";
    const base::Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file) return base::errno_error("making " + path, errno);
    // As a write-ahead log is written: over and over within what the file has already.
    constexpr off_t kBlocks = 256;
    const std::array<char, 4096> block{};
    for (off_t i = 0; i < kBlocks; ++i)
        if (pwrite(file.get(), block.data(), block.size(), i * 4096) != ssize_t{4096}) return base::errno_error("writing " + path, errno);
    if (fsync(file.get()) != 0) return base::errno_error("syncing " + path, errno);
    off_t at = 0;
    auto out = pace(seconds, [&]() -> base::Status {
        if (pwrite(file.get(), block.data(), block.size(), at++ % kBlocks * 4096) != ssize_t{4096} || fdatasync(file.get()) != 0)
            return base::errno_error("syncing " + path, errno);
        return {};
    });
    unlink(path.c_str());
    return out;
}

base::Result<Pace> measure_socket_echo(double seconds) {
    KMP_TRY(auto ends, base::socket_pair());
    std::array<char, 64> message{};
    const pid_t pid = fork();
    if (pid < 0) return base::errno_error("starting a process", errno);
    if (pid == 0) {
        ends.first.reset();
        while (pass(ends.second.get(), message, false)) {}
        _exit(0);
    }
    ends.second.reset();
    auto out = pace(seconds, [&]() -> base::Status {
        if (!pass(ends.first.get(), message, true)) return {base::Code::io_failed, "the echoing process has gone"};
        return {};
    });
    ends.first.reset();
    waitpid(pid, nullptr, 0);
    return out;
}

base::Result<Pace> measure_socket_echoes(unsigned connections, double seconds) {
    std::vector<base::Fd> ours, theirs;
    for (unsigned i = 0; i < connections; ++i) {
        KMP_TRY(auto ends, base::socket_pair());
        ours.push_back(std::move(ends.first));
        theirs.push_back(std::move(ends.second));
    }
    const pid_t pid = fork();
    if (pid < 0) return base::errno_error("starting a process", errno);
    if (pid == 0) {
        ours.clear();
        echo_all(theirs);
        _exit(0);
    }
    theirs.clear();
    std::array<char, 64> message{};
    // A round asks on every connection, then takes every answer.
    auto out = pace(seconds, [&]() -> base::Status {
        bool good = true;
        for (const base::Fd& end : ours) good = good && send(end.get(), message.data(), message.size(), MSG_NOSIGNAL) == ssize_t{64};
        for (const base::Fd& end : ours) good = good && recv(end.get(), message.data(), message.size(), MSG_WAITALL) == ssize_t{64};
        if (!good) return {base::Code::io_failed, "the echoing process has gone"};
        return {};
    });
    ours.clear();
    waitpid(pid, nullptr, 0);
    if (out) out = Pace{out->rate * connections, 0};
    return out;
}

}  // namespace bench
