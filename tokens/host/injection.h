#pragma once
#include "base/digest.h"
#include "tokens/host/token.h"

namespace tokens::host {

/// What the master-control UKEY signs for each wrapped master, under purpose `injection`:
///
///   02                      version of this layout
///   length (2), serial      the receiver's UKEY serial, as in its certificate
///   32 bytes                SHA-256 of the receiver's transport SubjectPublicKeyInfo (DER)
///   class, state, version   one byte each
///   length (2), ciphertext  RSA-OAEP (SHA-1, MGF1-SHA1, no label) of the 16-byte master
///   8 bytes                 check value
///
/// Precondition: the ciphertext has at most 65535 bytes.
base::Bytes injection_bytes(std::string_view receiver, const base::Digest& transport_spki, const MasterId& master, base::ByteView ciphertext,
                            base::ByteView check);

/// 8 bytes that tell whether a token holds the master it was sent: the start of the CMAC of its name under a key that is derived from
/// it for nothing else (docs/SUITE.md 1.1, level FF). A module that unwraps to something else would put keys into meters that no other
/// UKEY has. Says nothing about the master or any other derived key.
base::Result<base::Bytes> check_value(pkcs11::Session& session, const MasterId& id, pkcs11::SecretKey master);
inline constexpr std::size_t kCheckSize = 8;

/// The same for a key of the vault: 03, the receiver's serial and transport key as above, then length (2) and name, length (2) and
/// ciphertext of its 32 bytes, and the check value to the end.
base::Bytes key_injection_bytes(std::string_view receiver, const base::Digest& transport_spki, VaultKey key, base::ByteView ciphertext, base::ByteView check);
/// What only a token with this key answers: the escrow key opens it (eight zero bytes sealed for nothing else), the pepper gives it (the first
/// eight bytes of HMAC-SHA256 over "kmp/v1/check").
base::Result<base::Bytes> key_check(Token& token, VaultKey key);
/// token_failed: the key on this token is another than the one the check value was made with.
base::Status confirm_key(Token& token, VaultKey key, base::ByteView check);

/// "kmp/v1/<purpose>" 00 statement: what every identity or issuing signature outside X.509 is made over.
base::Bytes statement_bytes(std::string_view purpose, base::ByteView statement);

inline constexpr std::string_view kInjectionPurpose = "injection";

}  // namespace tokens::host
