#include <algorithm>

#include "tokens/host/operations.h"
#include "tokens/host/x509.h"

namespace tokens::host {
namespace {

constexpr std::size_t kMaxCertificate = 8192;
constexpr std::size_t kMaxName = 32;

pkcs11::Template certificate_pattern() {
    pkcs11::Template out;
    out.number(CKA_CLASS, CKO_CERTIFICATE).flag(CKA_TOKEN, true);
    return out;
}

using Named = std::vector<std::pair<std::string, base::Bytes>>;

/// A module may say OK and store nothing; NSS softokn keeps one object per certificate, and a second name takes the first one's place.
base::Status check_kept(Token& token, const Named& before, const pb::StoreCertificate& request) {
    KMP_TRY(const Named now, certificates_on(token));
    const auto has = [&](std::string_view name, base::ByteView der) {
        return std::any_of(now.begin(), now.end(), [&](const auto& c) { return c.first == name && std::ranges::equal(c.second, der); });
    };
    if (!has(request.name(), view(request.der())))
        return {base::Code::token_failed, "the UKEY did not keep the certificate " + request.name() + "; check its module, or use another UKEY"};
    for (const auto& [name, der] : before)
        if (!has(name, der))
            return {base::Code::token_failed, "the UKEY lost its certificate " + name + " when it took the certificate " + request.name() + "; use another UKEY"};
    return {};
}

}  // namespace

base::Result<std::vector<std::pair<std::string, base::Bytes>>> certificates_on(Token& token) {
    KMP_TRY(const auto found, token.session().find(certificate_pattern()));
    std::vector<std::pair<std::string, base::Bytes>> out;
    for (const pkcs11::Object object : found) {
        KMP_TRY(const base::Bytes raw, token.session().bytes_of(object, CKA_LABEL));
        const std::string_view label = base::as_text(raw);
        if (!label.starts_with(kCertificateLabel)) continue;
        KMP_TRY(base::Bytes der, token.session().bytes_of(object, CKA_VALUE));
        out.emplace_back(label.substr(kCertificateLabel.size()), std::move(der));
    }
    return out;
}

base::Status store_certificate(Host& host, Call& call) {
    const pb::StoreCertificate& request = call.request.store_certificate();
    KMP_CHECK(base::check_name(request.name(), "certificate name"));
    if (request.name().size() > kMaxName || request.der().size() > kMaxCertificate)
        return {base::Code::invalid_argument, "a certificate has at most 8192 bytes and a name of at most 32 characters"};
    KMP_TRY(const CertificateKeys certificate, read_certificate(view(request.der())));
    pkcs11::Session& session = host.token.session();

    const std::string label = std::string(kCertificateLabel) + request.name();
    pkcs11::Template pattern = certificate_pattern();
    pattern.text(CKA_LABEL, label);
    KMP_TRY(const auto old, session.find(pattern));
    bool stands = false;
    for (const pkcs11::Object object : old) {
        KMP_TRY(const base::Bytes der, session.bytes_of(object, CKA_VALUE));
        stands = stands || base::as_text(der) == request.der();
        // Whoever could replace the anchor could hand this UKEY masters of their own making. A renewed certificate of the same key may come.
        if (request.name() == kTrustAnchor) {
            KMP_TRY(const CertificateKeys anchor, read_certificate(der));
            if (anchor.spki != certificate.spki)
                return {base::Code::refused, "this UKEY trusts another master-control UKEY; initialise it anew to change that"};
        }
    }
    if (!stands) {
        KMP_TRY(const auto before, certificates_on(host.token));
        KMP_TRY(const pkcs11::Template object, certificate_object(label, label, view(request.der())));
        const auto made = session.create(object);
        if (!made) return made.error();
        KMP_CHECK(check_kept(host.token, before, request));
        // The new one stands before the old one goes: a crash in between leaves two, and the next store clears up.
        for (const pkcs11::Object replaced : old) KMP_CHECK(session.destroy(replaced));
    }
    call.reply.mutable_done();
    return {};
}

base::Status read_certificates(Host& host, Call& call) {
    KMP_TRY(const auto all, certificates_on(host.token));
    pb::Certificates& reply = *call.reply.mutable_certificates();
    for (const auto& [name, der] : all) {
        pb::Certificate& certificate = *reply.add_certificates();
        certificate.set_name(name);
        set(certificate.mutable_der(), der);
    }
    return {};
}

}  // namespace tokens::host
