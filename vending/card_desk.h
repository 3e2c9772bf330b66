#pragma once
#include "pcsc/card_reader.h"
#include "vending/card_sale.h"
#include "vending/journal.h"

namespace vending {

/// Sells on cards with the order journal: everything stands there before it happens, and what an earlier run left half done is finished under its own id. One thread at a time.
class CardDesk {
public:
    CardDesk(Journal& journal, Platform& platform, pcsc::CardReader& reader) : journal_(journal), platform_(platform), reader_(reader) {}

    /// `own_id`: the sale's id was made just now. Then an unfinished sale of the same kind and amount to this meter is gone on with instead, under its own id; sale.order says which.
    /// errors: busy (another program works on this meter); conflict (the id stands for another order; another order of this meter is not finished); those of sell_card and Journal
    base::Result<CardSold> carry_out(CardSale& sale, bool own_id);

private:
    base::Result<JournalOrder> order_for(CardSale& sale, bool own_id);
    base::Result<JournalOrder> plan(const CardSale& sale, bool own_id);
    base::Status follow(JournalOrder& order, const CardSold& so_far);
    base::Status carry_on(JournalOrder& lost, const JournalOrder& by, const CardSold& sold);
    base::Status conclude(JournalOrder& order, const base::Error& error);

    Journal& journal_;
    Platform& platform_;
    pcsc::CardReader& reader_;
};

}  // namespace vending
