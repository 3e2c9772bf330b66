#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <vector>

#include "base/ids.h"
#include "tokens/shares.h"

namespace kmp::service {

/// The shares that officers gave with their approvals, in locked memory, for a few minutes. Thread: any.
class ShareBox {
public:
    /// By a clock that nobody sets: one set back must not keep them here.
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::minutes kLife{10};

    void put(std::uint64_t request, const base::UkeySerial& officer, tokens::Share share, Time now);
    unsigned count(std::uint64_t request) const;
    /// The shares of one request; it has none afterwards.
    std::vector<tokens::Share> take(std::uint64_t request);
    /// Wipes whatever this officer gave: the UKEY is not in use any more.
    void drop(const base::UkeySerial& officer);
    /// Wipes what has been here for too long.
    void forget(Time now);

private:
    struct Held {
        Time since;
        std::map<base::UkeySerial, tokens::Share> shares;
    };
    mutable std::mutex mutex_;
    std::map<std::uint64_t, Held> held_;
};

}  // namespace kmp::service
