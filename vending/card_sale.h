#pragma once
#include <functional>
#include <optional>
#include <string>

#include "base/ids.h"
#include "vending/card_content.h"
#include "vending/platform.h"

/// Charging cards in a station. Before each of these the card and the station prove themselves to each other.
///
/// A card holds a purchase that no meter has taken exactly when its wallet is not empty and its write-back does not carry the wallet's
/// count. Every change keeps to that, at whichever command the card is pulled out: the wallet is emptied before the write-back, and
/// written last.
namespace vending {

struct CardSold;

struct CardSale {
    wire::pb::OrderKind kind = wire::pb::RECHARGE;  ///< OPEN_ACCOUNT, RECHARGE or REPLACE_CARD
    base::Uuid order;       ///< version 7, made once by the station; the same for every repetition of this sale
    bool repeated = false;  ///< an earlier run may have begun it
    model::MeterNumber meter;
    std::optional<model::CustomerNumber> customer;  ///< none: the one that stands on the card (RECHARGE only)
    model::Fen amount;      ///< zero for REPLACE_CARD
    wire::pb::CardParameters parameters;
    std::string tariffs;       ///< a whole file, or empty: none
    std::string next_tariffs;
    /// Before kmpd is asked for the order (count 0), and when it has answered (its count). Its error ends the sale. Empty: nobody hears of it.
    std::function<base::Status(const CardSold&)> on_step;
};

struct CardSold {
    std::string serial;        ///< hex
    model::CustomerNumber customer;
    model::Fen amount;         ///< what the wallet holds: for a replacement the purchase that it carries on
    std::uint32_t count = 0;
    bool personalised = false; ///< the card was blank
    bool repeated = false;     ///< kmpd had answered this order before, and charged nothing now
    bool taken = false;        ///< a meter has taken this purchase already: nothing was written
    std::uint64_t receipt = 0;  ///< index of the charge in the log, however often it was answered
    std::string leaf;           ///< 32 bytes: its leaf hash
};

/// Sells on the card in the reader: makes a blank one the meter's (OPEN_ACCOUNT, REPLACE_CARD), reports and empties a write-back, and
/// writes parameters, tariffs and the wallet. Cut at any point, the same order finishes it; it is charged once, and a meter credits a
/// purchase count once.
/// errors: refused (neither blank nor this meter's; a purchase on a blank card; it holds a purchase that no meter has taken; what it
///         reports contradicts the log; kmpd's rule); tampered (what it holds is not genuine, or broken); conflict (its meter has this
///         count already: reconcile); token_removed, io_failed (repeat with the same order id); those of Platform
base::Result<CardSold> sell_card(Platform& platform, pcsc::CardReader& reader, const CardSale& sale);

struct CardSeen {
    std::string serial;  ///< hex
    bool blank = false;  ///< nothing else is known then
    std::optional<CardParameters> parameters;
    CardWallet wallet;
    bool untaken = false;  ///< its purchase has not been in the meter
    std::optional<WriteBack> write_back;
    std::string contradiction;  ///< how the write-back does not fit the log; empty: it fits
    std::uint32_t known_count = 0;
};
/// Reads the card of `meter`; kmpd verifies every file that is not empty. errors: refused (neither blank nor this meter's), tampered
base::Result<CardSeen> read_card(Platform& platform, pcsc::CardReader& reader, model::MeterNumber meter);

/// Makes the card of `meter` blank again: reports a write-back, empties its files, and puts factory keys in. `lose_purchase`: also when
/// it holds one that no meter has taken (a replacement carries it on). Gives what was there.
/// errors: refused (not this meter's; it holds such a purchase), tampered; those of Platform and CardReader: repeat it
base::Result<CardSeen> erase_card(Platform& platform, pcsc::CardReader& reader, model::MeterNumber meter, bool lose_purchase);

/// Takes an order off the card of `meter` that no meter has taken, and shows kmpd so, that it comes back. `challenge`: what VoidOrder gave.
/// errors: conflict (its meter has taken this order); refused (not this meter's card); tampered; those of Platform and CardReader: repeat it
base::Status take_off_card(Platform& platform, pcsc::CardReader& reader, model::MeterNumber meter, std::uint32_t count, const std::string& challenge);

}  // namespace vending
