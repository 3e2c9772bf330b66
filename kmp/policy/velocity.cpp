#include "kmp/policy/velocity.h"

#include <algorithm>

namespace kmp::policy {
namespace {

using base::Code;

constexpr base::Millis kBuckets = 60;  // that a window is made of

base::Error held(const StationHold& h) {
    return {Code::refused, "velocity: station " + h.station + " is held since " + base::to_rfc3339(h.since) + ", for " + std::to_string(h.orders) + " orders of " + h.amount.yuan() + " yuan within " +
                               std::to_string(h.window / base::kMinute) + " minutes; an officer releases it: 'kmpctl station release " + h.station + "'"};
}

}  // namespace

void Velocity::restore(std::vector<StationHold> holds) {
    windows_.clear();
    holds_.clear();
    for (StationHold& h : holds) holds_[h.station] = std::move(h);
}

Velocity::Judged Velocity::admit(const std::string& station, model::Fen amount, base::Millis now) {
    if (const auto hold = holds_.find(station); hold != holds_.end()) return {held(hold->second), {}, {}};
    if (rule_.orders == 0 && rule_.amount == model::Fen(0)) return {};
    Window& w = windows_[station];
    while (!w.buckets.empty() && w.buckets.front().last + rule_.window <= now) {
        w.orders -= w.buckets.front().orders;
        w.amount = w.amount.minus(w.buckets.front().amount);
        w.buckets.pop_front();
    }
    const std::uint32_t orders = w.orders + 1;
    const model::Fen sum(w.amount.value() + amount.value());
    if ((rule_.orders != 0 && orders > rule_.orders) || (rule_.amount != model::Fen(0) && sum > rule_.amount)) {
        const StationHold hold{station, now, orders, sum, rule_.window};
        holds_[station] = hold;
        return {held(hold), hold, {}};
    }
    if (w.buckets.empty() || now - w.buckets.back().since >= rule_.window / kBuckets) w.buckets.push_back({now, now, 0, model::Fen(0)});
    Bucket& bucket = w.buckets.back();
    bucket.last = now;
    ++bucket.orders;
    bucket.amount = model::Fen(bucket.amount.value() + amount.value());
    w.orders = orders;
    w.amount = sum;
    return {{}, {}, Booking{station, bucket.since, amount}};
}

void Velocity::release(const Booking& booking) {
    const auto found = windows_.find(booking.station);
    if (found == windows_.end()) return;
    Window& w = found->second;
    const auto bucket = std::find_if(w.buckets.begin(), w.buckets.end(), [&](const Bucket& b) { return b.since == booking.since && b.orders > 0; });
    if (bucket == w.buckets.end()) return;
    --bucket->orders;
    bucket->amount = bucket->amount.minus(booking.amount);
    --w.orders;
    w.amount = w.amount.minus(booking.amount);
}

base::Status Velocity::free(const std::string& station) {
    if (holds_.erase(station) == 0) return {Code::not_found, "station " + station + " is not held; see 'kmpctl station list'"};
    windows_.erase(station);
    return {};
}

std::vector<StationHold> Velocity::holds() const {
    std::vector<StationHold> out;
    for (const auto& [station, hold] : holds_) out.push_back(hold);
    return out;
}

}  // namespace kmp::policy
