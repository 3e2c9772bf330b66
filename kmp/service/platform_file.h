#pragma once
#include <string>

#include "base/ids.h"
#include "base/secret.h"

namespace kmp::service {

/// HOME/platform.toml: what must be known before the database can be opened. Nothing in it opens anything without the platform
/// UKEY and its PIN. It is written last in the ceremony: with it the home is initialised.
struct PlatformFile {
    base::UkeySerial platform;
    base::Bytes database_key;         ///< wrapped by the platform UKEY
};

/// not_found: no ceremony has been held here; malformed.
base::Result<PlatformFile> read_platform_file(const std::string& path);
base::Status write_platform_file(const std::string& path, const PlatformFile& file);

}  // namespace kmp::service
