#pragma once
#include <asio/steady_timer.hpp>

#include "kmp/service/service.h"

namespace kmp::service {

/// Whether work goes on: it does while there is none, and while batches come to an end.
class Progress {
public:
    bool goes_on(bool idle, std::uint64_t batches) noexcept {
        const bool on = idle || batches != last_;
        last_ = batches;
        return on;
    }

private:
    std::uint64_t last_ = UINT64_MAX;
};

/// Tells systemd that the service lives, from the I/O thread and only while the log's writer gets on too; a thread that hangs is so noticed,
/// and WatchdogSec ends the service. Also keeps its STATUS line. Without NOTIFY_SOCKET nothing is told to anybody.
/// Thread: the I/O thread.
class Vigil {
public:
    explicit Vigil(Service& service);
    void start();
    void stop();

private:
    void look();
    Service& service_;
    asio::steady_timer timer_;
    std::chrono::microseconds period_;
    bool watched_ = false;
    Progress progress_;
    const void* of_ = nullptr;  ///< the books that `progress_` is about
    std::string told_;
    std::chrono::steady_clock::time_point told_at_{};
};

}  // namespace kmp::service
