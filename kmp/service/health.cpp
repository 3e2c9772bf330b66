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

std::vector<std::string> figure_warnings(const Figures& f, const Limits& limits) {
    std::vector<std::string> out;
    if (!f.memory_locked) out.emplace_back("secrets could not all be locked into memory: raise LimitMEMLOCK");
    if (f.disk_total != 0 && (f.disk_free < kGiB || f.disk_free < f.disk_total / kSmallestShare))
        out.push_back("the disk of the log has " + mebibytes(f.disk_free) + " of " + mebibytes(f.disk_total) + " left: free some space, or nothing is signed when it is full");
    if (f.phase != Phase::open) return out;
    if (f.platform_not_after != 0 && f.platform_not_after - limits.now < kCertificateNear)
        out.push_back("the platform UKEY's certificate ends on " + base::to_rfc3339(f.platform_not_after) + ": replace the platform UKEY before ('kmpctl platform replace')");
    if (f.has_checkpoint && f.checkpoint_lag > 0 && f.checkpoint_age > kLateCheckpoints * limits.checkpoint_interval)
        out.push_back("no checkpoint for " + base::counted(static_cast<std::uint64_t>(f.checkpoint_age.count() / 1000), "second") + ", and " + base::counted(f.checkpoint_lag, "event") +
                      " without one: see to the platform UKEY, and try 'kmpctl audit checkpoint'");
    if (limits.last_event - limits.now > kClockBehind)
        out.push_back("the clock is behind the last event of " + base::to_rfc3339(limits.last_event) + ": time stands still until it is past that; set the machine's clock");
    return out;
}

std::string_view health(const Figures& figures, bool warned) {
    if (figures.phase != Phase::open) return "sealed";
    if (figures.failing) return "failing";
    const auto failed = figures.readers.find("failed");
    return warned || (failed != figures.readers.end() && failed->second > 0) ? "attention" : "healthy";
}

}  // namespace kmp::service
