#pragma once
#include <QString>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace ui::link {
class Link;
}

namespace ui::parts {

/// What came of it when this window's people last verified the log of a platform.
struct Verified {
    base::Millis when = 0;
    bool sound = false;
    std::uint64_t events = 0;  ///< how many were looked at
    /// Who looked. The service speaks of its own database; the others are checked on this computer, which is stronger.
    enum class By { service, report, file };
    By by = By::service;
};
/// Kept with the window's settings, of the platform that is open there now. It is a reminder for people; what it rests on is in the log (`log_verified`).
/// What was found not sound stays until something as strong, or stronger, is found. That a log is sound which is not believed is not kept.
void keep_verified(const link::Link& link, const Verified& verified);
std::optional<Verified> last_verified(const link::Link& link);
/// "by a daily report"
QString who_verified(Verified::By by);

}  // namespace ui::parts
