#pragma once
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"

namespace model {

/// What may leave the live database, and how long it is to be kept at all. A statement signed by the master-control UKEY over `encode()`, purpose
/// `retention`. Without one nothing is ever archived.
struct Retention {
    base::UkeySerial home;        ///< the platform UKEY it is for
    std::uint32_t number = 0;     ///< rises with every new policy; only the newest holds
    std::uint32_t live_days = 0;  ///< an event that is older may be archived; 0: none
    std::uint32_t keep_days = 0;  ///< for so long after it was written no archive segment is to be destroyed

    /// An order whose event is archived is not voided any more: a week and a day are left for that at least.
    static constexpr std::uint32_t kLeastLive = 8;
    static constexpr std::uint32_t kMostDays = 36500;

    /// Canonical bytes, version 1: the fields in the order above, big-endian.
    base::Bytes encode() const;
    /// malformed or invalid_argument: anything that encode() would not have written.
    static base::Result<Retention> decode(base::ByteView bytes);
    /// ok, or invalid_argument with the field that is out of range.
    base::Status validate() const;
    /// Whether a record of `recorded` may be archived at `now`.
    bool lets_go(base::Millis recorded, base::Millis now) const noexcept { return live_days > 0 && recorded < stays_from(now); }
    /// Records of this time or later stay. Precondition: live_days > 0.
    base::Millis stays_from(base::Millis now) const noexcept { return now - static_cast<base::Millis>(live_days) * base::kDay; }
    /// Until when a segment that was written at `at` is to be kept, and no policy says for longer.
    base::Millis kept_until(base::Millis at) const noexcept { return at + static_cast<base::Millis>(keep_days) * base::kDay; }
    /// For a person: "events stay in the live database for 400 days, archive segments are kept for 3650".
    std::string in_words() const;
    bool operator==(const Retention&) const = default;
};

}  // namespace model
