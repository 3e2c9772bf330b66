#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "audit/event.h"
#include "base/clock.h"
#include "kmp/service/carrier.h"
#include "kmp/service/warning.h"

namespace kmp::service {

/// How one way out of this machine stands.
struct OutletState {
    std::string name;             ///< "drop", or the witness's
    std::string place;            ///< the folder, or the URL
    std::uint64_t offered = 0;    ///< size of the newest that was to get there
    std::uint64_t size = 0;       ///< of the newest checkpoint that got there; 0: none since the service was opened
    base::Millis last = 0;        ///< when that was
    std::size_t waiting = 0;      ///< checkpoints that did not get there yet
    std::uint64_t failures = 0;   ///< attempts that failed
    std::string problem;          ///< why the last one did; empty: it did not
    std::string contradiction;    ///< what is there proves that this log went back; empty: it does not
};

/// Carries checkpoints out, each way on a thread of its own: a folder that hangs or a witness that is slow holds up nobody but itself.
/// Thread: one at a time; the I/O thread, once the service is open.
class Outlets {
public:
    struct Settings {
        std::chrono::milliseconds first_retry{1000};  ///< doubled with each failure ..
        std::chrono::milliseconds last_retry{30000};  ///< .. up to this
        std::chrono::milliseconds silence{30000};     ///< a place that has not answered for so long is a problem
    };
    Outlets(Settings settings, std::shared_ptr<Past> past) : settings_(settings), past_(std::move(past)) {}
    /// Ends all of them, waits for kFarewell at most, and closes the past: threads that are left behind hold the database no longer.
    ~Outlets();
    Outlets(const Outlets&) = delete;
    Outlets& operator=(const Outlets&) = delete;

    /// What would be different with these, one line each: "witness next-door: \"\" -> \"http://10.0.0.2:7460\"".
    std::vector<std::string> changes(const std::vector<std::unique_ptr<Carrier>>& next) const;
    /// These from now on. One that stays, by name, place and key, goes on as it is.
    void use(std::vector<std::unique_ptr<Carrier>> carriers);
    /// Takes a checkpoint out wherever one goes; with the size of the last one it takes that one's place.
    void offer(const Outgoing& outgoing);
    /// The same with further signatures, for places that keep every one.
    void offer_again(const Outgoing& outgoing);
    std::vector<OutletState> states() const;
    /// What witnesses have signed since the last call.
    std::vector<Cosignatures> take_cosigned();
    const std::shared_ptr<Past>& past() const noexcept { return past_; }
    /// Until each has looked at what lies there once.
    void wait_for_looks(std::chrono::milliseconds patience) const;

    static constexpr std::size_t kMostWaiting = 1000;  ///< then the oldest is given up; the newest never
    static constexpr std::chrono::seconds kFarewell{2};

private:
    struct Core;
    using Cores = std::map<std::string, std::shared_ptr<Core>>;
    static void end(const Cores& cores);
    const Settings settings_;
    const std::shared_ptr<Past> past_;
    Cores cores_;  ///< by name; shared with the threads, which are left behind where a place never answers
    Outgoing newest_;
};

/// What of it belongs into the log, looked at once a second: from outside, for who hangs cannot tell. Thread: one.
class OutletWatch {
public:
    std::vector<audit::Event> look(const std::vector<OutletState>& now);

private:
    std::map<std::string, std::string> problems_;
};

/// What an administrator should see to.
std::vector<Warning> outlet_warnings(const std::vector<OutletState>& states);

}  // namespace kmp::service
