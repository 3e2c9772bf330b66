#pragma once
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/fen.h"

namespace kmp::policy {

/// When the sales of one station are an unusual burst: more orders, or more money, within a window than this. 0: no such limit.
struct VelocityRule {
    std::uint32_t orders = 0;
    model::Fen amount;
    base::Millis window = 10 * base::kMinute;  ///< whole minutes; what counts is a sixtieth longer at most, and never shorter
};

/// A station that sells nothing until an officer releases it.
struct StationHold {
    std::string station;
    base::Millis since = 0;
    std::uint32_t orders = 0;  ///< within the window, with the one that was too much
    model::Fen amount;
    base::Millis window = 0;
    bool operator==(const StationHold&) const = default;
};

/// The recent sales of each station, and who is held. What was sold before the start is not in the window; holds are kept in the database.
/// Thread: one (the service's I/O thread).
class Velocity {
public:
    void set_rule(VelocityRule rule) { rule_ = rule; }
    /// What the database says (at the start).
    void restore(std::vector<StationHold> holds);

    /// Where a sale was counted, to take it back.
    struct Booking {
        std::string station;
        base::Millis since = 0;  ///< its bucket
        model::Fen amount;
    };
    struct Judged {
        base::Status answer;               ///< refused ("velocity: ..") while the station is held
        std::optional<StationHold> fresh;  ///< it is held from now on, by this sale: to be made durable
        std::optional<Booking> booking;
    };
    /// A new sale of a station; it counts unless it is refused.
    Judged admit(const std::string& station, model::Fen amount, base::Millis now);
    /// A sale that came to nothing.
    void release(const Booking& booking);

    /// An officer lets it sell again; what it sold so far is counted no more. not_found: it is not held.
    base::Status free(const std::string& station);
    std::vector<StationHold> holds() const;

private:
    /// Sales of a sixtieth of the window.
    struct Bucket {
        base::Millis since = 0, last = 0;
        std::uint32_t orders = 0;
        model::Fen amount;
    };
    struct Window {
        std::deque<Bucket> buckets;
        std::uint32_t orders = 0;
        model::Fen amount;
    };
    VelocityRule rule_;
    std::map<std::string, Window> windows_;
    std::map<std::string, StationHold> holds_;
};

}  // namespace kmp::policy
