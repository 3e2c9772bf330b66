#include "kmp/service/vigil.h"

#include <systemd/sd-daemon.h>

#include <algorithm>

#include "base/words.h"

namespace kmp::service {
namespace {

constexpr std::chrono::microseconds kPeriod{1'000'000};
constexpr std::chrono::seconds kStatusPeriod{5};

std::string status_line(Service& service) {
    if (service.phase() != Phase::open) return std::string(name(service.phase())) + (service.phase() == Phase::sealed ? "; 'kmpctl unseal' opens it" : "; 'kmpctl init' holds the ceremony");
    if (!service.failing().empty()) return "failing: " + service.failing();
    const LastMinute::Summary minute = service.last_minute().summary(service.metrics());
    return "open: " + base::counted(service.count_sessions ? service.count_sessions() : 0, "session") + ", " + base::counted(minute.orders, "order") + " in the last minute";
}

}  // namespace

Vigil::Vigil(Service& service) : service_(service), timer_(service.io()), period_(kPeriod) {
    std::uint64_t limit = 0;
    watched_ = sd_watchdog_enabled(0, &limit) > 0;
    // Four looks in the time after which silence counts as death.
    if (watched_) period_ = std::clamp(std::chrono::microseconds(limit / 4), std::chrono::microseconds(1000), kPeriod);
}

void Vigil::start() { look(); }

void Vigil::stop() { timer_.cancel(); }

void Vigil::look() {
    const Books* books = service_.books().get();
    // Another writer counts from 0 again.
    if (books != of_) progress_ = Progress();
    of_ = books;
    const bool on = books == nullptr || progress_.goes_on(books->writer->idle(), books->writer->batches());
    if (watched_ && on) sd_notify(0, "WATCHDOG=1");
    const auto now = std::chrono::steady_clock::now();
    if (const std::string line = status_line(service_); line != told_ && (told_.empty() || now - told_at_ >= kStatusPeriod)) {
        told_ = line;
        told_at_ = now;
        sd_notify(0, ("STATUS=" + line).c_str());
    }
    timer_.expires_after(period_);
    timer_.async_wait([this](const std::error_code& error) {
        if (!error) look();
    });
}

}  // namespace kmp::service
