#include "kmp/service/house.h"

namespace kmp::service {

const pki::Certificate* House::issuer(const base::UkeySerial& master) const noexcept {
    if (anchor.subject().ukey == master) return &anchor;
    for (const pki::Certificate& c : issuers)
        if (c.subject().ukey == master) return &c;
    return nullptr;
}

std::vector<base::Bytes> House::certificates(base::Bytes signer) const {
    std::vector<base::Bytes> out{anchor.der()};
    for (const pki::Certificate& c : issuers) out.push_back(c.der());
    out.push_back(std::move(signer));
    return out;
}

const pki::Certificate* House::issuer_of(const pki::Certificate& certificate) const noexcept {
    if (certificate.authority_key_id() == anchor.subject_key_id()) return &anchor;
    for (const pki::Certificate& c : issuers)
        if (certificate.authority_key_id() == c.subject_key_id()) return &c;
    return nullptr;
}

base::Status House::check(const pki::Certificate& certificate, base::Millis now) const {
    const pki::Certificate* by = issuer_of(certificate);
    if (by == nullptr) by = &anchor;  // which says whose it is
    if (by != &anchor) KMP_CHECK(pki::verify_issuer(*by, anchor, now));
    return pki::verify(certificate, *by, now);
}

base::Status House::signed_by_master(std::string_view purpose, base::ByteView statement, base::ByteView signature) const {
    base::Status out = pki::verify_statement(anchor.spki(), purpose, statement, signature);
    for (const pki::Certificate& c : issuers) {
        if (out) break;
        out = pki::verify_statement(c.spki(), purpose, statement, signature);
    }
    return out;
}

}  // namespace kmp::service
