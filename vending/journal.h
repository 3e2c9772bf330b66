#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fd.h"
#include "vending/remote.h"

struct sqlite3;

namespace vending {

/// How far an order of this station has come. Only `planned`, `confirmed`, `refused` (by kmpd) and `voided` are at rest: every other one may have
/// been charged or credited, and is finished under its own id before its meter gets another order.
enum class OrderState : std::uint8_t {
    planned,    ///< written down; kmpd was not asked
    asked,      ///< kmpd may have charged it
    answered,   ///< charged, with a purchase count; the meter has not heard of it
    sent,       ///< the meter may have heard it
    confirmed,  ///< the meter has it
    refused,    ///< kmpd said no; nothing was charged
    held,       ///< the meter said no; it keeps its purchase count until the meter takes it
    unknown,    ///< nobody knows whether the meter has it
    voided,     ///< the meter never took it, and never will: its cap and its purchase count came back
};
std::string_view name(OrderState state) noexcept;
struct JournalOrder;
/// In words for a person: "confirmed by the meter" ..; for a card's order what became of the card.
std::string_view words(const JournalOrder& order) noexcept;
std::string_view words(OrderState state, bool by_card) noexcept;
/// May have been charged or credited, and is not known to be done.
constexpr bool unfinished(OrderState s) noexcept {
    return s != OrderState::planned && s != OrderState::confirmed && s != OrderState::refused && s != OrderState::voided;
}

/// "open", "recharge", "refund", "clear", "init-wallet": as commands and files call them; "replace-card" is no line's and is not parsed.
std::string_view operation_name(wire::pb::OrderKind kind) noexcept;
std::optional<wire::pb::OrderKind> parse_operation(std::string_view name) noexcept;

struct JournalOrder {
    std::int64_t number = 0;  ///< in the journal, from 1
    base::Uuid id;
    wire::pb::OrderKind kind = wire::pb::RECHARGE;
    model::MeterNumber meter;
    std::optional<model::CustomerNumber> customer;  ///< none: the one the meter belongs to, read before kmpd is asked
    std::optional<model::Fen> amount;               ///< none: the meter's balance (a clear), read before kmpd is asked
    bool own_id = true;         ///< made by us; otherwise the caller's
    std::int64_t batch = 0;     ///< 0: a single order
    std::size_t line = 0;       ///< of the batch's file
    bool by_card = false;       ///< a charging card carries it to the meter: `confirmed` once the card holds it, never `sent`
    OrderState state = OrderState::planned;
    std::uint32_t count = 0;    ///< 0: none given yet
    std::uint64_t receipt = 0;  ///< index in the platform's log of its charge
    std::string leaf;           ///< 32 bytes: its leaf hash; empty: none, or of an older journal
    std::string said;           ///< what kmpd or the meter said last, in words
    base::Millis made = 0;
    base::Millis changed = 0;
};
struct JournalStep {
    base::Millis at = 0;
    OrderState state = OrderState::planned;
    std::string said;
};

/// Holds one meter for this program; let go when it goes, and by the system when the program dies.
class MeterHold {
public:
    MeterHold(int journal_lock, std::int64_t place) noexcept : fd_(journal_lock), place_(place) {}
    MeterHold(MeterHold&& other) noexcept : fd_(std::exchange(other.fd_, -1)), place_(other.place_) {}
    MeterHold(const MeterHold&) = delete;
    MeterHold& operator=(const MeterHold&) = delete;
    MeterHold& operator=(MeterHold&&) = delete;
    ~MeterHold();

private:
    int fd_;
    std::int64_t place_;
};

/// The station's own order journal: one SQLite file. Every change is on the disk (fsync) when a call returns. Several programs may use
/// one journal: whoever works on a meter's order holds that meter. One thread at a time.
/// errors of every call: storage_full, storage_failed (it cannot be written: no order may be asked for), tampered (it is damaged),
///                       busy (another program holds it for long)
class Journal {
public:
    /// Opens, or makes (mode 0600, its folder too). unsupported: written by a newer version, or not a journal.
    static base::Result<Journal> open(const std::string& file, const base::Clock& clock);
    Journal(Journal&&) noexcept;
    Journal& operator=(Journal&&) = delete;
    ~Journal();

    /// No other program works on this meter's orders while the hold lives. busy: one does.
    base::Result<MeterHold> hold(model::MeterNumber meter);

    /// Writes a new order down as planned. already_exists: its id is there.
    base::Result<JournalOrder> plan(JournalOrder order);
    /// Of an order that is planned, or was refused by kmpd, before kmpd is asked: an id of ours that is an hour old is made anew, for kmpd refuses old ones; customer and amount are written as they now are.
    base::Status prepare(JournalOrder& order);
    /// The next state of an order, with what was said.
    base::Status note(JournalOrder& order, OrderState state, std::string said);

    /// The order as it now stands in the file.
    base::Result<JournalOrder> reload(const JournalOrder& order);
    base::Result<std::optional<JournalOrder>> find(const base::Uuid& id);
    base::Result<std::optional<JournalOrder>> find(std::int64_t batch, std::size_t line);
    /// The order of this meter that must be finished first, if there is one.
    base::Result<std::optional<JournalOrder>> unfinished_of(model::MeterNumber meter);
    base::Result<std::vector<JournalOrder>> all_unfinished();
    /// Every order that kmpd has charged, those that were voided since too, by number; `changed` is when it had answered.
    base::Result<std::vector<JournalOrder>> charged();
    base::Result<std::int64_t> count(OrderState state);
    /// Whether another purchase than this has this count of its meter.
    base::Result<bool> is_count_of_another(const JournalOrder& order, std::uint32_t purchase_count);
    /// The newest `limit` orders, oldest first.
    base::Result<std::vector<JournalOrder>> newest(std::size_t limit);
    base::Result<std::vector<JournalOrder>> of_batch(std::int64_t batch);
    base::Result<std::vector<JournalStep>> steps(const JournalOrder& order);

    /// The number of the batch that this file is: known by its content, or else by its path; new otherwise.
    base::Result<std::int64_t> batch(const std::string& path, const base::Digest& content);
    /// All of `orders`, or none.
    base::Status plan_all(std::vector<JournalOrder>& orders);

    /// Key runs: what became of each meter of a run of the same name. `outcome`: done, failed.
    struct KeyRow {
        model::MeterNumber meter;
        bool done = false;
        std::string said;
        std::uint32_t key_version = 0;
        unsigned frames = 0;
        base::Millis at = 0;
    };
    base::Result<std::vector<KeyRow>> key_rows(const base::Digest& run);
    base::Status note_keys(const base::Digest& run, const KeyRow& row);

    const std::string& file() const noexcept { return file_; }
    /// Called after a state is on the disk: tests end the program there.
    std::function<void(OrderState)> on_state;

private:
    struct Close {
        void operator()(sqlite3* db) const noexcept;
    };
    Journal(std::unique_ptr<sqlite3, Close> db, base::Fd lock, std::string file, const base::Clock& clock);
    class Query;
    base::Status run(const char* sql);
    base::Status insert(JournalOrder& order);
    base::Status add_step(const JournalOrder& order);
    base::Status in_transaction(const std::function<base::Status()>& work);
    base::Result<std::vector<JournalOrder>> select(const char* tail, std::initializer_list<std::int64_t> values);
    base::Error trouble(std::string_view doing) const;

    std::unique_ptr<sqlite3, Close> db_;
    base::Fd lock_;
    std::string file_;
    const base::Clock* clock_;
};

}  // namespace vending
