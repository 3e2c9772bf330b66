#pragma once
#include <string_view>

#include "base/secret.h"

namespace kmp::service {

/// AES-256-GCM (NIST SP 800-38D) under a key that stands in locked memory for a moment: SO PINs that the quorum's secret opens.
/// out: 12-byte random IV, ciphertext, 16-byte tag.
base::Result<base::Bytes> seal(const base::Secret& key, std::string_view context, const base::Secret& secret);
/// key_invalid: changed, of another context, or under another key.
base::Result<base::Secret> unseal(const base::Secret& key, std::string_view context, base::ByteView sealed);

}  // namespace kmp::service
