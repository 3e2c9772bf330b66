#include "kmp/service/writer.h"

#include <algorithm>
#include <future>
#include <map>

namespace kmp::service {
namespace {

base::Error explain(base::Error error) {
    using base::Code;
    if (error.code == Code::storage_full)
        error.message = "the audit log cannot be written, so nothing is signed: the disk is full; free some space and it goes on by itself";
    else if (error.code == Code::storage_failed || error.code == Code::busy)
        error.message = "the audit log cannot be written, so nothing is signed: " + error.message;
    return error;
}

}  // namespace

Writer::Writer(std::unique_ptr<store::Database> database, audit::Journal journal, const base::Clock& clock, Deliver deliver, CommitMetrics& metrics)
    : database_(std::move(database)),
      journal_(std::make_unique<audit::Journal>(std::move(journal))),
      clock_(clock),
      deliver_(std::move(deliver)),
      metrics_(metrics),
      head_{journal_->size(), journal_->root(), journal_->last_time()},
      last_time_(head_.last_time),
      size_(std::make_shared<std::atomic<std::uint64_t>>(head_.size)),
      thread_([this] { run(); }) {}

Writer::~Writer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Writer::submit(Entry entry) {
    bool was_empty = false;
    {
        const std::lock_guard lock(mutex_);
        was_empty = queue_.empty();
        queue_.push_back(std::move(entry));
        queued_.store(queue_.size(), std::memory_order_relaxed);
    }
    if (was_empty) wake_.notify_one();
}

base::Result<audit::Receipt> Writer::write(Entry entry) {
    // The promise is kept by the writer's own thread, not by way of `deliver`: the caller may be what the I/O thread waits for.
    auto promise = std::make_shared<std::promise<base::Result<audit::Receipt>>>();
    auto future = promise->get_future();
    entry.done = [promise](base::Result<audit::Receipt> r) { promise->set_value(std::move(r)); };
    submit(std::move(entry));
    return future.get();
}

Writer::Head Writer::head() const {
    const std::lock_guard lock(mutex_);
    return head_;
}

void Writer::run() {
    for (;;) {
        std::vector<Entry> batch;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            busy_.store(true, std::memory_order_relaxed);
            if (queue_.size() <= kMaxBatch) {
                batch.swap(queue_);
            } else {
                const auto end = queue_.begin() + kMaxBatch;
                batch.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
                queue_.erase(queue_.begin(), end);
            }
            queued_.store(queue_.size(), std::memory_order_relaxed);
        }
        commit(std::move(batch));
        batches_.fetch_add(1, std::memory_order_relaxed);
        busy_.store(false, std::memory_order_relaxed);
    }
}

void Writer::commit(std::vector<Entry> batch) {
    std::vector<std::function<void()>> calls;
    calls.reserve(batch.size());
    std::vector<audit::Receipt> receipts;
    base::Status status = try_commit(batch, receipts);
    const auto report = [&](Entry& entry, base::Result<audit::Receipt> result) {
        if (entry.done) calls.push_back([done = std::move(entry.done), result = std::move(result)]() mutable { done(std::move(result)); });
    };
    if (status) {
        for (std::size_t i = 0; i < batch.size(); ++i) report(batch[i], receipts[i]);
    } else if (batch.size() == 1) {
        report(batch[0], explain(status.error()));
    } else {
        // One bad entry must not take the others with it.
        for (Entry& entry : batch) {
            std::vector<Entry> single;
            single.push_back(std::move(entry));
            status = try_commit(single, receipts);
            if (status)
                report(single[0], receipts[0]);
            else
                report(single[0], explain(status.error()));
        }
    }
    if (!calls.empty()) deliver_(std::move(calls));
}

base::Status Writer::try_commit(std::vector<Entry>& batch, std::vector<audit::Receipt>& receipts) {
    receipts.clear();
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t before = journal_->size();
    const auto attempt = [&]() -> base::Status {
        KMP_TRY(store::Transaction transaction, database_->begin());
        std::map<std::pair<std::string, std::int64_t>, policy::Charge> charges;
        for (Entry& entry : batch) {
            const base::Millis now = clock_.now();
            std::optional<audit::Receipt> first;
            for (const audit::Event& event : entry.events) {
                KMP_TRY(const audit::Receipt receipt, journal_->append(transaction, event, now));
                if (!first) first = receipt;
            }
            if (!first) first.emplace();
            if (entry.order) {
                entry.order->record.index = first->index;
                entry.order->record.leaf = first->leaf;
                KMP_CHECK(policy::insert(transaction, *entry.order));
            }
            if (entry.charge) {
                const auto [at, fresh] = charges.try_emplace({entry.charge->ukey, entry.charge->day}, *entry.charge);
                if (!fresh) at->second.amount = model::Fen(at->second.amount.value() + entry.charge->amount.value());
            }
            if (entry.effect) KMP_CHECK(entry.effect(transaction, *first));
            receipts.push_back(*first);
        }
        for (const auto& [key, charge] : charges) KMP_CHECK(policy::add_charge(transaction, charge));
        return transaction.commit();
    };
    base::Status status = attempt();
    if (!status) {
        journal_->rolled_back();
        metrics_.failed.add();
        return status;
    }
    journal_->committed();
    metrics_.time.since(begin);
    metrics_.entries.add(batch.size());
    metrics_.events.add(journal_->size() - before);
    const std::lock_guard lock(mutex_);
    head_ = {journal_->size(), journal_->root(), journal_->last_time()};
    last_time_.store(head_.last_time, std::memory_order_release);
    size_->store(head_.size, std::memory_order_release);
    return {};
}

}  // namespace kmp::service
