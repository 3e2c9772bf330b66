#pragma once
#include "base/digest.h"
#include "tokens/host/objects.h"

namespace tokens::host {

/// What the master-control UKEY signs for each wrapped master, under purpose `injection`:
///
///   01                      version of this layout
///   length (2), serial      the receiver's UKEY serial, as in its certificate
///   32 bytes                SHA-256 of the receiver's transport SubjectPublicKeyInfo (DER)
///   class, state, version   one byte each
///   length (2), ciphertext  RSA-OAEP (SHA-1, MGF1-SHA1, no label) of the 16-byte master
///
/// Precondition: the ciphertext has at most 65535 bytes.
base::Bytes injection_bytes(std::string_view receiver, const base::Digest& transport_spki, const MasterId& master, base::ByteView ciphertext);

/// "kmp/v1/<purpose>" 00 statement: what every identity or issuing signature outside X.509 is made over.
base::Bytes statement_bytes(std::string_view purpose, base::ByteView statement);

inline constexpr std::string_view kInjectionPurpose = "injection";

}  // namespace tokens::host
