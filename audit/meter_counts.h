#pragma once
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "model/operation.h"

namespace audit {

/// What the orders of a meter have come to.
struct MeterLine {
    enum class Account : std::uint8_t { unknown, open, closed };
    std::uint64_t count = 0;     ///< the last purchase count
    std::uint64_t highest = 0;   ///< ever given out and not voided, whatever its wallet is
    std::int64_t sold = 0;       ///< fen, less what was given back; in this epoch
    std::uint64_t customer = 0;  ///< of the account
    Account account = Account::unknown;
    bool counted = false;        ///< `sold` is all: the account was opened in this log, or the wallet began in it
    std::uint8_t held = 0;       ///< the highest version of private keys
    std::uint8_t least = 0;      ///< its keys are of this version or a higher one: its wallet began anew
    bool by_card = false;        ///< its newest order is on a card
    bool wallet_gone = false;    ///< and since its last answer the card was read, and did not hold it
    std::uint64_t shown = kNothing;  ///< the count that the meter, or its write-back, has shown since then: orders with a higher one were not credited

    std::uint64_t newest = 0;    ///< record of the order with this count; 0: not known, the one after it was voided
    std::int64_t amount = 0;     ///< of that order, fen
    std::uint32_t answers = 0;   ///< to that order
    model::OrderKind kind{};     ///< of that order
    base::Millis made = 0;       ///< when it was permitted; 0: it does not say
    std::size_t charged = 0;     ///< hash of the UKEY that it was charged to

    static constexpr std::uint64_t kNothing = ~std::uint64_t{0};
};

/// The line of each meter: a flat table, for a verification touches one line of it per order.
class MeterCounts {
public:
    MeterCounts() : slots_(1024) {}

    /// The line of `meter`, to be read and set; `known` says whether it was there. Holds until another meter is entered: to look once more
    /// for one that is there moves nothing.
    MeterLine& at(std::uint64_t meter, bool& known) {
        Slot* slot = &find(slots_, meter);
        known = slot->key != 0;
        if (known) return slot->line;
        if ((used_ + 1) * 10 > slots_.size() * 7) {
            grow();
            slot = &find(slots_, meter);
        }
        slot->key = meter + 1;  // 0 marks an empty slot
        ++used_;
        return slot->line;
    }

private:
    struct Slot {
        std::uint64_t key = 0;
        MeterLine line;
    };
    static Slot& find(std::vector<Slot>& slots, std::uint64_t meter) {
        const std::size_t mask = slots.size() - 1;  // the size is a power of two
        std::size_t i = static_cast<std::size_t>((meter * 0x9E3779B97F4A7C15u) >> 20) & mask;
        while (slots[i].key != 0 && slots[i].key != meter + 1) i = (i + 1) & mask;
        return slots[i];
    }
    void grow() {
        std::vector<Slot> larger(slots_.size() * 2);
        for (const Slot& s : slots_)
            if (s.key != 0) find(larger, s.key - 1) = s;
        slots_ = std::move(larger);
    }
    std::vector<Slot> slots_;
    std::size_t used_ = 0;
};

}  // namespace audit
