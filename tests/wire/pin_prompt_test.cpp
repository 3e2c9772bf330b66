// The prompt, at a terminal of its own: nothing is echoed, and the terminal is left as it was.
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "base/fd.h"
#include "wire/pin_source.h"

namespace {

using Use = wire::PinSource::Use;

struct Outcome {
    int code = -1;
    int signal = 0;
    std::string screen;
    bool echo_after = false;
};

/// Runs get() in a child at a pty, answering each prompt (text up to ": ") with the next of `typed`.
/// The child ends with 0 when it got `expected`, 10 + code when it was refused.
Outcome at_a_terminal(Use use, const std::vector<std::string>& typed, const std::string& expected) {
    int master = -1;
    int held = -1;
    char name[128];
    if (openpty(&master, &held, name, nullptr, nullptr) != 0) throw std::runtime_error("no pty");
    const base::Fd terminal(master);
    const base::Fd slave(held);
    const pid_t child = fork();
    if (child == 0) {
        login_tty(dup(slave.get()));
        wire::PinSource source;
        const auto pin = source.get("master", "PIN of the master", use);
        if (!pin) _exit(10 + static_cast<int>(pin.error().code));
        const bool same = pin->reveal([&](base::ByteView v) { return base::as_text(v) == expected; });
        _exit(same ? 0 : 1);
    }
    Outcome out;
    std::size_t answered = 0;
    std::size_t seen = 0;
    int status = 0;
    for (int rounds = 0; rounds < 3000 && waitpid(child, &status, WNOHANG) == 0; ++rounds) {
        pollfd p{terminal.get(), POLLIN, 0};
        if (poll(&p, 1, 10) <= 0) continue;
        char chunk[256];
        const ssize_t n = read(terminal.get(), chunk, sizeof chunk);
        if (n > 0) out.screen.append(chunk, static_cast<std::size_t>(n));
        if (const std::size_t at = out.screen.find(": ", seen); at != std::string::npos && answered < typed.size()) {
            seen = at + 2;
            const std::string& text = typed[answered++];
            if (write(terminal.get(), text.data(), text.size()) < 0) break;
        }
    }
    for (pollfd p{terminal.get(), POLLIN, 0}; poll(&p, 1, 20) > 0;) {
        char chunk[256];
        const ssize_t n = read(terminal.get(), chunk, sizeof chunk);
        if (n <= 0) break;
        out.screen.append(chunk, static_cast<std::size_t>(n));
    }
    if (WIFEXITED(status)) out.code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) out.signal = WTERMSIG(status);
    termios after{};
    tcgetattr(slave.get(), &after);
    out.echo_after = (after.c_lflag & ECHO) != 0;
    return out;
}

}  // namespace

TEST(pin_prompt, reads_a_pin_without_echo) {
    const Outcome o = at_a_terminal(Use::existing, {"246810\n"}, "246810");
    EXPECT_EQ(o.code, 0);
    EXPECT_EQ(o.screen, "PIN of the master: \r\n");
    EXPECT_TRUE(o.echo_after);
}

TEST(pin_prompt, asks_for_a_new_pin_twice) {
    const Outcome o = at_a_terminal(Use::fresh, {"246810\n", "246810\n"}, "246810");
    EXPECT_EQ(o.code, 0);
    EXPECT_EQ(o.screen, "New PIN of the master: \r\nOnce more, PIN of the master: \r\n");
}

TEST(pin_prompt, refuses_two_entries_that_differ_and_an_empty_one) {
    EXPECT_EQ(at_a_terminal(Use::fresh, {"246810\n", "246811\n"}, "").code, 10 + static_cast<int>(base::Code::invalid_argument));
    EXPECT_EQ(at_a_terminal(Use::existing, {"\n"}, "").code, 10 + static_cast<int>(base::Code::invalid_argument));
    EXPECT_EQ(at_a_terminal(Use::existing, {std::string(129, '1') + "\n"}, "").code, 10 + static_cast<int>(base::Code::invalid_argument));
}

TEST(pin_prompt, interrupted_ends_the_program_and_gives_the_echo_back) {
    const Outcome o = at_a_terminal(Use::existing, {"24\x03"}, "");
    EXPECT_EQ(o.signal, SIGINT);
    EXPECT_TRUE(o.echo_after);
}
