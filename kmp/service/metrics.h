#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/operation.h"

namespace kmp::service {

/// A number that only rises. Thread: any; it orders nothing.
class Counter {
public:
    void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// How many values fell below each of some bounds. Thread: any; what is read while others add may be a few values apart.
class Histogram {
public:
    static constexpr std::size_t kMostBounds = 31;
    /// `bounds` rise and outlive it; at most kMostBounds.
    explicit Histogram(std::span<const std::uint64_t> bounds) noexcept : bounds_(bounds) {}
    /// A value counts below the first bound that it does not exceed.
    void add(std::uint64_t value) noexcept;

    struct Counts {
        std::array<std::uint64_t, kMostBounds + 1> below{};  ///< each for itself; the one behind the last bound is for all above it
        std::uint64_t sum = 0;
        std::uint64_t all() const noexcept;
    };
    Counts counts() const noexcept;
    std::span<const std::uint64_t> bounds() const noexcept { return bounds_; }

private:
    std::span<const std::uint64_t> bounds_;
    std::array<std::atomic<std::uint64_t>, kMostBounds + 1> below_{};
    std::atomic<std::uint64_t> sum_{0};
};

/// Of durations, in nanoseconds: 50 us to 10 s.
std::span<const std::uint64_t> duration_bounds() noexcept;
/// Of the entries of a commit.
std::span<const std::uint64_t> batch_bounds() noexcept;

struct DurationHistogram : Histogram {
    DurationHistogram() noexcept : Histogram(duration_bounds()) {}
    void add(std::chrono::steady_clock::duration d) noexcept {
        const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(d).count();
        Histogram::add(ns > 0 ? static_cast<std::uint64_t>(ns) : 0);
    }
    void since(std::chrono::steady_clock::time_point begin) noexcept { add(std::chrono::steady_clock::now() - begin); }
};
struct BatchHistogram : Histogram {
    BatchHistogram() noexcept : Histogram(batch_bounds()) {}
};

/// The rules and fields that refusals begin with ("per_day: ..."): what stands in a label is one of these, never a client's text.
std::span<const std::string_view> known_rules() noexcept;
/// Its place in known_rules(); the last of them, "other", where it is none.
std::size_t rule_place(std::string_view rule) noexcept;
inline constexpr std::size_t kMostRules = 64;

/// What became of a request: one for each base::Code, and done.
inline constexpr std::size_t kOutcomes = static_cast<std::size_t>(base::Code::internal) + 2;
constexpr std::size_t outcome_place(const std::optional<base::Code>& failure) noexcept { return failure ? static_cast<std::size_t>(*failure) + 1 : 0; }
/// "done", or the code's name.
std::string_view outcome_name(std::size_t place) noexcept;

/// Operations are told apart by their number in StationRequest; from this one on they would be counted as 0, "unknown".
inline constexpr std::size_t kMostOperations = 128;

/// One socket's clients.
struct ConnectionMetrics {
    Counter accepted;
    Counter full;         ///< turned away: there were too many already
    Counter broken;       ///< not frames, or not requests
    Counter unread;       ///< cut off: it left too much unread
    Counter silent;       ///< closed: nothing came, or no session
};

struct TlsMetrics {
    Counter done, failed;  ///< handshakes
    Counter late;          ///< handshakes that took too long
    Counter address_full;  ///< turned away: too many connections of one address, or of all
    Counter busy;          ///< turned away: too many handshakes
    Counter sealed;        ///< turned away: no certificate to show
};

/// The one writer's.
struct CommitMetrics {
    DurationHistogram time;
    BatchHistogram entries;
    Counter events;
    Counter failed;
};

enum class OrderEnd : std::uint8_t { done, repeated, refused };
inline constexpr std::size_t kOrderEnds = 3;

/// What the service counts since its start. Counting costs some nanoseconds; whoever reads it does so beside the work.
struct Metrics {
    std::array<std::array<Counter, kOutcomes>, kMostOperations> requests;
    std::array<DurationHistogram, kMostOperations> request_time;  ///< until the reply is on its way
    std::array<std::array<Counter, kOrderEnds>, model::kOperationCount> orders;
    DurationHistogram order_time;                                 ///< refusals aside; those in batches too
    Counter orders_refused, orders_answered;
    DurationHistogram ukey_time;                                  ///< what UKEYs were asked on the way of a request
    Counter ukey_failed;
    std::array<Counter, kMostRules> refusals;                     ///< by rule_place
    Counter sessions_opened, sessions_refused;
    Counter coalesced_denials, coalesced_events;
    Counter reloads, reloads_failed;
    CommitMetrics commits;
    ConnectionMetrics stations, network, officers;
    TlsMetrics tls;

    void request(std::size_t operation, const std::optional<base::Code>& failure) noexcept { requests[operation < kMostOperations ? operation : 0][outcome_place(failure)].add(); }
    void order(model::Operation operation, OrderEnd end, std::chrono::steady_clock::time_point begin) noexcept;
    void refusal(std::string_view rule) noexcept { refusals[rule_place(rule)].add(); }
};

}  // namespace kmp::service
