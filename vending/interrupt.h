#pragma once
#include <csignal>
#include <ctime>

namespace vending {

/// While it lives, Ctrl-C and SIGTERM wait: what is under way is finished, and `asked()` tells between two steps. One at a time.
class Interrupt {
public:
    Interrupt() noexcept {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGINT);
        sigaddset(&signals_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    }
    ~Interrupt() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    bool asked() noexcept {
        const timespec now{};
        asked_ = asked_ || sigtimedwait(&signals_, nullptr, &now) > 0;
        return asked_;
    }

private:
    sigset_t signals_{};
    sigset_t before_{};
    bool asked_ = false;
};

}  // namespace vending
