#pragma once
#include <optional>

#include "base/ids.h"
#include "model/fen.h"
#include "vending/dialogue.h"
#include "vending/platform.h"

/// Remote vending: each of these authenticates with the meter first, under its private keys.
namespace vending {

struct Purchase {
    wire::pb::OrderKind kind = wire::pb::RECHARGE;
    base::Uuid order;  ///< version 7, made once by the station; the same for every repetition of this purchase
    model::CustomerNumber customer;
    model::Fen amount;
};

struct Purchased {
    std::uint32_t count = 0;
    bool repeated = false;   ///< kmpd had answered this order before and charged nothing now
    bool told_late = false;  ///< the meter's own answer was lost; it confirmed the purchase when asked again
    std::uint64_t receipt = 0;
};

/// Opens the account or recharges. When the meter's answer is lost it authenticates again and sends the same order, which kmpd
/// MACs again free of charge; "repeated recharge" then means that the meter was credited.
/// errors: refused (kmpd's rule, or the meter's reason; nothing was credited; the order keeps its purchase count, so repeat
///         it with the same order id); conflict (the meter has this purchase count from another order: reconcile);
///         outcome_unknown (the meter stays silent: repeat with the same order id); those of Platform and Line
base::Result<Purchased> purchase(Platform& platform, Dialogue& meter, const Purchase& purchase);

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
/// Has the meter obey a relay command, valid for ten minutes on its own clock (on this machine's, where it shows none).
/// Gives the index in the log. outcome_unknown: the meter did not answer.
base::Result<std::uint64_t> control_relay(Platform& platform, Dialogue& meter, RelayCommand command);

/// `ss mm hh DD MM YY`, BCD, of a clock's time.
std::array<std::uint8_t, 6> bcd_time(base::Millis local) noexcept;

}  // namespace vending
