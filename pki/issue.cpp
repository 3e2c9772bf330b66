#include <arpa/inet.h>
#include <openssl/rand.h>

#include "pki/openssl.h"
#include "pki/profile.h"

namespace pki {
namespace {

constexpr std::size_t kMaxTlsNames = 32;

/// RFC 7093, 2 (1): the leftmost 160 bits of SHA-256 over the public key's bits.
base::Bytes key_id_of(const X509* x) {
    const ASN1_BIT_STRING* bits = X509_get0_pubkey_bitstr(x);
    const base::Digest digest = base::sha256(base::ByteView(ASN1_STRING_get0_data(bits), static_cast<std::size_t>(ASN1_STRING_length(bits))));
    return base::Bytes(digest.begin(), digest.begin() + 20);
}

/// 16 bytes; the first is 40..7F, so the number is positive and as long as it looks.
base::Bytes random_serial() {
    base::Bytes out(16);
    must(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1, "RAND_bytes");
    out[0] = static_cast<std::uint8_t>((out[0] & 0x3F) | 0x40);
    return out;
}

void add_text_extension(X509* x, int nid, const std::string& value) {
    const Owned<X509_EXTENSION, X509_EXTENSION_free> extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
    must(extension != nullptr && X509_add_ext(x, extension.get(), -1) == 1, OBJ_nid2sn(nid));
}

void add_policy(X509* x, const std::string& oid) {
    const Owned<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free> list(CERTIFICATEPOLICIES_new());
    Owned<POLICYINFO, POLICYINFO_free> policy(POLICYINFO_new());
    must(list && policy, "POLICYINFO_new");
    ASN1_OBJECT_free(policy->policyid);
    policy->policyid = OBJ_txt2obj(oid.c_str(), 1);
    must(policy->policyid != nullptr && sk_POLICYINFO_push(list.get(), policy.get()) > 0, "certificatePolicies");
    policy.release();
    must(X509_add1_ext_i2d(x, NID_certificate_policies, list.get(), 0, 0) == 1, "certificatePolicies");
}

base::Status check_tls_name(const std::string& text) {
    bool fine = !text.empty() && text.size() <= 253 && text.front() != '-' && text.front() != '.';
    for (const char c : text) fine = fine && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.');
    if (!fine) return {base::Code::invalid_argument, "'" + text + "' is neither a DNS name in lower case nor an IP address"};
    return {};
}

base::Status add_tls_names(X509* x, const std::vector<std::string>& names) {
    if (names.empty()) return {};
    const Owned<GENERAL_NAMES, GENERAL_NAMES_free> list(GENERAL_NAMES_new());
    must(list != nullptr, "GENERAL_NAMES_new");
    for (const std::string& text : names) {
        std::uint8_t address[sizeof(in6_addr)];
        int type = GEN_IPADD;
        base::ByteView value(address, 4);
        if (inet_pton(AF_INET6, text.c_str(), address) == 1) {
            value = base::ByteView(address, 16);
        } else if (inet_pton(AF_INET, text.c_str(), address) != 1) {
            KMP_CHECK(check_tls_name(text));
            type = GEN_DNS;
            value = base::as_bytes(text);
        }
        Owned<ASN1_STRING, ASN1_STRING_free> string(ASN1_STRING_type_new(type == GEN_DNS ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING));
        Owned<GENERAL_NAME, GENERAL_NAME_free> entry(GENERAL_NAME_new());
        must(string && entry && ASN1_STRING_set(string.get(), value.data(), static_cast<int>(value.size())) == 1, "GENERAL_NAME");
        GENERAL_NAME_set0_value(entry.get(), type, string.release());
        must(sk_GENERAL_NAME_push(list.get(), entry.get()) > 0, "GENERAL_NAMES");
        entry.release();
    }
    must(X509_add1_ext_i2d(x, NID_subject_alt_name, list.get(), 0, 0) == 1, "subjectAltName");
    return {};
}

base::Status check_order(const CertificateOrder& order) {
    KMP_TRY(const KeyType type, key_type_of(order.spki));
    KMP_CHECK(check_profile(order.profile, order.subject.kind, type));
    KMP_CHECK(check_period(order.not_before, order.not_after));
    if (order.profile != Profile::tls && !order.tls_names.empty()) return {base::Code::invalid_argument, "only profile tls carries DNS names"};
    if (order.tls_names.size() > kMaxTlsNames) return {base::Code::invalid_argument, "more than " + std::to_string(kMaxTlsNames) + " TLS names"};
    return {};
}

const char* constraints_of(const CertificateOrder& order, bool anchor) {
    if (order.profile != Profile::issuing) return "critical,CA:FALSE";
    return anchor ? "critical,CA:TRUE,pathlen:1" : "critical,CA:TRUE,pathlen:0";
}

/// The certificate without a signature. An anchor is its own authority: `authority_key_id` is empty.
base::Result<base::Bytes> to_be_signed(const CertificateOrder& order, const Subject& issuer, base::Bytes authority_key_id) {
    KMP_CHECK(check_order(order));
    KMP_TRY(const X509NameOwner subject, encode_name(order.subject));
    KMP_TRY(const X509NameOwner issuer_name, encode_name(issuer));
    KMP_TRY(const TimeOwner from, encode_time(order.not_before));
    KMP_TRY(const TimeOwner until, encode_time(order.not_after));
    KMP_TRY(const PublicKeyOwner key, parse_spki(order.spki));
    const X509Owner x(X509_new());
    const IntegerOwner serial = encode_serial(random_serial());
    must(x && X509_set_version(x.get(), X509_VERSION_3) == 1 && X509_set_serialNumber(x.get(), serial.get()) == 1 &&
             X509_set_subject_name(x.get(), subject.get()) == 1 && X509_set_issuer_name(x.get(), issuer_name.get()) == 1 &&
             X509_set1_notBefore(x.get(), from.get()) == 1 && X509_set1_notAfter(x.get(), until.get()) == 1 && X509_set_pubkey(x.get(), key.get()) == 1,
         "filling a certificate");

    const ProfileRules& r = rules(order.profile);
    add_text_extension(x.get(), NID_basic_constraints, constraints_of(order, authority_key_id.empty()));
    add_text_extension(x.get(), NID_key_usage, r.key_usage);
    if (r.extended_key_usage != nullptr) add_text_extension(x.get(), NID_ext_key_usage, r.extended_key_usage);
    add_policy(x.get(), policy_of(order.subject.kind));
    const base::Bytes subject_key_id = key_id_of(x.get());
    const AuthorityKeyIdOwner authority = encode_authority_key_id(authority_key_id.empty() ? subject_key_id : authority_key_id);
    const OctetsOwner own_id(ASN1_OCTET_STRING_new());
    must(own_id && ASN1_OCTET_STRING_set(own_id.get(), subject_key_id.data(), static_cast<int>(subject_key_id.size())) == 1 &&
             X509_add1_ext_i2d(x.get(), NID_subject_key_identifier, own_id.get(), 0, 0) == 1 &&
             X509_add1_ext_i2d(x.get(), NID_authority_key_identifier, authority.get(), 0, 0) == 1,
         "key ids");
    KMP_CHECK(add_tls_names(x.get(), order.tls_names));

    // The private key is in a token, so OpenSSL never signs here and never fills this field in.
    auto* algorithm = const_cast<X509_ALGOR*>(X509_get0_tbs_sigalg(x.get()));
    must(X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_ecdsa_with_SHA256), V_ASN1_UNDEF, nullptr) == 1, "X509_ALGOR_set0");
    return der_of(x.get(), i2d_re_X509_tbs);
}

