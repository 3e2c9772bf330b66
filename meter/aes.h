#pragma once
#include <array>

#include "base/bytes.h"
#include "base/secret.h"

/// The primitives of suite aes128 over OpenSSL's EVP. The meter has its own, apart from the platform's, so that an
/// agreement between the two proves something. A `key` is 16 bytes; another size is a bug and throws std::logic_error.
namespace meter::aes {

using Block = std::array<std::uint8_t, 16>;

/// AES-128-ECB of one block, which becomes a key. source: FIPS 197
base::Secret derive(base::ByteView key, const Block& block);

/// The whole AES-CMAC. source: NIST SP 800-38B
Block cmac(base::ByteView key, base::ByteView message);

/// Unwraps `wrapped` (24 bytes for a 16-byte key) under the default IV. key_invalid when it does not hold.
/// source: RFC 3394
base::Result<base::Secret> unwrap(base::ByteView key, base::ByteView wrapped);

/// AES-128-CBC under a zero IV, padding left in place. malformed unless whole blocks, at least one.
/// source: NIST SP 800-38A
base::Result<base::Bytes> cbc_decrypt(base::ByteView key, base::ByteView ciphertext);

}  // namespace meter::aes
