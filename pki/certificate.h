#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/ids.h"
#include "model/ukey.h"
#include "pki/signer.h"

namespace pki {

/// What a certified key is for (docs/PKI.md). issuing is the CA: its certificate is the trust anchor.
enum class Profile : std::uint8_t { issuing = 1, identity = 2, transport = 3, checkpoint = 4, signing = 5, tls = 6 };
/// "issuing", "identity", ...: also the names of keys and certificates in the tokenhost's protocol.
std::string_view name(Profile) noexcept;
base::Result<Profile> parse_profile(std::string_view text);

/// The kinds of public key that we certify.
enum class KeyType : std::uint8_t { rsa = 1, p256 = 2, ed25519 = 3 };
/// malformed: not a DER SubjectPublicKeyInfo; unsupported: another algorithm or curve, or RSA below 2048 bits.
base::Result<KeyType> key_type_of(base::ByteView spki);

/// Who holds the key: O=utility, OU=kind, CN=UKEY serial, and `name` (2.5.4.41) where there is a holder.
struct Subject {
    std::string utility;           ///< UTF-8, 1 to 64 characters
    model::UkeyKind kind{};
    base::UkeySerial ukey;
    std::string holder;            ///< UTF-8; empty for none
    bool operator==(const Subject&) const = default;
};

struct CertificateOrder {
    Profile profile{};
    Subject subject;
    base::Bytes spki;                     ///< DER SubjectPublicKeyInfo of the subject's key
    base::Millis not_before = 0;          ///< both are cut to whole seconds
    base::Millis not_after = 0;
    std::vector<std::string> tls_names;   ///< profile tls: DNS names and IP addresses; empty for the others
};

/// A parsed certificate of ours: a value, free to copy. Being parsed says nothing about being genuine: `verify` does.
class Certificate {
public:
    /// malformed: not exactly one DER certificate of one of our profiles (docs/PKI.md); the message names what is wrong.
    static base::Result<Certificate> from_der(base::ByteView der);
    static base::Result<Certificate> from_pem(std::string_view pem);

    Profile profile() const noexcept { return profile_; }
    const Subject& subject() const noexcept { return subject_; }
    const Subject& issuer() const noexcept { return issuer_; }
    /// The certificate's own number: 16 bytes, positive.
    const base::Bytes& serial() const noexcept { return serial_; }
    base::Millis not_before() const noexcept { return not_before_; }
    base::Millis not_after() const noexcept { return not_after_; }
    const base::Bytes& spki() const noexcept { return spki_; }
    KeyType key_type() const noexcept { return key_type_; }
    const base::Bytes& subject_key_id() const noexcept { return subject_key_id_; }
    const base::Bytes& authority_key_id() const noexcept { return authority_key_id_; }
    const std::vector<std::string>& tls_names() const noexcept { return tls_names_; }
    const base::Bytes& der() const noexcept { return der_; }
    std::string pem() const;
    /// SHA-256 of the DER.
    base::Digest fingerprint() const { return base::sha256(der_); }
    bool operator==(const Certificate& other) const noexcept { return der_ == other.der_; }

private:
    Certificate() = default;
    Profile profile_{};
    Subject subject_;
    Subject issuer_;
    base::Bytes serial_;
    base::Millis not_before_ = 0;
    base::Millis not_after_ = 0;
    base::Bytes spki_;
    KeyType key_type_{};
    base::Bytes subject_key_id_;
    base::Bytes authority_key_id_;
    std::vector<std::string> tls_names_;
    base::Bytes der_;
};

/// Issues a certificate; with profile issuing one for another master-control UKEY, by an anchor only. The token's signature is checked before it is handed out.
/// errors: invalid_argument (a field out of its range, a key or kind that the profile does not allow); refused (`issuer` is
///         not an issuing certificate, or the new one would outlive it); key_invalid (the signer does not hold the issuer's key); the signer's own
base::Result<Certificate> issue(const CertificateOrder& order, const Certificate& issuer, Signer& signer);
/// The trust anchor: an issuing certificate signed by its own key. order.profile must be issuing.
base::Result<Certificate> issue_anchor(const CertificateOrder& order, Signer& signer);

/// ok when `anchor` issued `cert` and both are valid at `now`. An anchor verifies against itself.
/// errors: refused (the anchor is no CA; another issuer, by name or key id); key_invalid (the signature does not hold); expired (over,
///         or not begun)
/// It does not look at revocation: Crl does.
base::Status verify(const Certificate& cert, const Certificate& anchor, base::Millis now);

/// ok when `anchor`, a trust anchor, certified this issuing certificate of another master-control UKEY, or it is the anchor itself. Errors as verify's.
base::Status verify_issuer(const Certificate& cert, const Certificate& anchor, base::Millis now);

/// ok when the certificate is for a UKEY of this kind and for this purpose. refused: it is for another; the message says which.
base::Status check_purpose(const Certificate& cert, model::UkeyKind kind, Profile profile);

/// Whether UKEYs of this kind have a key of this profile at all.
bool has_key(model::UkeyKind kind, Profile profile) noexcept;

/// Verifies an ECDSA P-256 / SHA-256 signature (64 bytes r || s) or an Ed25519 signature (64 bytes) over `message`.
/// key_invalid: it does not hold. unsupported: an RSA key.
base::Status verify_signature(base::ByteView spki, base::ByteView message, base::ByteView signature);
/// The same over what a UKEY's identity or issuing key signs outside X.509: "kmp/v1/<purpose>" 00 statement.
base::Status verify_statement(base::ByteView spki, std::string_view purpose, base::ByteView statement, base::ByteView signature);

}  // namespace pki
