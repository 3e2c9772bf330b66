#pragma once
#include <string>

#include "base/clock.h"
#include "base/digest.h"

/// What a backup's folder holds. Its database is as encrypted as the one it was copied from; nothing in it opens without a master-control UKEY
/// and whoever opens that.
namespace kmp::service::backup {

inline constexpr const char* kDatabase = "kmp.db";
inline constexpr const char* kRecovery = "recovery.toml";
inline constexpr const char* kCheckpoint = "checkpoint";
inline constexpr const char* kManifest = "manifest.toml";

/// What was written, so that a bad copy is told before anything is touched.
struct Manifest {
    base::Millis made = 0;
    std::string utility;
    std::string origin;         ///< of the log's checkpoints
    std::uint64_t events = 0;   ///< in the log
    base::Digest database{};    ///< SHA-256 of the files
    base::Digest recovery{};

    std::string text() const;
    /// errors: not_found, malformed
    static base::Result<Manifest> read(const std::string& path);
};

/// The manifest of a backup whose files are what it says. errors: not_found, malformed, tampered (a file is another)
base::Result<Manifest> check(const std::string& folder);

}  // namespace kmp::service::backup
