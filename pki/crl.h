#pragma once
#include <optional>

#include "pki/certificate.h"

namespace pki {

/// RFC 5280, 5.3.1. The number is what stands in the CRL.
enum class Reason : std::uint8_t { unspecified = 0, key_compromise = 1, affiliation_changed = 3, superseded = 4, cessation = 5, hold = 6 };
std::string_view name(Reason) noexcept;

struct Revoked {
    base::Bytes serial;        ///< Certificate::serial()
    base::Millis when = 0;     ///< cut to whole seconds
    Reason reason = Reason::unspecified;
    bool operator==(const Revoked&) const = default;
};

struct CrlOrder {
    std::uint64_t number = 0;       ///< rises with every list of one issuer
    base::Millis this_update = 0;   ///< both are cut to whole seconds
    base::Millis next_update = 0;
    std::vector<Revoked> revoked;
};

/// A parsed revocation list, version 2: a value. Being parsed says nothing about being genuine: `verify` does.
class Crl {
public:
    static base::Result<Crl> from_der(base::ByteView der);
    static base::Result<Crl> from_pem(std::string_view pem);

    const Subject& issuer() const noexcept { return issuer_; }
    std::uint64_t number() const noexcept { return number_; }
    base::Millis this_update() const noexcept { return this_update_; }
    base::Millis next_update() const noexcept { return next_update_; }
    /// Sorted by serial.
    const std::vector<Revoked>& revoked() const noexcept { return revoked_; }
    const base::Bytes& authority_key_id() const noexcept { return authority_key_id_; }
    const base::Bytes& der() const noexcept { return der_; }
    std::string pem() const;

    /// The entry of a certificate's serial number, if it is on the list.
    std::optional<Revoked> find(base::ByteView serial) const;
    bool is_revoked(const Certificate& cert) const { return find(cert.serial()).has_value(); }

private:
    Crl() = default;
    Subject issuer_;
    std::uint64_t number_ = 0;
    base::Millis this_update_ = 0;
    base::Millis next_update_ = 0;
    std::vector<Revoked> revoked_;
    base::Bytes authority_key_id_;
    base::Bytes der_;
};

/// Builds and signs a list; checks the token's signature before handing it out.
/// errors: invalid_argument (a serial twice, no time between the updates); refused (`issuer` is no issuing certificate); key_invalid; the signer's own
base::Result<Crl> issue_crl(const CrlOrder& order, const Certificate& issuer, Signer& signer);

/// ok when `anchor` signed the list and `now` is not past its next update.
/// errors: refused (another issuer); key_invalid; expired (a newer list must exist: fetch it)
base::Status verify(const Crl& crl, const Certificate& anchor, base::Millis now);

}  // namespace pki
