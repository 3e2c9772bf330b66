#pragma once
#include "pki/certificate.h"

namespace pki {

/// A certificate by which a root elsewhere vouches for an issuing key: the anchor's name and key, the root's signature. With it the
/// certificates of all UKEYs chain to that root.
struct CrossCertificate {
    base::Bytes der;
    base::Bytes root;  ///< DER
    base::Millis not_after = 0;
    std::string pem() const;
    std::string root_pem() const;
    base::Digest root_fingerprint() const { return base::sha256(root); }
};

/// ok when `root` vouches for exactly `anchor` at `now`, so that whatever verifies below the anchor verifies below the root as well.
/// in:     one certificate each, PEM
/// errors: malformed; refused (another key, name or key id than the anchor's; no CA of path length 1 that may sign certificates and lists;
///         `root` is no self-signed CA, or is the anchor itself); key_invalid (the root did not sign it); expired
/// source: RFC 5280, 6.1, by X509_verify_cert
base::Result<CrossCertificate> verify_cross(std::string_view pem, std::string_view root_pem, const Certificate& anchor, base::Millis now);

/// One that verify_cross accepted before. malformed: it is no certificate.
base::Result<CrossCertificate> read_cross(base::ByteView der, base::ByteView root);

}  // namespace pki
