// Certificates, requests and revocation lists from strangers: whatever parses is what it was parsed from, and is judged without harm.
#include <cstdlib>

#include "pki/crl.h"
#include "pki/cross.h"
#include "pki/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::ByteView bytes(data, size);
    if (const auto cert = pki::Certificate::from_der(bytes)) {
        const auto back = pki::Certificate::from_pem(cert->pem());
        if (!back || *back != *cert || base::as_text(cert->der()) != base::as_text(bytes)) std::abort();
        if (!pki::has_key(cert->subject().kind, cert->profile())) std::abort();
        (void)pki::verify(*cert, *cert, cert->not_before());
    }
    if (const auto request = pki::verify_request(bytes); request && base::as_text(request->der) != base::as_text(bytes)) std::abort();
    if (const auto crl = pki::Crl::from_der(bytes)) {
        for (const pki::Revoked& r : crl->revoked())
            if (crl->find(r.serial) != r) std::abort();
    }
    if (const auto cross = pki::read_cross(bytes, bytes)) {
        const std::string pem = cross->pem();
        if (auto anchor = pki::Certificate::from_der(bytes)) (void)pki::verify_cross(pem, pem, *anchor, cross->not_after);
    }
    (void)pki::Certificate::from_pem(base::as_text(bytes));
    return 0;
}
