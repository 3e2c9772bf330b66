#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "wire/client.h"

namespace bench {

/// What every slot does when its answer has come. A slot is one of the requests that a connection keeps in flight.
enum class Work : std::uint8_t {
    recharge,      ///< each slot sells to a meter of its own, again and again: the meter's key stays cached
    open_account,  ///< each order is for a meter never seen before: its key is derived
    known,         ///< recharges of meters that have their accounts already, in an order without pattern: key derived, and what is known of the meter looked up
    sign,          ///< ECDSA P-256 over 64 bytes with the UKEY's signing key
    random,        ///< 32 bytes of the UKEY's random numbers
};

struct Load {
    Work work = Work::recharge;
    std::size_t in_flight = 1;     ///< on each connection
    std::uint64_t first_meter = 0; ///< of a range that no order was made for yet; with Work::known of the known ones
    std::uint64_t meters = 0;      ///< how many are known, more than are in flight
    std::uint64_t count = 0;       ///< measures so many requests however long they take; 0: by the clock
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

/// Drives the service from one thread over `connections`, whose sessions are open. Every request is answered when it returns.
/// errors: io_failed (a connection broke), malformed (an answer that is none)
base::Result<Figures> drive(std::vector<wire::Connection>& connections, const Load& load);

}  // namespace bench
