#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "model/fen.h"
#include "model/keys.h"
#include "model/operation.h"

namespace kmp::policy {

/// The order that took a meter's newest purchase count, and what became of it.
struct LastOrder {
    base::Uuid id;
    model::OrderKind kind{};
    model::Fen amount;
    std::uint32_t count = 0;
    std::string card;       ///< 8 bytes: serial of the card that carries it; empty: it was sent to the meter
    bool credited = false;  ///< a genuine status or write-back has shown its count since
    base::Millis made = 0;
    bool operator==(const LastOrder&) const = default;
};

/// An order as it stands in the log.
struct OrderDone {
    base::Uuid id;
    model::OrderKind kind{};
    model::Fen amount;
    std::uint32_t count = 0;
    model::CustomerNumber customer;
    model::KeyVersion key_version = 0;
    std::string card;
    std::uint64_t index = 0;  ///< of its event
    base::Millis made = 0;
};

/// What a meter wrote to its card.
struct CardReport {
    std::string card;
    model::MeterNumber meter;
    model::CustomerNumber customer;
    std::uint32_t count = 0;
    model::Fen balance;
};

/// What the platform knows of one meter. Its purchase count is allocated here, across every way of selling.
struct Meter {
    model::MeterNumber number;
    bool known = false;                       ///< it stands in the log
    model::KeyState state = model::KeyState::factory;
    model::KeyVersion version = 0;            ///< of the key set in force
    std::uint32_t count = 0;                  ///< the last purchase count given out
    model::CustomerNumber customer;           ///< of its account; 0: none opened
    bool opened = false;
    bool keyed = false;                       ///< it has had private keys at some time: nothing clears this
    /// A further download under the factory keys that was approved: until when it may begin and be repeated; 0: none.
    base::Millis allowed_until = 0;
    /// The UKEY that this download was begun with, and alone may be repeated with; empty: it was not begun.
    std::string allowed_to;
    model::KeyVersion held = 0;   ///< the highest version of private keys that it ever had
    model::KeyVersion least = 0;  ///< what it is given must be of this version or a higher one: its wallet began anew since the lower ones
    std::uint64_t epoch = 0;      ///< index of the event that initialised its wallet last; orders from before are over
    std::string card;             ///< 8 bytes: the charging card of its account; empty: none
    std::uint32_t card_count = 0; ///< the purchase count that lies on this card, or did
    std::uint32_t highest = 0;    ///< the highest purchase count ever given out and not voided since: no meter has credited a higher one
    bool wiped = false;           ///< the write-back of this card was emptied since its newest order was made, or may have been: it proves nothing of that one
    std::optional<model::Fen> sold = model::Fen(0);  ///< what it was credited in all in this epoch, less refunds; nullopt: not known, it was in use before this was counted
    std::optional<LastOrder> last;

    /// Whether such an order can be made now, and for whom. refused: the rule that says no ("account: ..", "card: ..", "keys: ..", "count: ..", "uninserted: ..").
    /// newest: version of the newest key set, which decides whether a wallet may begin anew.
    base::Status may_order(model::OrderKind kind, model::CustomerNumber asked_by, std::string_view card_serial, model::KeyVersion newest, base::Millis now) const;
    /// A refund gives back no more than was sold. refused: "amount: .."
    base::Status may_give_back(model::Fen amount) const;
    /// The purchase count of such an order. Precondition: may_order.
    std::uint32_t next_count(model::OrderKind kind) const noexcept;
    /// What the wallet of a replaced card holds: the last purchase, as long as nobody has seen it credited. A meter that has credited it takes the equal count and credits nothing.
    model::Fen carried_over() const noexcept;
    /// It stands in the log: at once, and again when the log is replayed.
    void ordered(const OrderDone& order);
    /// The newest order was never credited and never will be: its count is free again. Precondition: `order` has the newest count, and is neither of a new wallet nor of a replaced card.
    void voided(const OrderDone& order);
    /// A genuine status or write-back with this count stands in the log. true: that told something new.
    bool seen(std::uint32_t shown_count);
    /// How a genuine status with this count cannot be true; empty: it fits. Nothing follows from it here: where the log was restored and lacks the order that has this count, that order
    /// is made once more under the same count, and the meter refuses it; under the next one it would be credited twice.
    std::string contradiction(std::uint32_t shown_count) const;
    /// How a genuine write-back cannot be true; empty: it fits.
    std::string contradiction(const CardReport& report) const;

