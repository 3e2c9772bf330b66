#pragma once
#include "base/digest.h"
#include "base/result.h"

namespace tls {

inline constexpr std::size_t kMaxStationCertificate = 16 * 1024;

/// What a station's certificate comes down to: SHA-256 of its SubjectPublicKeyInfo (DER). Whoever proves that key in a handshake has this station's identity, under whatever certificate:
/// `openssl x509 -in FILE -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum`.
/// in:     X.509, PEM (the first of several) or DER, at most kMaxStationCertificate bytes
/// errors: malformed (no certificate); unsupported (its key is none of P-256, P-384 and RSA of 2048 to 4096 bits); expired (over, or not begun, by the system's clock)
/// thread: any
base::Result<base::Digest> station_key(base::ByteView certificate);

}  // namespace tls
