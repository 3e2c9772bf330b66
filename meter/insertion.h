#pragma once
#include <optional>

#include "meter/card_slot.h"
#include "meter/element.h"

namespace meter {

/// What became of an insertion.
struct Insertion {
    bool pulled = false;                   ///< before it was over; `credited` still says what is durable
    std::optional<CardRefusal> refusal;    ///< an illegal insertion, counted by the element
    bool known = false;                    ///< the count was known already: nothing was credited
    std::optional<CardCredit> credit;      ///< durable
    bool written_back = false;
    suite::Factor serial{};
    bool ok() const noexcept { return credit && written_back; }
    /// One line for a person.
    std::string text() const;
};

/// Takes a card through docs/SUITE.md 5.5: both authentications, everything read secured, credit and parameters in one durable step
/// in the element, then the write-back. It holds no key. `local` is what the meter's clock shows.
Insertion read_card(Element& element, CardSlot& slot, base::Millis local);

}  // namespace meter
