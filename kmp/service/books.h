#pragma once
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "kmp/policy/meter_book.h"
#include "kmp/policy/order_book.h"
#include "kmp/policy/spending.h"
#include "kmp/policy/velocity.h"
#include "kmp/service/accounts.h"
#include "kmp/service/house.h"
#include "kmp/service/share_box.h"
#include "kmp/service/writer.h"
#include "kmp/suite/key_sets.h"
#include "tokens/registry.h"

namespace kmp::service {

class Feed;
class Outlets;
class Search;

/// The newest revocation list, as far as `status` tells of it.
struct PublishedCrl {
    base::UkeySerial issuer;
    std::uint64_t number = 0;
    base::Millis this_update = 0;
    base::Millis next_update = 0;
    std::size_t entries = 0;
    bool behind = false;  ///< a UKEY's state has changed since, and no list was signed for it
    std::string problem;  ///< why it does not stand in its file; empty when it does
    std::string pem;
};

/// Everything the service knows while it is open; gone when it is sealed. Held by shared_ptr, because results that are on
/// their way from the writer still refer to it while it is being sealed; the last one goes on the I/O thread.
/// Thread: the I/O thread only, but for `writer`, whose submit and write are for any, and
/// `reports`, `exports` and `lookups`, which belong to the officer, the exporter and the thread of Service::aside.
struct Books {
    explicit Books(House h) : house(std::move(h)) {}
    House house;
    std::unique_ptr<Writer> writer;          ///< before all that reads the database, so that its connection is the last to close: none else can put the write-ahead log into the file
    std::unique_ptr<store::Database> reads;  ///< the I/O thread's own connection, read-only
    std::unique_ptr<store::Database> reports;  ///< the officer thread's own, read-only
    std::unique_ptr<store::Database> exports;  ///< the exporter thread's own, read-only
    std::unique_ptr<store::Database> lookups;  ///< read-only, for what Service::aside does
    tokens::Registry registry;
    policy::OrderBook orders;
    policy::MeterBook meters;
    std::unordered_map<base::UkeySerial, policy::Spending> spending;
    policy::Velocity velocity;
    bool card_voids = false;                 ///< kmp.toml's card.voids
    std::vector<PublishedCrl> crls;          ///< one for each master-control UKEY that has signed one, by serial
    std::vector<tokens::SignedQuorum> quorums;  ///< by generation; empty where one person holds the master-control UKEY.
    ShareBox shares;
    Accounts accounts;
    accounts::Attended attended;                ///< sealed PINs of user UKEYs that open by themselves
    suite::KeySets key_sets;                 ///< of private keys; the newest is handed out now
    std::uint64_t applied_to = 0;            ///< every event below has had its effect on the books
    base::Millis last_backup = 0;            ///< when the last one was made; 0: never
    std::uint64_t archived = 0;              ///< records below this one, but for the first, are in archive segments
    bool shedding = false;                   ///< some of those are still here, and are on their way out (Service::shed)
    base::Status archive_held;               ///< whether the rows of the segments held when the books were opened; what is wrong and what to do
    std::vector<Entry> owed;                 ///< conclusions of intents that the log did not take (Service::owe)
    std::shared_ptr<Feed> feed;              ///< of a standby machine; null where none is configured
    std::shared_ptr<Outlets> outlets;        ///< where checkpoints leave the machine
    std::shared_ptr<Search> search;          ///< `find` is the searcher thread's

    /// The officers of today; null where there are none. Changed on the I/O thread while the officer thread waits for it: both may look.
    const tokens::SignedQuorum* quorum() const noexcept { return quorums.empty() ? nullptr : &quorums.back(); }
    /// The officers of a generation, today's or earlier ones; null: there was none.
    const model::Quorum* quorum_of(std::uint32_t generation) const noexcept {
        for (const tokens::SignedQuorum& q : quorums)
            if (q.quorum.generation == generation) return &q.quorum;
        return nullptr;
    }
    void applied(const audit::Receipt& receipt) {
        if (receipt.index >= applied_to) applied_to = receipt.index + 1;
    }
};

}  // namespace kmp::service
