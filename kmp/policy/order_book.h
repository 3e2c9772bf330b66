#pragma once
#include <deque>
#include <functional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/digest.h"
#include "base/ids.h"
#include "model/fen.h"
#include "model/keys.h"
#include "model/operation.h"

namespace kmp::policy {

/// What an order says, whatever R2 or card's challenge it is asked under.
struct OrderContent {
    base::Uuid id;
    std::string station;
    model::OrderKind kind{};
    model::MeterNumber meter;
    model::CustomerNumber customer;
    model::Fen amount;
    std::string card;  ///< 8 bytes: the charging card that carries it; empty: it is sent to the meter

    /// SHA-256 over the canonical fields: equal exactly when the same order is asked again.
    base::Digest hash() const;
};

/// What became of an order that stands in the log.
struct OrderRecord {
    base::Digest content{};
    std::uint32_t count = 0;
    model::KeyVersion key_version = 0;
    std::uint64_t index = 0;
    base::Digest leaf{};
    std::uint32_t answers = 1;  ///< how often it was answered
    bool voided = false;  ///< its meter never credited it, and never will
};

/// Station and id: ids are unique within a station only.
struct OrderKey {
    std::string station;
    base::Uuid id;
    bool operator==(const OrderKey&) const = default;
};

inline constexpr base::Millis kOrderWindow = 7 * base::kDay;  ///< older ids are refused, not looked for
inline constexpr base::Millis kOrderAhead = 10 * base::kMinute;

/// Remembers the newest orders, so that a fresh id costs no look-up: every order whose id is newer than `horizon` is in
/// memory; only older ids ask the database. Thread: one.
class OrderBook {
public:
    /// Asks the database for an order. not_found is the answer "never seen".
    using Lookup = std::function<base::Result<OrderRecord>(const OrderKey&)>;
    explicit OrderBook(std::size_t capacity = 65536);
    /// Starts afresh over a database whose newest order id has this time.
    void restart(base::Millis newest_in_database, Lookup lookup);

    enum class Finding { fresh, pending, done };
    struct Answer {
        Finding finding;
        OrderRecord record;  ///< with `done`; it comes from the database
    };
    /// refused: an id outside the window. Other errors are the database's.
    base::Result<Answer> find(const OrderKey& key, base::Millis now);
    void begin(const OrderKey& key);   ///< precondition: fresh
    void finish(const OrderKey& key);  ///< it stands in the database
    void forget(const OrderKey& key);  ///< it came to nothing; the id may be used again

private:
    /// Small, for 65536 of them are looked through in no order: what they miss in the cache is what an order costs here.
    struct Mark {
        base::Uuid id;
        std::uint32_t station = 0;  ///< its place in stations_
        bool operator==(const Mark&) const = default;
    };
    /// Stations choose the ids: with a hash that they knew they could make all of theirs meet in one bucket.
    struct SeededHash {
        std::uint64_t first, second;
        std::size_t operator()(const Mark& m) const noexcept;
    };
    Mark mark(const OrderKey& key);

    std::size_t capacity_;
    base::Millis horizon_ = 0;
    Lookup lookup_;
    std::unordered_map<std::string, std::uint32_t> stations_;
    std::unordered_map<Mark, Finding, SeededHash> entries_;
    std::deque<Mark> finished_;
};

}  // namespace kmp::policy
