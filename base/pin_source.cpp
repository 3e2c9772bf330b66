#include "base/pin_source.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>

#include "base/fd.h"
#include "base/utf8.h"

namespace base {
namespace {

constexpr std::size_t kMaxPin = 128;  // bytes

/// Echo off for as long as it lives. Signals that end the program wait meanwhile, so that it never leaves a terminal
/// without echo; they are seen through `signals()` and take effect as soon as the terminal is as before.
class QuietTerminal {
public:
    static Result<std::unique_ptr<QuietTerminal>> open() {
        auto out = std::make_unique<QuietTerminal>();
        out->tty_ = Fd(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
        if (!out->tty_ || tcgetattr(out->tty_.get(), &out->before_) != 0) return {Code::not_found, "no terminal"};
        sigset_t mask;
        sigemptyset(&mask);
        for (const int s : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&mask, s);
        sigprocmask(SIG_BLOCK, &mask, &out->mask_before_);
        out->masked_ = true;
        out->signals_ = Fd(signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
        termios quiet = out->before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
        quiet.c_lflag |= ICANON | ISIG;
        quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
        if (tcsetattr(out->tty_.get(), TCSAFLUSH, &quiet) != 0) return errno_error("cannot turn the terminal's echo off", errno);
        return out;
    }
    QuietTerminal() = default;
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;
    ~QuietTerminal() {
        if (tty_) tcsetattr(tty_.get(), TCSAFLUSH, &before_);
        if (masked_) sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    }

    void say(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t n = write(tty_.get(), text.data(), text.size());
            if (n <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    Result<Secret> read_line() const {
        pollfd p[2] = {{tty_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}};
        while (poll(p, 2, -1) < 0)
            if (errno != EINTR) return errno_error("cannot wait for the terminal", errno);
        if (p[1].revents != 0) return {Code::cancelled, "no PIN was given"};
        return read_secret(tty_.get(), kMaxPin);
    }

private:
    Fd tty_;
    Fd signals_;
    termios before_{};
    sigset_t mask_before_{};
    bool masked_ = false;
};

/// What was read for one PIN, with its name on all that is wrong with it.
Result<Secret> checked(Result<Secret> pin, std::string_view what) {
    // A file from another system ends its lines with CR LF; nobody types a CR.
    if (pin && !pin->empty() && pin->reveal([](ByteView bytes) { return bytes.back() == '\r'; })) pin->shrink(pin->size() - 1);
    if (pin && pin->empty()) return {Code::invalid_argument, std::string(what) + ": it is empty"};
    // All that reading a line finds wrong with its length.
    if (!pin && pin.error().code == Code::invalid_argument) return {Code::invalid_argument, std::string(what) + ": it has more than " + std::to_string(kMaxPin) + " bytes"};
    if (pin && !pin->reveal([](ByteView bytes) { return is_utf8(as_text(bytes)); }))
        return {Code::invalid_argument, std::string(what) + ": it is not UTF-8"};
    if (!pin && pin.error().code != Code::cancelled) return std::move(pin).error().in(what);
    return pin;
}

Result<Secret> prompt(std::string_view what, PinSource::Use use) {
    KMP_TRY(const auto terminal, QuietTerminal::open());
    const auto ask = [&](std::string_view before) {
        terminal->say(std::string(before).append(what).append(": "));
        auto pin = terminal->read_line();
        terminal->say("\n");
        return pin;
    };
    KMP_TRY(Secret pin, checked(ask(use == PinSource::Use::fresh ? "New " : ""), what));
    if (use == PinSource::Use::fresh) {
        KMP_TRY(const Secret again, checked(ask("Once more, "), what));
        if (!again.equals(pin)) return {Code::invalid_argument, std::string(what) + ": the two entries differ"};
    }
    return pin;
}

std::string credential_path(const std::string& role) {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    return folder == nullptr || *folder == '\0' ? std::string() : std::string(folder) + "/kmp.pin." + role;
}

bool has_credential(const std::string& role) {
    const std::string path = credential_path(role);
    return !path.empty() && access(path.c_str(), R_OK) == 0;
}

}  // namespace

Result<PinSource> PinSource::parse(const std::vector<std::string>& pin_fds, const std::vector<std::string>& roles) {
    PinSource out;
    for (const std::string& text : pin_fds) {
        const std::size_t equals = text.find('=');
        int number = -1;
        const char* end = text.data() + text.size();
        if (equals == std::string::npos || equals == 0 || std::from_chars(text.data() + equals + 1, end, number).ptr != end || number < 0)
            return {Code::invalid_argument, "--pin-fd takes ROLE=N, N an open descriptor, as in --pin-fd master=3"};
        std::string role = text.substr(0, equals);
        if (std::find(roles.begin(), roles.end(), role) == roles.end()) {
            std::string known;
            for (const std::string& r : roles) known += (known.empty() ? "" : ", ") + r;
            return {Code::invalid_argument, "--pin-fd: there is no PIN role of that name here; there is " + known};
        }
        if (!out.descriptors_.emplace(std::move(role), number).second) return {Code::invalid_argument, "--pin-fd: a role stands there twice"};
    }
    return out;
}

bool PinSource::has(const std::string& role) const { return descriptors_.contains(role) || has_credential(role); }

Result<Secret> PinSource::get(const std::string& role, std::string_view what, Use use) {
    if (const auto found = descriptors_.find(role); found != descriptors_.end()) return checked(read_secret(found->second, kMaxPin), what);
    if (has_credential(role)) {
        Fd file(open(credential_path(role).c_str(), O_RDONLY | O_CLOEXEC));
        if (!file) return errno_error("cannot read the credential kmp.pin." + role, errno);
        return checked(read_secret(file.get(), kMaxPin), what);
    }
    auto pin = prompt(what, use);
    if (!pin && pin.error().code == Code::not_found)
        return {Code::not_found, std::string(what) + " is needed and there is no terminal to ask at: give --pin-fd " + role + "=N"};
    return pin;
}

}  // namespace base
