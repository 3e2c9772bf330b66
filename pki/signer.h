#pragma once
#include "base/bytes.h"

namespace pki {

/// A P-256 key that lies in a token and signs X.509 structures.
class Signer {
public:
    virtual ~Signer() = default;
    /// Signs SHA-256 of `tbs_der`, hashed inside the token, which may also look into it and refuse.
    /// in:     the DER of a TBSCertificate, TBSCertList or CertificationRequestInfo
    /// out:    the ECDSA signature as DER SEQUENCE { r, s }
    /// errors: those of the token
    /// source: RFC 5758, 3.2 (ecdsa-with-SHA256)
    virtual base::Result<base::Bytes> sign_tbs(base::ByteView tbs_der) = 0;
};

}  // namespace pki
