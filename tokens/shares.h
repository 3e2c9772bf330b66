#pragma once
#include <vector>

#include "base/digest.h"
#include "base/secret.h"

/// Shamir's secret sharing for the quorum's secret (libgfshare, GF(256)).
namespace tokens {

/// One officer's part. `place` is its x coordinate, 1 to 255; the value has the size of the secret.
struct Share {
    std::uint8_t place = 0;
    base::Secret value;
};

/// Splits `secret` into `count` shares at the places 1 to count; any `needed` of them give it back, fewer say nothing about it.
/// Precondition: 2 <= needed <= count <= 255.
std::vector<Share> split(const base::Secret& secret, unsigned count, unsigned needed);

/// The secret that `needed` (or more) shares stand for. With wrong or too few shares it is another one: check it by its digest.
/// invalid_argument: no share, two at one place, or of different sizes.
base::Result<base::Secret> join(const std::vector<Share>& shares);

/// What tells the right secret from another: SHA-256 of "kmp/v1/quorum-secret" 00 and the secret, which is 32 random bytes.
base::Digest digest_of_quorum_secret(const base::Secret& secret);

/// What the quorum's secret opens, each by a key of its own: HMAC-SHA256(secret, "kmp/v1/" what 00 ukey), 32 bytes.
base::Secret derive_from_quorum_secret(const base::Secret& secret, std::string_view what, std::string_view ukey);

}  // namespace tokens