/// Reads back what was built: only what a verifier will accept leaves.
base::Result<Certificate> finish(base::ByteView tbs, const Certificate* issuer, base::Millis at, Signer& signer) {
    KMP_TRY(const base::Bytes der, sign_and_seal(tbs, signer));
    KMP_TRY(Certificate out, Certificate::from_der(der));
    const Certificate& by = issuer != nullptr ? *issuer : out;
    auto holds = out.profile() == Profile::issuing ? verify_issuer(out, by, at) : verify(out, by, at);
    if (!holds) return std::move(holds).error().in("the new certificate is not used");
    return out;
}

}  // namespace

base::Result<Certificate> issue(const CertificateOrder& order, const Certificate& issuer, Signer& signer) {
    if (order.profile == Profile::issuing && issuer.subject() != issuer.issuer())
        return {base::Code::refused, "UKEY " + describe(issuer.subject()) + " is not the trust anchor: it certifies no other issuer"};
    if (issuer.profile() != Profile::issuing) return {base::Code::refused, "UKEY " + describe(issuer.subject()) + " gave no issuing certificate: it cannot issue"};
    if (order.not_before < issuer.not_before() || order.not_after >= issuer.not_after() + base::kSecond)
        return {base::Code::refused, "the certificate would reach beyond the issuing certificate, which is valid from " + base::to_rfc3339(issuer.not_before()) + " to " +
                                         base::to_rfc3339(issuer.not_after())};
    KMP_TRY(const base::Bytes tbs, to_be_signed(order, issuer.subject(), issuer.subject_key_id()));
    return finish(tbs, &issuer, order.not_before, signer);
}

base::Result<Certificate> issue_anchor(const CertificateOrder& order, Signer& signer) {
    if (order.profile != Profile::issuing) return {base::Code::invalid_argument, "only an issuing certificate signs itself"};
    KMP_TRY(const base::Bytes tbs, to_be_signed(order, order.subject, {}));
    return finish(tbs, nullptr, order.not_before, signer);
}

}  // namespace pki
