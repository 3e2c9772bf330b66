#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kmp/service/outlets.h"
#include "kmp/service/service.h"

namespace kmp::service {

/// The state of the service at one moment, in numbers: what `status` and the metrics tell besides what is counted.
struct Figures {
    Phase phase = Phase::sealed;
    bool failing = false;
    base::Millis started = 0;
    Service::StationLoad stations;
    std::size_t officers_queue = 0;   ///< requests that wait or are being done
    std::size_t officers = 0;         ///< connections
    std::size_t sessions = 0;
    std::size_t writer_queue = 0;
    std::uint64_t log_size = 0;
    bool has_checkpoint = false;
    base::Millis checkpoint_time = 0;
    std::chrono::milliseconds checkpoint_age{0};
    std::uint64_t checkpoint_lag = 0;  ///< events behind it
    base::Millis platform_not_after = 0;  ///< 0: not known
    std::uint64_t disk_free = 0, disk_total = 0;
    struct Standby {
        bool fed = false;
        std::uint64_t lag_events = 0;
        base::Millis lag_time = 0;
    };
    std::optional<Standby> standby;    ///< where one is configured
    std::vector<OutletState> outlets;  ///< where checkpoints leave the machine
    bool memory_locked = true;
    struct Ukey {
        std::string serial, kind;
        bool present = false, logged_in = false;
    };
    std::vector<Ukey> ukeys;
    std::map<std::string, std::size_t> readers;  ///< by what is in them
};

/// UKEYs that were seen since the start, by serial, with their kind: one that is gone is told as absent, not left out.
using SeenUkeys = std::map<std::string, std::string>;

/// Thread: the I/O thread. A few microseconds, and one statvfs.
Figures gather(Service& service, SeenUkeys& seen);

/// When the first of the platform UKEY's certificates ends; 0: not known.
base::Millis platform_not_after(Books& books);

}  // namespace kmp::service
