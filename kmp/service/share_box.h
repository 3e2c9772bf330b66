#pragma once
#include <map>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "tokens/shares.h"

namespace kmp::service {

/// The shares that officers gave with their approvals, in locked memory, for a few minutes. Thread: any.
class ShareBox {
public:
    static constexpr base::Millis kLife = 10 * base::kMinute;

    void put(std::uint64_t request, const base::UkeySerial& officer, tokens::Share share, base::Millis now);
    unsigned count(std::uint64_t request) const;
    /// The shares of one request; it has none afterwards.
    std::vector<tokens::Share> take(std::uint64_t request);
    /// Wipes whatever this officer gave: the UKEY is not in use any more.
    void drop(const base::UkeySerial& officer);
    /// Wipes what has been here for too long.
    void forget(base::Millis now);

private:
    struct Held {
        base::Millis since = 0;
        std::map<base::UkeySerial, tokens::Share> shares;
    };
    mutable std::mutex mutex_;
    std::map<std::uint64_t, Held> held_;
};

}  // namespace kmp::service
