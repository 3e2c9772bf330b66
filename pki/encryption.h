#pragma once
#include "base/secret.h"

namespace pki {

/// RSA-OAEP with SHA-1 and MGF1-SHA1 and no label, the one form that tokens share (RFC 8017, 7.1), to a transport or recovery key.
/// in:     DER SubjectPublicKeyInfo; as much as fits one block of the key (214 bytes with 2048 bits)
/// errors: malformed (no RSA key), internal (it does not fit)
base::Result<base::Bytes> encrypt_to(base::ByteView spki, const base::Secret& secret);

}  // namespace pki
