#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "audit/event.h"
#include "audit/log_reader.h"
#include "audit/merkle.h"
#include "base/clock.h"
#include "store/migration.h"
#include "store/transaction.h"

namespace audit {

/// The tables of this room: event and tile (append-only by triggers; only archived events leave), and archive.
store::Schema schema() noexcept;

/// Where an event stands. Only a committed one is proof of anything.
struct Receipt {
    std::uint64_t index = 0;
    Digest leaf{};
    base::Millis time = 0;  ///< as recorded
};

/// The one writer of the log. Events are staged inside a transaction of the caller and become part of the log when the caller
/// says that it committed. Does not own the database. thread: one, that of the database.
class Journal {
public:
    /// Checks what is there: contiguous from 0 or, but for record 0, from what was archived; the newest events decode, their time does not fall, tiles are complete.
    /// tampered: one of these fails.
    static base::Result<Journal> open(store::Database& database);

    /// Stages one event in `transaction`. The recorded time is max(now, last_time()): it never falls; the Receipt says which.
    /// errors: internal (the event breaks its table), those of Transaction. After an error the transaction must be rolled back.
    base::Result<Receipt> append(store::Transaction& transaction, const Event& event, base::Millis now);
    /// The transaction was committed: what was staged is the log now.
    void committed();
    /// The transaction was rolled back, or its commit failed: what was staged is forgotten.
    void rolled_back();

    /// Of the committed log.
    std::uint64_t size() const noexcept { return committed_.frontier.size(); }
    Digest root() const { return committed_.frontier.root(); }
    base::Millis last_time() const noexcept { return committed_.last_time; }
    /// The index the next append will get, staged ones counted.
    std::uint64_t next_index() const noexcept { return staged_.frontier.size(); }

    /// Records and proofs of what is committed (and of what is staged, while its transaction is open).
    LogReader reader() const noexcept { return LogReader(*database_); }

private:
    struct State {
        Frontier frontier;
        base::Millis last_time = 0;
        std::vector<std::vector<Digest>> tails;  ///< per level, the hashes that do not fill a tile yet
    };
    Journal(store::Database& database, State state) : database_(&database), committed_(state), staged_(std::move(state)) {}
    base::Status add_leaf(store::Transaction& transaction, const Digest& leaf);

    store::Database* database_;
    State committed_;
    State staged_;
    base::Bytes buffer_;
    bool dirty_ = false;
};

}  // namespace audit
