#include "kmp/policy/order_book.h"

#include <algorithm>
#include <cstring>
#include <random>

namespace kmp::policy {

using base::Code;

base::Digest OrderContent::hash() const {
    base::ByteWriter w;
    w.text("kmp/v1/order");
    w.u8(0);
    w.bytes(id.raw());
    w.sized16(station);
    w.u8(static_cast<std::uint8_t>(kind));
    w.u64(meter.number());
    w.u64(customer.number());
    w.u64(static_cast<std::uint64_t>(amount.value()));
    if (!card.empty()) {
        constexpr std::uint8_t kByCard = 2;
        w.u8(kByCard);
        w.sized16(card);
    }
    return base::sha256(w.view());
}

OrderBook::OrderBook(std::size_t capacity)
    : capacity_(capacity), entries_(0, [] {
          std::random_device random;
          const auto word = [&] { return static_cast<std::uint64_t>(random()) << 32 | random(); };
          return SeededHash{word(), word() | 1};
      }()) {}

std::size_t OrderBook::SeededHash::operator()(const Mark& m) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, m.id.raw().data(), 8);
    std::memcpy(&low, m.id.raw().data() + 8, 8);
    std::uint64_t h = (low ^ first) * second;
    h ^= h >> 32;
    h = (h ^ high ^ m.station) * second;
    return static_cast<std::size_t>(h ^ h >> 29);
}

OrderBook::Mark OrderBook::mark(const OrderKey& key) {
    return {key.id, stations_.try_emplace(key.station, static_cast<std::uint32_t>(stations_.size())).first->second};
}

void OrderBook::restart(base::Millis newest_in_database, Lookup lookup) {
    horizon_ = newest_in_database;
    lookup_ = std::move(lookup);
    stations_.clear();
    entries_.clear();
    finished_.clear();
}

base::Result<OrderBook::Answer> OrderBook::find(const OrderKey& key, base::Millis now) {
    const base::Millis made = key.id.time();
    if (made + kOrderWindow < now) {
        // A repeat of what was made is answered however late: its meter takes no other count before it. Only new ones are too old.
        if (auto stored = lookup_(key); stored) return Answer{Finding::done, *stored};
        return {Code::refused, "order_window: order " + key.id.text() + " was made on " + base::to_rfc3339(made) + ", more than 7 days ago; make a new order"};
    }
    if (made > now + kOrderAhead)
        return {Code::refused, "order_window: order " + key.id.text() + " is dated " + base::to_rfc3339(made) + ", in the future; set the station's clock"};
    const auto it = entries_.find(mark(key));
    if (it != entries_.end() && it->second == Finding::pending) return Answer{Finding::pending, {}};
    if (it == entries_.end() && made > horizon_) return Answer{Finding::fresh, {}};
    auto stored = lookup_(key);
    if (stored) return Answer{Finding::done, *stored};
    if (stored.error().code == Code::not_found && it == entries_.end()) return Answer{Finding::fresh, {}};
    return stored.error();
}

void OrderBook::begin(const OrderKey& key) { entries_.try_emplace(mark(key), Finding::pending); }

void OrderBook::finish(const OrderKey& key) {
    const Mark made = mark(key);
    entries_[made] = Finding::done;
    finished_.push_back(made);
    while (finished_.size() > capacity_) {
        horizon_ = std::max(horizon_, finished_.front().id.time());
        entries_.erase(finished_.front());
        finished_.pop_front();
    }
}

void OrderBook::forget(const OrderKey& key) { entries_.erase(mark(key)); }

}  // namespace kmp::policy
