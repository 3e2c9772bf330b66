#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "audit/journal.h"
#include "base/clock.h"
#include "kmp/policy/tables.h"
#include "kmp/service/metrics.h"

namespace kmp::service {

/// What goes into the log in one piece: events, and the rows that must commit with them.
struct Entry {
    std::vector<audit::Event> events;  ///< the Receipt is that of the first; none: rows only, the Receipt says nothing
    /// An order's row; index and leaf are filled in from the first event's receipt.
    std::optional<policy::OrderRow> order;
    std::optional<policy::Charge> charge;
    /// Further rows. An error undoes the entry.
    std::function<base::Status(store::Transaction&, const audit::Receipt&)> effect;
    /// Called on the writer's `deliver` once the entry is durable, or never will be. May be empty.
    std::function<void(base::Result<audit::Receipt>)> done;
};

/// The one group-committing writer: takes whatever has queued up, commits it as one transaction, and only then lets the results
/// go. No timer: batches form while the previous commit runs. Owns the database connection that writes.
/// submit: any thread. Everything else: the thread that owns it.
class Writer {
public:
    /// How finished entries get to the I/O thread: called on the writer's thread with a batch of calls to make.
    using Deliver = std::function<void(std::vector<std::function<void()>>)>;

    /// `journal` was opened on `*database`. `metrics` outlives it.
    Writer(std::unique_ptr<store::Database> database, audit::Journal journal, const base::Clock& clock, Deliver deliver, CommitMetrics& metrics);
    /// Finishes what is queued, then stops.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void submit(Entry entry);
    /// Submits and waits. For threads other than the I/O and the writer's own.
    base::Result<audit::Receipt> write(Entry entry);

    /// The log as last committed: what a checkpoint is made over.
    struct Head {
        std::uint64_t size = 0;
        audit::Digest root{};
        base::Millis last_time = 0;
    };
    Head head() const;
    /// head().last_time, without waiting for a lock: every request asks.
    base::Millis last_time() const noexcept { return last_time_.load(std::memory_order_acquire); }
    /// Batches that were dealt with, whatever came of them: it rises while the writer lives, and stands still while a commit hangs.
    std::uint64_t batches() const noexcept { return batches_.load(std::memory_order_relaxed); }
    /// Nothing is queued and nothing is being written.
    bool idle() const noexcept { return !busy_.load(std::memory_order_relaxed) && queued() == 0; }
    /// head().size, for whoever outlives the writer.
    std::shared_ptr<const std::atomic<std::uint64_t>> size() const noexcept { return size_; }
    std::size_t queued() const noexcept { return queued_.load(std::memory_order_relaxed); }

    static constexpr std::size_t kMaxBatch = 128;  ///< entries in a commit

private:
    void run();
    void commit(std::vector<Entry> batch);
    base::Status try_commit(std::vector<Entry>& batch, std::vector<audit::Receipt>& receipts);

    // In this order: the journal refers to the database.
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<audit::Journal> journal_;
    const base::Clock& clock_;
    Deliver deliver_;
    CommitMetrics& metrics_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Entry> queue_;
    Head head_;
    bool stopping_ = false;
    std::atomic<std::size_t> queued_{0};
    std::atomic<std::uint64_t> batches_{0};
    std::atomic<bool> busy_{false};
    std::atomic<base::Millis> last_time_;
    std::shared_ptr<std::atomic<std::uint64_t>> size_;
    std::thread thread_;
};

}  // namespace kmp::service
