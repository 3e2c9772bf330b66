#include "pki/certificate.h"

#include <arpa/inet.h>

#include "pki/openssl.h"
#include "pki/profile.h"

namespace pki {
namespace {

constexpr std::size_t kMaxCertificate = 16384;

base::Error not_ours(std::string_view why) { return {base::Code::malformed, "a certificate " + std::string(why)}; }

std::string dotted(const ASN1_OBJECT* object) {
    char text[128];
    const int size = OBJ_obj2txt(text, sizeof text, object, 1);
    return size > 0 && size < static_cast<int>(sizeof text) ? std::string(text) : std::string();
}

/// One extension by its number, decoded; null when it is missing, twice there or broken.
template <class T, auto Release>
Owned<T, Release> extension(const X509* x, int nid, int* critical) {
    return Owned<T, Release>(static_cast<T*>(X509_get_ext_d2i(x, nid, critical, nullptr)));
}

base::Status check_known_extensions(const X509* x) {
    for (int i = 0; i < X509_get_ext_count(x); ++i) {
        const X509_EXTENSION* e = X509_get_ext(x, i);
        switch (OBJ_obj2nid(X509_EXTENSION_get_object(const_cast<X509_EXTENSION*>(e)))) {
            case NID_basic_constraints:
            case NID_key_usage:
            case NID_ext_key_usage:
            case NID_subject_key_identifier:
            case NID_authority_key_identifier:
            case NID_certificate_policies:
            case NID_subject_alt_name: break;
            default:
                if (X509_EXTENSION_get_critical(e) != 0) return not_ours("with a critical extension that is not one of ours");
        }
    }
    return {};
}

base::Result<Profile> read_profile(X509* x) {
    int critical = 0;
    const auto constraints = extension<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>(x, NID_basic_constraints, &critical);
    if (!constraints || critical != 1) return not_ours("without critical basic constraints");
    const auto usages = extension<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(x, NID_ext_key_usage, &critical);
    Profile profile = Profile::issuing;
    if (constraints->ca != 0) {
        // The anchor may certify the issuing keys of other master-control UKEYs, and those nobody's.
        const bool anchor = X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
        if (X509_get_pathlen(x) != (anchor ? 1 : 0)) return not_ours("of a CA whose path length is not that of its place");
        if (usages || critical != -1) return not_ours("of a CA with an extended key usage");
    } else {
        std::string list;
        for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) list.append(i == 0 ? "" : ", ").append(dotted(sk_ASN1_OBJECT_value(usages.get(), i)));
        KMP_TRY(profile, profile_of_usage(list));
    }
    const auto key_usage = extension<ASN1_BIT_STRING, ASN1_BIT_STRING_free>(x, NID_key_usage, &critical);
    if (!key_usage || critical != 1 || X509_get_key_usage(x) != rules(profile).key_usage_bits) return not_ours("whose key usage does not fit its profile");
    return profile;
}

base::Status check_policy(const X509* x, model::UkeyKind kind) {
    int critical = 0;
    const auto policies = extension<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>(x, NID_certificate_policies, &critical);
    if (sk_POLICYINFO_num(policies.get()) != 1 || dotted(sk_POLICYINFO_value(policies.get(), 0)->policyid) != policy_of(kind))
        return not_ours("whose policy does not name the kind of UKEY in its subject");
    return {};
}

base::Result<std::vector<std::string>> read_tls_names(const X509* x, Profile profile) {
    int critical = 0;
    const auto names = extension<GENERAL_NAMES, GENERAL_NAMES_free>(x, NID_subject_alt_name, &critical);
    std::vector<std::string> out;
    if (!names && critical != -1) return not_ours("with a broken subject alternative name");
    if (names && profile != Profile::tls) return not_ours("with a subject alternative name outside profile tls");
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        int type = 0;
        const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
        if (type == GEN_DNS) {
            out.push_back(base::to_string(octets(value)));
        } else if (type == GEN_IPADD) {
            char text[INET6_ADDRSTRLEN];
            const base::Bytes address = octets(value);
            if (address.size() != 4 && address.size() != 16) return not_ours("with a broken IP address");
            out.emplace_back(inet_ntop(address.size() == 4 ? AF_INET : AF_INET6, address.data(), text, sizeof text));
        } else {
            return not_ours("with an alternative name that is neither a DNS name nor an IP address");
        }
    }
    return out;
}

}  // namespace

