#include "kmp/policy/order_book.h"

#include <algorithm>

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
    return base::sha256(w.view());
}

void OrderBook::restart(base::Millis newest_in_database, Lookup lookup) {
    horizon_ = newest_in_database;
    lookup_ = std::move(lookup);
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
    if (const auto it = entries_.find(key); it != entries_.end())
        return Answer{it->second.done ? Finding::done : Finding::pending, it->second.record};
    if (made > horizon_) return Answer{Finding::fresh, {}};
    auto stored = lookup_(key);
    if (stored) return Answer{Finding::done, *stored};
    if (stored.error().code == Code::not_found) return Answer{Finding::fresh, {}};
    return stored.error();
}

void OrderBook::begin(const OrderKey& key) { entries_.try_emplace(key); }

void OrderBook::finish(const OrderKey& key, const OrderRecord& record) {
    entries_[key] = Entry{true, record};
    finished_.push_back(key);
    while (finished_.size() > capacity_) {
        horizon_ = std::max(horizon_, finished_.front().id.time());
        entries_.erase(finished_.front());
        finished_.pop_front();
    }
}

void OrderBook::forget(const OrderKey& key) { entries_.erase(key); }

}  // namespace kmp::policy
