#pragma once
#include "pki/certificate.h"

namespace pki {

/// A PKCS#10 request (RFC 2986): who asks, for which key, with proof that they hold it.
struct Request {
    Subject subject;
    base::Bytes spki;
    base::Bytes der;
    std::string pem() const;
};

/// What is signed of such a request: the DER of its CertificationRequestInfo. errors: invalid_argument
base::Result<base::Bytes> request_info(const Subject& subject, base::ByteView spki);

/// Builds a request for the identity key, or the issuing key, that `signer` holds. The signature is checked before the request is handed out.
/// errors: invalid_argument; key_invalid (`spki` is not the signer's key); the signer's own
base::Result<Request> build_request(const Subject& subject, base::ByteView spki, Signer& signer);

/// Parses a request and checks its proof of possession.
/// errors: malformed; key_invalid (the signature does not hold: the sender does not have the key)
base::Result<Request> verify_request(base::ByteView der);
base::Result<Request> verify_request_pem(std::string_view pem);

}  // namespace pki
