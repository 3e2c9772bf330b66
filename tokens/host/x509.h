#pragma once
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "model/ukey.h"

struct evp_pkey_ctx_st;

/// The little X.509 that the host checks for itself, with OpenSSL: it believes no one's word on what it signs or wraps for.
namespace tokens::host {

/// SubjectPublicKeyInfo (DER) from what a token tells. `point` is CKA_EC_POINT: with or without its OCTET STRING header.
base::Result<base::Bytes> p256_spki(base::ByteView point);
base::Result<base::Bytes> ed25519_spki(base::ByteView point);
base::Result<base::Bytes> rsa_spki(base::ByteView modulus, base::ByteView exponent);

/// ECDSA-Sig-Value (DER) from r || s.
base::Result<base::Bytes> ecdsa_der(base::ByteView raw);
/// A P-256 key that signatures are checked against, read once: OpenSSL takes twice as long to read a SubjectPublicKeyInfo as to check a signature.
class P256Verifier {
public:
    /// errors: malformed (no P-256 key, or bytes behind it)
    static base::Result<P256Verifier> read(base::ByteView spki);
    /// True when r || s is a signature over SHA-256(message).
    bool holds(base::ByteView message, base::ByteView raw) const;

private:
    struct Free {
        void operator()(evp_pkey_ctx_st* context) const noexcept;
    };
    explicit P256Verifier(evp_pkey_ctx_st* ready) : context_(ready) {}
    std::unique_ptr<evp_pkey_ctx_st, Free> context_;
};
/// The same, of a key that is seen once.
bool ecdsa_holds(base::ByteView spki, base::ByteView message, base::ByteView raw);

/// True when `raw` is the Ed25519 signature over `message`.
bool ed25519_holds(base::ByteView spki, base::ByteView message, base::ByteView raw);
/// RSA-OAEP with SHA-1 and MGF1-SHA1, no label, to the key in `spki`: what Mechanism::oaep_sha1 undoes.
base::Result<base::Bytes> oaep_encrypt(base::ByteView spki, base::ByteView message);

/// One certificate, whole, without trailing bytes.
struct CertificateKeys {
    base::Bytes subject;  ///< DER Name
    base::Bytes issuer;   ///< DER Name
    base::Bytes number;   ///< DER INTEGER
    base::Bytes spki;
};
base::Result<CertificateKeys> read_certificate(base::ByteView der);

/// A certificate signed by nobody that counts (a fresh key that is thrown away), valid for no moment: a place on a token for a name.
base::Result<base::Bytes> nobodys_certificate(std::string_view common_name);

/// A receiver of masters.
struct Receiver {
    std::string serial;  ///< the subject's one common name
    model::UkeyKind kind{};
    base::Bytes spki;
    base::Bytes modulus;
    base::Bytes exponent;
};
/// errors: malformed; key_invalid (not signed by one of the keys in `issuers`, DER SubjectPublicKeyInfo each); expired; refused (not a
/// transport certificate, kind missing or doubled, no RSA key of 2048 bits or more)
base::Result<Receiver> read_receiver(base::ByteView der, const std::vector<base::Bytes>& issuers);
/// The key (SubjectPublicKeyInfo) of another master-control UKEY's issuing certificate. errors: malformed; key_invalid (not signed by one of
/// the keys in `issuers`); expired; refused (no CA of path length 0, or not of a master-control UKEY)
base::Result<base::Bytes> read_issuer(base::ByteView der, const std::vector<base::Bytes>& issuers);

/// What a structure to be signed is, when it is exactly one DER value of its type.
enum class Tbs : std::uint8_t { other, certificate, crl, request };
Tbs recognise(base::ByteView tbs);

/// What a signing key may sign. All refuse (`refused`) a structure that is not exactly one DER value of its type or does not
/// name ecdsa-with-SHA256.
/// A TBSCertificate whose issuer is `issuer` (DER Name; empty: only a self-signed one of the key itself). CA certificates only for the
/// key itself, or with path length 0 for another master-control UKEY's.
base::Status check_tbs_certificate(base::ByteView tbs, base::ByteView issuer, base::ByteView own_spki);
/// A TBSCertList whose issuer is `issuer`.
base::Status check_tbs_crl(base::ByteView tbs, base::ByteView issuer);
/// A CertificationRequestInfo for `own_spki`.
base::Status check_request_info(base::ByteView info, base::ByteView own_spki);

}  // namespace tokens::host