    /// ok: this UKEY may give it private keys under the factory keys now. refused: says what it takes.
    base::Status may_download(std::string_view ukey, base::Millis now) const;
    /// An approval: takes the place of an earlier one.
    void allow_download(base::Millis until);
    /// Keys went out under the factory keys: from now on the approval is this UKEY's only.
    void download_begun(std::string_view ukey);
    /// The private keys are in force: what was allowed is used up.
    void download_done();
};

/// How many requests are answered that a meter takes under a random number which the station says it drew: for what costs nothing and could be asked for
/// without end, to be said to the meter whenever it draws one of them. Thread: one.
class AnswerPace {
public:
    static constexpr unsigned kAnHour = 256;
    /// refused ("pace: ..") when this hour's are given.
    base::Status take(model::MeterNumber meter, base::Millis now);

private:
    base::Millis since_ = 0;
    unsigned given_ = 0;
};

/// What was proved of a meter's newest order since anything that could still get it credited was last given out. Of this run only.
struct Evidence {
    std::string r1;         ///< 8 bytes, of the newest authentication: under its R2 no answer that was given before means anything to the meter
    unsigned doubtful = 0;  ///< statuses under r1 that were not genuine
    std::optional<std::uint32_t> shown;  ///< the count that a genuine status under r1 showed
    std::string challenge;  ///< 8 bytes, for whoever reads the card to prove it; empty: none was asked for
    bool wallet_gone = false;       ///< read under it: the card does not hold the order
    bool not_written_back = false;  ///< read under it after that: nor did the meter write it back

    /// An authentication was given out.
    void authenticated(std::string_view fresh_r1);
    void status(std::string_view under_r1, std::uint32_t count);
    /// A status under it was not genuine. Its MACs have four bytes: an authentication stands for so many guesses only.
    void false_status(std::string_view under_r1);
    /// The card's wallet has this count; its write-back has, if it is not empty. `newest`: the meter's count.
    void wallet(std::string_view random, std::uint32_t count, std::uint32_t newest);
    void write_back(std::string_view random, std::optional<std::uint32_t> count, std::uint32_t newest);
    /// The newest order is gone. What a card showed was about that one, and says nothing of the one before; a status names a count.
    void voided();
    /// What must still be shown before an order with this count is voided; empty: nothing.
    std::string missing(const OrderDone& order, bool wiped) const;
};

/// The meters, loaded when first asked for and kept. An order changes a meter in memory; the database gets the changed ones
/// in batches and is brought up from the log after a crash, so that no order pays for a random row.
/// Thread: one.
class MeterBook {
public:
    /// Reads one meter's row. not_found: never heard of it.
    using Lookup = std::function<base::Result<Meter>(model::MeterNumber)>;
    void restart(Lookup lookup);

    /// One order at a time for a meter: the count of the next depends on this one's fate.
    struct Entry {
        Meter meter;
        bool busy = false;
        bool dirty = false;
        bool voiding = false;      ///< its newest order is: no answer to it leaves meanwhile
        unsigned answering = 0;    ///< answers to its orders that are on their way once more
        Evidence evidence;
        AnswerPace pace;
    };
    /// The entry stays where it is until restart(). Errors are the database's.
    base::Result<Entry*> find(model::MeterNumber number);
    void changed(Entry& entry);
    /// The meters that changed since the last call.
    std::vector<Meter> take_dirty();
    std::size_t dirty_count() const noexcept { return dirty_.size(); }

private:
    Lookup lookup_;
    std::unordered_map<model::MeterNumber, Entry> entries_;
    std::vector<Entry*> dirty_;
};

}  // namespace kmp::policy
