#pragma once
#include "pcsc/card_reader.h"
#include "vending/journal.h"

namespace vending {

/// Takes orders of the journal back that no meter took. kmpd believes what a meter or a card proves, nothing that is said here.
/// One thread at a time.
class VoidDesk {
public:
    VoidDesk(Journal& journal, Platform& platform) : journal_(journal), platform_(platform) {}

    /// On the line that its meter is on: by a status. An order on a card needs its card before (`by_card`).
    /// errors: refused (it is finished; a later order of its meter has a newer count; what proof is missing), conflict (the meter has it), busy; those of Platform and Line
    base::Status on_line(JournalOrder& order, Line& line);
    /// By the card in the reader, on which it lies.
    base::Status by_card(JournalOrder& order, pcsc::CardReader& reader);

private:
    /// kmpd's answer; none when it never heard of the order, which the journal then says.
    base::Result<std::optional<wire::pb::VoidOrderReply>> ask(JournalOrder& order);
    base::Status finish(JournalOrder& order, const wire::pb::VoidOrderReply& reply);
    base::Status begin(JournalOrder& order);

    Journal& journal_;
    Platform& platform_;
};

}  // namespace vending