base::Result<Certificate> Certificate::from_der(base::ByteView der) {
    if (der.size() > kMaxCertificate) return not_ours("of more than " + std::to_string(kMaxCertificate) + " bytes");
    const X509Owner x = parse_der<X509Owner>(der, d2i_X509);
    if (!x) return openssl_error(base::Code::malformed, "not one DER certificate");
    Certificate out;
    out.der_ = base::to_bytes(der);
    if (der_of(x.get(), i2d_X509) != out.der_) return not_ours("that is not in DER");
    const X509_ALGOR* outer = nullptr;
    X509_get0_signature(nullptr, &outer, x.get());
    if (!is_ecdsa_sha256(outer) || !is_ecdsa_sha256(X509_get0_tbs_sigalg(x.get()))) return not_ours("that is not signed with ecdsa-with-SHA256");
    if (X509_get_version(x.get()) != X509_VERSION_3) return not_ours("that is not of version 3");
    // Decodes the extensions once; OpenSSL marks the certificate when one is broken or stands there twice.
    if ((X509_get_extension_flags(x.get()) & EXFLAG_INVALID) != 0) return openssl_error(base::Code::malformed, "a certificate with a broken extension");
    KMP_CHECK(check_known_extensions(x.get()));
    KMP_TRY(out.profile_, read_profile(x.get()));
    KMP_TRY(out.subject_, decode_name(X509_get_subject_name(x.get())));
    KMP_TRY(out.issuer_, decode_name(X509_get_issuer_name(x.get())));
    KMP_CHECK(check_policy(x.get(), out.subject_.kind));
    KMP_TRY(out.serial_, decode_serial(X509_get0_serialNumber(x.get())));
    KMP_TRY(out.not_before_, decode_time(X509_get0_notBefore(x.get())));
    KMP_TRY(out.not_after_, decode_time(X509_get0_notAfter(x.get())));
    out.spki_ = der_of(X509_get_X509_PUBKEY(x.get()), i2d_X509_PUBKEY);
    KMP_TRY(out.key_type_, key_type_of(out.spki_));
    if (const auto fits = check_profile(out.profile_, out.subject_.kind, out.key_type_); !fits) return {base::Code::malformed, fits.error().message};
    out.subject_key_id_ = octets(X509_get0_subject_key_id(x.get()));
    out.authority_key_id_ = octets(X509_get0_authority_key_id(x.get()));
    if (out.subject_key_id_.empty() || out.authority_key_id_.empty()) return not_ours("without subject and authority key ids");
    KMP_TRY(out.tls_names_, read_tls_names(x.get(), out.profile_));
    return out;
}

base::Result<Certificate> Certificate::from_pem(std::string_view pem) {
    KMP_TRY(const base::Bytes der, from_pem_block(pem, PEM_STRING_X509));
    return from_der(der);
}

std::string Certificate::pem() const { return to_pem_block(der_, PEM_STRING_X509); }

namespace {

base::Status issued_by(const Certificate& cert, const Certificate& anchor, base::Millis now) {
    const std::string what = "the " + std::string(name(cert.profile())) + " certificate of UKEY " + describe(cert.subject());
    const std::string by = describe(anchor.subject());
    if (anchor.profile() != Profile::issuing) return {base::Code::refused, "the certificate of UKEY " + by + " is no issuing certificate: it cannot vouch for others"};
    if (cert.issuer() != anchor.subject()) return {base::Code::refused, what + " was issued by " + describe(cert.issuer()) + ", not by " + by};
    if (cert.authority_key_id() != anchor.subject_key_id()) return {base::Code::refused, what + " was issued with another key of " + by};
    KMP_TRY(const PublicKeyOwner key, parse_spki(anchor.spki()));
    const X509Owner x = parse_der<X509Owner>(cert.der(), d2i_X509);
    must(x != nullptr, "parsing a certificate again");
    if (X509_verify(x.get(), key.get()) != 1) return openssl_error(base::Code::key_invalid, what + " has a signature that does not hold");
    KMP_CHECK(check_time("the issuing certificate of UKEY " + by, anchor.not_before(), anchor.not_after(), now));
    return check_time(what, cert.not_before(), cert.not_after(), now);
}

}  // namespace

base::Status verify(const Certificate& cert, const Certificate& anchor, base::Millis now) {
    if (cert.profile() == Profile::issuing && cert != anchor)
        return {base::Code::refused, "the issuing certificate of UKEY " + describe(cert.subject()) + " is not that of the anchor"};
    return issued_by(cert, anchor, now);
}

base::Status verify_issuer(const Certificate& cert, const Certificate& anchor, base::Millis now) {
    if (cert.profile() != Profile::issuing) return {base::Code::refused, "the certificate of UKEY " + describe(cert.subject()) + " is no issuing certificate"};
    if (anchor.subject() != anchor.issuer()) return {base::Code::refused, "the issuing certificate of UKEY " + describe(anchor.subject()) + " is no trust anchor: it certifies no other issuer"};
    return issued_by(cert, anchor, now);
}

}  // namespace pki
