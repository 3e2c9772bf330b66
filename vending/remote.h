#pragma once
#include <optional>

#include "base/ids.h"
#include "model/fen.h"
#include "vending/dialogue.h"
#include "vending/platform.h"

/// Remote vending: each of these authenticates with the meter first, under its private keys.
namespace vending {

/// An order for a meter, whatever it does to the wallet.
struct Purchase {
    wire::pb::OrderKind kind = wire::pb::RECHARGE;  ///< OPEN_ACCOUNT, RECHARGE, REFUND, CLEAR or INITIALISE_WALLET
    base::Uuid order;  ///< version 7, made once by the station; the same for every repetition of this purchase
    model::CustomerNumber customer;  ///< 0 for INITIALISE_WALLET
    model::Fen amount;               ///< CLEAR: the balance that the meter has
    // Of an order that an earlier run has begun:
    bool doubtful = false;           ///< it may have been sent to the meter
    std::uint32_t known_count = 0;   ///< the purchase count that kmpd gave it; 0: not known
};

struct Purchased {
    std::uint32_t count = 0;
    bool repeated = false;   ///< kmpd had answered this order before and charged nothing now
    bool told_late = false;  ///< the meter's own answer was lost; it confirmed the purchase when asked again
    std::uint64_t receipt = 0;  ///< index of the charge in the log, however often it was answered
    std::string leaf;           ///< 32 bytes: its leaf hash
};

/// How far an order has come; told before the next step is taken. An error from it ends the order there.
enum class Passed : std::uint8_t {
    asking,    ///< from here on kmpd may charge it
    answered,  ///< kmpd has charged it and given its count
    sent,      ///< from here on the meter may have heard it
};
using Trail = std::function<base::Status(Passed, const Purchased&)>;

/// Carries out one order. When the meter's answer is lost it authenticates again and sends the same order, which kmpd MACs again
/// free of charge under the new R2; "repeated recharge" then means that the meter was credited. Whatever is said after a
/// lost answer is checked with a status query, whose MACs name their authentication, where the grant allows one.
/// errors: refused (kmpd's rule, or the meter's reason; nothing was credited; after the meter's refusal the order keeps its
///         purchase count, so repeat it with the same order id); conflict (the meter has this purchase count from another order:
///         reconcile); outcome_unknown (the meter stays silent: repeat with the same order id); those of Platform, Line and `trail`
base::Result<Purchased> purchase(Platform& platform, Dialogue& meter, const Purchase& purchase, const Trail& trail = {});

/// "recharge", "opening of the account" ..
std::string name(wire::pb::OrderKind kind);

struct MeterStatus {
    model::Fen balance;  ///< below zero: overdrawn
    std::uint32_t count = 0;
    model::CustomerNumber customer;
    model::KeyState key_state = model::KeyState::factory;
    std::uint32_t key_version = 0;
    std::uint32_t known_count = 0;  ///< what the platform has allocated last
    std::uint64_t receipt = 0;
};
/// The meter's wallet, its MACs verified by kmpd. tampered: they do not hold.
base::Result<MeterStatus> query_status(Platform& platform, Dialogue& meter);

enum class RelayCommand : std::uint8_t {
    trip = 0x1A,
    allow_closing = 0x1B,
    close = 0x1C,
    alarm_on = 0x2A,
    alarm_off = 0x2B,
    keep_power_on = 0x3A,
    keep_power_off = 0x3B,
};
/// Sets how long an authentication of this meter holds: under a fresh one, and for that one. `minutes` 1 to 9999. Gives the index in the log.
base::Result<std::uint64_t> set_validity(Platform& platform, Dialogue& meter, unsigned minutes);

/// Ends the authentication and gives what the meter says of itself, unverified. `known_count` is 0.
base::Result<MeterStatus> end_authentication(Platform& platform, Dialogue& meter);

struct ReadBack {
    model::Fen balance;  ///< below zero: overdrawn
    std::uint32_t count = 0;
    std::uint64_t receipt = 0;
};
/// The wallet file of the meter's secure element, its MAC verified by kmpd. tampered: it does not hold.
base::Result<ReadBack> read_back(Platform& platform, Dialogue& meter);

/// Writes parameters of one meter under one authentication, which it renews once for a write that finds it expired. One thread at a time.
class ParameterWriter {
public:
    ParameterWriter(Platform& platform, Dialogue& meter) : platform_(platform), meter_(meter) {}
    /// `field` 1 to 200 bytes, most significant byte first; `encrypt`: class 2. Gives the index in the log.
    /// errors: refused (kmpd's rule or the meter's reason); timeout (it may have been written: read it); those of Platform and Line
    base::Result<std::uint64_t> write(dlt645::DataIdentifier what, base::ByteView field, bool encrypt);

private:
    base::Result<std::uint64_t> write_once(dlt645::DataIdentifier what, base::ByteView field, bool encrypt);

    Platform& platform_;
    Dialogue& meter_;
    std::string r2_;  ///< empty: authenticate first
};

/// Has the meter obey a relay command, valid for ten minutes on its own clock (on this machine's, where it shows none).
/// Gives the index in the log. outcome_unknown: the meter did not answer.
base::Result<std::uint64_t> control_relay(Platform& platform, Dialogue& meter, RelayCommand command);

/// `ss mm hh DD MM YY`, BCD, of a clock's time.
std::array<std::uint8_t, 6> bcd_time(base::Millis local) noexcept;

}  // namespace vending
