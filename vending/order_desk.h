#pragma once
#include "vending/journal.h"

namespace vending {

/// What became of an order that was carried out, or found done.
struct OrderDone {
    JournalOrder order;
    Purchased purchased;
    bool before = false;  ///< an earlier run had it confirmed: nothing was asked now
};

/// Carries out orders of the journal, one at a time: everything stands in the journal before it happens, and what an earlier run
/// left half done is finished under its own id. One thread at a time.
class OrderDesk {
public:
    OrderDesk(Journal& journal, Platform& platform, Line& line) : journal_(journal), platform_(platform), line_(line) {}

    /// Carries out an order that stands in the journal, in whatever state it is there. Customer and amount that are not known are
    /// read from the meter.
    /// errors: busy (another program works on this meter); conflict (an earlier order of this meter is not finished); refused (was_voided); those of
    ///         purchase and Journal; afterwards the order has the state that the error tells of
    base::Result<OrderDone> carry_out(JournalOrder order);

private:
    base::Status complete(JournalOrder& order, Dialogue& meter);
    base::Status follow(JournalOrder& order, Passed passed, const Purchased& now);
    base::Status conclude(JournalOrder& order, const base::Error& error, bool sent_now);

    Journal& journal_;
    Platform& platform_;
    Line& line_;
};

/// Whether this error of kmpd's says that nothing was charged. Any other may be a connection that broke, or a commit that nobody saw the end of.
bool certainly_refused(base::Code code) noexcept;
/// refused: an order that was voided is not made again, under its own id or another.
base::Error was_voided(const JournalOrder& order);
/// What to do about an order that is not finished: "finish it with 'kmp-vend orders resume ..'".
std::string how_to_finish(const JournalOrder& order);
/// "recharge of meter 000000123456 with 50.00 yuan"
std::string describe(const JournalOrder& order);

}  // namespace vending
