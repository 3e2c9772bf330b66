#include "kmp/service/health.h"

#include <cstdio>

#include "base/words.h"

namespace kmp::service {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
constexpr std::uint64_t kSmallestShare = 20;  ///< of a disk: 5 %
constexpr base::Millis kCertificateNear = 30 * 24 * 3600 * base::kSecond;
constexpr int kLateCheckpoints = 3;           ///< intervals
constexpr base::Millis kClockBehind = 2 * base::kSecond;

std::string mebibytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

}  // namespace

std::vector<Warning> figure_warnings(const Figures& f, const Limits& limits) {
    std::vector<Warning> out;
    const auto warn = [&out](std::string line, Warning::Of::Code code, base::Millis at = 0) { out.push_back({std::move(line), code, {}, at}); };
    if (!f.memory_locked) warn("secrets could not all be locked into memory: raise LimitMEMLOCK", Warning::Of::MEMORY_UNLOCKED);
    if (f.disk_total != 0 && (f.disk_free < kGiB || f.disk_free < f.disk_total / kSmallestShare))
        warn("the disk of the log has " + mebibytes(f.disk_free) + " of " + mebibytes(f.disk_total) + " left: free some space, or nothing is signed when it is full", Warning::Of::DISK_LOW);
    if (f.phase != Phase::open) return out;
    if (f.platform_not_after != 0 && f.platform_not_after - limits.now < kCertificateNear)
        warn("the platform UKEY's certificate ends on " + base::to_rfc3339(f.platform_not_after) + ": replace the platform UKEY before ('kmpctl platform replace')", Warning::Of::PLATFORM_ENDS, f.platform_not_after);
    if (f.has_checkpoint && f.checkpoint_lag > 0 && f.checkpoint_age > kLateCheckpoints * limits.checkpoint_interval)
        warn("no checkpoint for " + base::counted(static_cast<std::uint64_t>(f.checkpoint_age.count() / 1000), "second") + ", and " + base::counted(f.checkpoint_lag, "event") +
                 " without one: see to the platform UKEY, and try 'kmpctl audit checkpoint'",
             Warning::Of::CHECKPOINT_LATE);
    if (limits.last_event - limits.now > kClockBehind)
        warn("the clock is behind the last event of " + base::to_rfc3339(limits.last_event) + ": time stands still until it is past that; set the machine's clock", Warning::Of::CLOCK_BEHIND, limits.last_event);
    return out;
}

std::string_view health(const Figures& figures, bool warned) {
    if (figures.phase != Phase::open) return "sealed";
    if (figures.failing) return "failing";
    const auto failed = figures.readers.find("failed");
    return warned || (failed != figures.readers.end() && failed->second > 0) ? "attention" : "healthy";
}

}  // namespace kmp::service
