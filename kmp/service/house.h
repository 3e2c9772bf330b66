#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pki/certificate.h"

namespace kmp::service {

/// Whose log this is: what the genesis event pins for good, and the master-control UKEYs that speak for it.
struct House {
    std::string utility;
    std::string origin;                ///< of the checkpoints
    base::UkeySerial home;             ///< the first platform UKEY: what grants, requests and accounts are for, whatever has taken its place
    base::UkeySerial platform;         ///< the platform UKEY of today
    base::Millis day_offset = 0;       ///< from UTC
    pki::Certificate anchor;           ///< the first master-control UKEY's issuing certificate
    pki::Certificate checkpoint;       ///< of the key that signs checkpoints today
    base::Bytes first_quorum;          ///< model::Quorum::encode() of the officers of the ceremony; empty: one person holds the master-control UKEY
    std::vector<pki::Certificate> issuers;  ///< of further master-control UKEYs, each certified by the anchor

    /// The issuing certificate of a master-control UKEY; null: it has none here.
    const pki::Certificate* issuer(const base::UkeySerial& master) const noexcept;
    /// What goes with records in a file (DER): the anchor, the issuers, and the key that signed its checkpoint.
    std::vector<base::Bytes> certificates(base::Bytes signer) const;
    /// Whose key signed this certificate, by its key id; null: nobody of this house.
    const pki::Certificate* issuer_of(const pki::Certificate& certificate) const noexcept;
    /// ok when the anchor, or an issuer that it certified, issued the certificate, and all are valid. Errors as pki::verify's.
    base::Status check(const pki::Certificate& certificate, base::Millis now) const;
    /// key_invalid: no master-control UKEY of this house signed it.
    base::Status signed_by_master(std::string_view purpose, base::ByteView statement, base::ByteView signature) const;
};

}  // namespace kmp::service
