#include "kmp/service/metrics.h"

#include <algorithm>

namespace kmp::service {
namespace {

constexpr std::uint64_t kMicro = 1000, kMilli = 1000 * kMicro, kSecond = 1000 * kMilli;

constexpr std::array kDurations{50 * kMicro, 100 * kMicro, 200 * kMicro, 300 * kMicro, 500 * kMicro, 700 * kMicro, 1 * kMilli, 1500 * kMicro, 2 * kMilli, 3 * kMilli, 5 * kMilli, 7 * kMilli,
                                10 * kMilli, 15 * kMilli, 20 * kMilli, 30 * kMilli, 50 * kMilli, 70 * kMilli, 100 * kMilli, 200 * kMilli, 500 * kMilli, 1 * kSecond, 2 * kSecond, 5 * kSecond, 10 * kSecond};
static_assert(kDurations.size() <= Histogram::kMostBounds);

constexpr std::array<std::uint64_t, 8> kBatches{1, 2, 4, 8, 16, 32, 64, 128};

/// In the order of the alphabet, "other" behind them.
constexpr std::array<std::string_view, 55> kRules{
    "account", "amount", "associated", "card", "class", "command", "copy", "count", "credited", "customer", "data", "data_identifier", "epoch", "file", "grant", "hello",
    "hours", "identifier", "key_version", "keys", "kind", "mark", "message", "meter", "meters", "minutes", "offset", "operation", "order_id", "order_window", "orders",
    "orders_per_minute", "parameters", "password", "per_day", "per_month", "per_order", "pin", "r1", "r2", "request", "sealed", "session", "size", "state", "ukey",
    "uninserted", "update", "usage", "valid_until", "validity", "velocity", "version", "void", "weekdays"};
static_assert(std::is_sorted(kRules.begin(), kRules.end()));
constexpr auto kRulesAndOther = [] {
    std::array<std::string_view, kRules.size() + 1> out;
    std::copy(kRules.begin(), kRules.end(), out.begin());
    out.back() = "other";
    return out;
}();
static_assert(kRulesAndOther.size() <= kMostRules);

}  // namespace

void Histogram::add(std::uint64_t value) noexcept {
    const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    below_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t Histogram::Counts::all() const noexcept {
    std::uint64_t n = 0;
    for (const std::uint64_t b : below) n += b;
    return n;
}

Histogram::Counts Histogram::counts() const noexcept {
    Counts out;
    for (std::size_t i = 0; i < below_.size(); ++i) out.below[i] = below_[i].load(std::memory_order_relaxed);
    out.sum = sum_.load(std::memory_order_relaxed);
    return out;
}

std::span<const std::uint64_t> duration_bounds() noexcept { return kDurations; }
std::span<const std::uint64_t> batch_bounds() noexcept { return kBatches; }

std::span<const std::string_view> known_rules() noexcept { return kRulesAndOther; }

std::size_t rule_place(std::string_view rule) noexcept {
    const auto at = std::lower_bound(kRules.begin(), kRules.end(), rule);
    return at != kRules.end() && *at == rule ? static_cast<std::size_t>(at - kRules.begin()) : kRules.size();
}

std::string_view outcome_name(std::size_t place) noexcept { return place == 0 ? "done" : base::name(static_cast<base::Code>(place - 1)); }

void Metrics::order(model::Operation operation, OrderEnd end, std::chrono::steady_clock::time_point begin) noexcept {
    orders[static_cast<std::size_t>(operation)][static_cast<std::size_t>(end)].add();
    orders_answered.add();
    // In a flood refusals wait for each other: they are no measure of how long an order takes.
    if (end == OrderEnd::refused) orders_refused.add();
    else order_time.since(begin);
}

}  // namespace kmp::service
