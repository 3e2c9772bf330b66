#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace bench {

/// What every slot does when its answer has come. A slot is one of the requests that a connection keeps in flight.
enum class Work : std::uint8_t {
    recharge,      ///< each slot sells to a meter of its own, again and again: the meter's key stays cached
    open_account,  ///< each order is for a meter never seen before: its key is derived
};

struct Load {
    Work work = Work::recharge;
    std::size_t in_flight = 1;     ///< on each connection
    std::uint64_t first_meter = 0; ///< of a range that no order was made for yet
    double warm_up = 0.5;          ///< seconds, not counted
    double seconds = 3;
};

struct Figures {
    std::uint64_t operations = 0;
    double seconds = 0;
    double p50_us = 0;
    double p99_us = 0;
    std::uint64_t refusals = 0;
    std::string first_refusal;
};

/// Drives kmp.sock from one thread over `connections`, whose sessions are open. Every request is answered when it returns.
/// errors: io_failed (a connection broke), malformed (an answer that is none)
base::Result<Figures> drive(const std::vector<base::Fd>& connections, const Load& load);

}  // namespace bench
