#pragma once
#include <cstdint>
#include <string>

#include "base/digest.h"

namespace standby {

inline constexpr const char* kSuccessorFile = "taken-over.toml";

/// Who has taken over from a feed: what a master-control UKEY signed for the platform UKEY of the second machine. Whoever takes over writes it into the folder that was taken over from; in the folder
/// that the first machine feeds it tells that one to end. Everything in it stands in the second machine's log; nothing is secret.
struct Successor {
    std::string platform;        ///< serial of the new platform UKEY
    base::Bytes checkpoint_key;  ///< DER SubjectPublicKeyInfo
    std::uint64_t events = 0;    ///< that were taken over
    base::Digest root{};         ///< of them
    base::Bytes signature;       ///< over audit::platform_statement of all that and the log's origin

    std::string text() const;
    /// errors: not_found, denied, io_failed, malformed
    static base::Result<Successor> read(const std::string& path);
};

}  // namespace standby
