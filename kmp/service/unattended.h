#pragma once
#include <asio/steady_timer.hpp>

#include "kmp/service/service.h"

namespace kmp::service {

/// Unseals the service at its start, where a systemd credential kmp.pin.platform gives the platform UKEY's PIN. It tries again while that UKEY
/// is not there yet, and never a second time with a PIN that was wrong: it counts. What was sealed on purpose later stays sealed.
/// Thread: the I/O thread; the work is the officer thread's.
class Unattended {
public:
    explicit Unattended(Service& service);
    void start();
    void stop();
    bool idle() const noexcept { return !trying_; }

private:
    void attempt();
    void ended(const base::Status& status);
    Service& service_;
    asio::steady_timer timer_;
    bool trying_ = false;
    bool over_ = false;
    bool waiting_said_ = false;
};

}  // namespace kmp::service
