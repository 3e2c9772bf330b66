#include "tokens/host/x509.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

#include "base/digest.h"
#include "base/freed.h"
#include "model/oids.h"

namespace tokens::host {
namespace {

template <class T, auto Free>
using Ptr = std::unique_ptr<T, base::Freed<Free>>;

using Pkey = Ptr<EVP_PKEY, EVP_PKEY_free>;
using Cert = Ptr<X509, X509_free>;
using Bn = Ptr<BIGNUM, BN_free>;

/// The DER of an OpenSSL value, by its i2d function.
template <class T, class I2d>
base::Bytes der_of(T* value, I2d i2d) {
    unsigned char* raw = nullptr;
    const int size = i2d(value, &raw);
    if (size <= 0) return {};
    base::Bytes out(raw, raw + size);
    OPENSSL_free(raw);
    return out;
}

Pkey key_of_spki(base::ByteView spki) {
    const unsigned char* at = spki.data();
    Pkey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    if (key && at != spki.data() + spki.size()) key.reset();
    return key;
}

/// The bytes of an EC point: SoftHSM2 wraps them in an OCTET STRING, some modules do not.
base::ByteView bare_point(base::ByteView point, std::size_t size) {
    if (point.size() == size + 2 && point[0] == 0x04 && point[1] == size) return point.subspan(2);
    return point;
}

base::Result<Cert> parse_certificate(base::ByteView der) {
    const unsigned char* at = der.data();
    Cert cert(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (!cert || at != der.data() + der.size()) return {base::Code::malformed, "these bytes are not one X.509 certificate"};
    return cert;
}

std::string oid_text(const ASN1_OBJECT* object) {
    std::array<char, 128> text{};
    const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
    return size > 0 && size < static_cast<int>(text.size()) ? std::string(text.data()) : std::string();
}

bool has_extended_usage(const X509* cert, std::string_view oid) {
    const Ptr<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> usages(static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(cert, NID_ext_key_usage, nullptr, nullptr)));
    for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages.get()); ++i)
        if (oid_text(sk_ASN1_OBJECT_value(usages.get(), i)) == oid) return true;
    return false;
}

base::Result<model::UkeyKind> kind_of(const X509* cert) {
    const Ptr<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free> policies(
        static_cast<CERTIFICATEPOLICIES*>(X509_get_ext_d2i(cert, NID_certificate_policies, nullptr, nullptr)));
    const std::string prefix = std::string(model::kOidKindPolicy) + ".";
    std::string number;
    for (int i = 0; policies && i < sk_POLICYINFO_num(policies.get()); ++i) {
        const std::string oid = oid_text(sk_POLICYINFO_value(policies.get(), i)->policyid);
        if (!oid.starts_with(prefix)) continue;
        if (!number.empty()) return {base::Code::refused, "the receiver's certificate names two kinds of UKEY"};
        number = oid.substr(prefix.size());
    }
    if (number.size() != 1 || number[0] < '0' || number[0] > '9') return {base::Code::refused, "the receiver's certificate does not say which kind of UKEY it is for"};
    return model::ukey_kind_from(static_cast<std::uint64_t>(number[0] - '0'));
}

base::Result<std::string> common_name(const X509* cert) {
    const X509_NAME* subject = X509_get_subject_name(cert);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
        return {base::Code::refused, "the receiver's certificate does not have exactly one common name"};
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) return {base::Code::refused, "the receiver's common name is not text"};
    std::string out(text, text + size);
    OPENSSL_free(text);
    return out;
}

base::Bytes number_of(const EVP_PKEY* key, const char* name) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return {};
    const Bn number(raw);
    base::Bytes out(static_cast<std::size_t>(BN_num_bytes(raw)));
    BN_bn2bin(raw, out.data());
    return out;
}

void put_der_header(base::ByteWriter& out, std::uint8_t tag, std::size_t size) {
    out.u8(tag);
    if (size < 0x80) {
        out.u8(static_cast<std::uint8_t>(size));
    } else if (size < 0x100) {
        out.u8(0x81);
        out.u8(static_cast<std::uint8_t>(size));
    } else {
        out.u8(0x82);
        out.u16(static_cast<std::uint16_t>(size));
    }
}

constexpr std::array<std::uint8_t, 12> kEcdsaSha256{0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
constexpr std::size_t kMaxTbs = 60000;

/// A to-be-signed value with a placeholder signature: what OpenSSL's parsers and accessors work on.
base::Bytes with_placeholder(base::ByteView tbs) {
    constexpr std::array<std::uint8_t, 4> kNoSignature{0x03, 0x02, 0x00, 0x00};
    base::ByteWriter out;
    put_der_header(out, 0x30, tbs.size() + kEcdsaSha256.size() + kNoSignature.size());
    out.bytes(tbs);
    out.bytes(kEcdsaSha256);
    out.bytes(kNoSignature);
    return std::move(out).take();
}

/// Parses `tbs` as a T; null when it is anything but the one DER encoding of it.
template <class T, auto Free, class D2i, class I2d>
Ptr<T, Free> parse_tbs(base::ByteView tbs, D2i d2i, I2d i2d_tbs) {
    if (tbs.size() > kMaxTbs) return nullptr;
    const base::Bytes whole = with_placeholder(tbs);
    const unsigned char* at = whole.data();
    Ptr<T, Free> parsed(d2i(nullptr, &at, static_cast<long>(whole.size())));
    if (!parsed || at != whole.data() + whole.size()) return nullptr;
    const base::Bytes again = der_of(parsed.get(), i2d_tbs);
    if (!std::equal(again.begin(), again.end(), tbs.begin(), tbs.end())) return nullptr;
    return parsed;
}

bool is_ecdsa_sha256(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    return OBJ_obj2nid(object) == NID_ecdsa_with_SHA256;
}

/// OpenSSL has no accessor for the algorithm inside a TBSCertList: it follows the version (INTEGER 1, whole: 02 01 01).
bool crl_names_ecdsa_sha256(base::ByteView tbs) {
    const unsigned char* at = tbs.data();
    long size = 0;
    int tag = 0;
    int tag_class = 0;
    if ((ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(tbs.size())) & 0x80) != 0) return false;
    const base::ByteView content(at, static_cast<std::size_t>(size));
    constexpr std::array<std::uint8_t, 3> kVersion2{0x02, 0x01, 0x01};
    return content.size() >= kVersion2.size() + kEcdsaSha256.size() && std::equal(kVersion2.begin(), kVersion2.end(), content.begin()) &&
           std::equal(kEcdsaSha256.begin(), kEcdsaSha256.end(), content.begin() + 3);
}

base::Bytes name_der(const X509_NAME* name) { return der_of(name, i2d_X509_NAME); }

bool equal(base::ByteView a, base::ByteView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

bool signed_by_one(X509* cert, const std::vector<base::Bytes>& issuers) {
    return std::any_of(issuers.begin(), issuers.end(), [&](const base::Bytes& spki) {
        const Pkey issuer = key_of_spki(spki);
        return issuer && X509_verify(cert, issuer.get()) == 1;
    });
}

/// When it begins is not asked: kmpd's time never falls behind its log, and where the machine's clock was set back this one is behind both.
bool is_over(const X509* cert) { return X509_cmp_current_time(X509_get0_notAfter(cert)) <= 0; }

/// A CA below which there is none.
bool is_last_ca(X509* cert) { return (X509_get_extension_flags(cert) & EXFLAG_CA) != 0 && X509_get_pathlen(cert) == 0; }

}  // namespace

base::Result<base::Bytes> p256_spki(base::ByteView point) {
    point = bare_point(point, 65);
    constexpr std::array<std::uint8_t, 26> kPrefix{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                                   0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
    base::Bytes out(kPrefix.begin(), kPrefix.end());
    out.insert(out.end(), point.begin(), point.end());
    if (point.size() != 65 || !key_of_spki(out)) return {base::Code::token_failed, "the UKEY answers with a public key that is no P-256 point"};
    return out;
}

base::Result<base::Bytes> ed25519_spki(base::ByteView point) {
    point = bare_point(point, 32);
    constexpr std::array<std::uint8_t, 12> kPrefix{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    base::Bytes out(kPrefix.begin(), kPrefix.end());
    out.insert(out.end(), point.begin(), point.end());
    if (point.size() != 32 || !key_of_spki(out)) return {base::Code::token_failed, "the UKEY answers with a public key that is no Ed25519 key"};
    return out;
}

base::Result<base::Bytes> rsa_spki(base::ByteView modulus, base::ByteView exponent) {
    const Bn n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
    const Bn e(BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr));
    const Ptr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> build(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    const Ptr<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(build.get()));
    const Ptr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* raw = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 || EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return {base::Code::token_failed, "the UKEY answers with a public key that is no RSA key"};
    const Pkey key(raw);
    return der_of(raw, i2d_PUBKEY);
}

base::Result<base::Bytes> ecdsa_der(base::ByteView raw) {
    if (raw.size() != 64) return {base::Code::malformed, "a P-256 signature r || s has 64 bytes"};
    const Ptr<ECDSA_SIG, ECDSA_SIG_free> signature(ECDSA_SIG_new());
    ECDSA_SIG_set0(signature.get(), BN_bin2bn(raw.data(), 32, nullptr), BN_bin2bn(raw.data() + 32, 32, nullptr));
    return der_of(signature.get(), i2d_ECDSA_SIG);
}

void P256Verifier::Free::operator()(evp_pkey_ctx_st* context) const noexcept { EVP_PKEY_CTX_free(context); }

base::Result<P256Verifier> P256Verifier::read(base::ByteView spki) {
    const base::Error wrong{base::Code::malformed, "a SubjectPublicKeyInfo of a P-256 key is expected", 0};
    const Pkey key = key_of_spki(spki);
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC || EVP_PKEY_get_bits(key.get()) != 256) return wrong;
    P256Verifier out(EVP_PKEY_CTX_new(key.get(), nullptr));
    if (!out.context_ || EVP_PKEY_verify_init(out.context_.get()) != 1 || EVP_PKEY_CTX_set_signature_md(out.context_.get(), EVP_sha256()) != 1) return wrong;
    return out;
}

bool P256Verifier::holds(base::ByteView message, base::ByteView raw) const {
    const auto der = ecdsa_der(raw);
    const base::Digest digest = base::sha256(message);
    return der && EVP_PKEY_verify(context_.get(), der->data(), der->size(), digest.data(), digest.size()) == 1;
}

bool ecdsa_holds(base::ByteView spki, base::ByteView message, base::ByteView raw) {
    const auto key = P256Verifier::read(spki);
    return key && key->holds(message, raw);
}

bool ed25519_holds(base::ByteView spki, base::ByteView message, base::ByteView raw) {
    const Pkey key = key_of_spki(spki);
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) return false;
    const Ptr<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), raw.data(), raw.size(), message.data(), message.size()) == 1;
}

base::Result<base::Bytes> oaep_encrypt(base::ByteView spki, base::ByteView message) {
    const Pkey key = key_of_spki(spki);
    const Ptr<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(key ? EVP_PKEY_CTX_new(key.get(), nullptr) : nullptr);
    base::Bytes out(key ? static_cast<std::size_t>(EVP_PKEY_get_size(key.get())) : 0);
    std::size_t size = out.size();
    if (!context || EVP_PKEY_encrypt_init(context.get()) != 1 || EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1 ||
        EVP_PKEY_encrypt(context.get(), out.data(), &size, message.data(), message.size()) != 1)
        return {base::Code::token_failed, "the UKEY's public key encrypts nothing: it is no RSA key"};
    out.resize(size);
    return out;
}

base::Result<CertificateKeys> read_certificate(base::ByteView der) {
    KMP_TRY(const Cert cert, parse_certificate(der));
    CertificateKeys out{name_der(X509_get_subject_name(cert.get())), name_der(X509_get_issuer_name(cert.get())),
                        der_of(X509_get_serialNumber(cert.get()), i2d_ASN1_INTEGER), der_of(X509_get_X509_PUBKEY(cert.get()), i2d_X509_PUBKEY)};
    if (out.subject.empty() || out.spki.empty()) return {base::Code::malformed, "the certificate has no subject or no public key"};
    return out;
}

base::Result<base::Bytes> nobodys_certificate(std::string_view common_name) {
    const base::Error failed{base::Code::internal, "cannot build the certificate that marks a UKEY", 0};
    const Pkey key(EVP_EC_gen("P-256"));
    const Cert cert(X509_new());
    if (!key || !cert) return failed;
    X509_NAME* name = X509_get_subject_name(cert.get());
    const bool built = X509_set_version(cert.get(), X509_VERSION_3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), 1) == 1 &&
                       X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, base::as_bytes(common_name).data(), static_cast<int>(common_name.size()), -1, 0) == 1 &&
                       X509_set_issuer_name(cert.get(), name) == 1 && X509_gmtime_adj(X509_getm_notBefore(cert.get()), 0) != nullptr &&
                       X509_gmtime_adj(X509_getm_notAfter(cert.get()), 0) != nullptr && X509_set_pubkey(cert.get(), key.get()) == 1 &&
                       X509_sign(cert.get(), key.get(), EVP_sha256()) != 0;
    if (!built) return failed;
    return der_of(cert.get(), i2d_X509);
}

base::Result<base::Bytes> read_issuer(base::ByteView der, const std::vector<base::Bytes>& issuers) {
    KMP_TRY(const Cert cert, parse_certificate(der));
    if (!signed_by_one(cert.get(), issuers)) return {base::Code::key_invalid, "the other master-control UKEY was not certified by one that this UKEY trusts"};
    if (is_over(cert.get())) return {base::Code::expired, "the validity of the other master-control UKEY's issuing certificate is over"};
    KMP_TRY(const model::UkeyKind kind, kind_of(cert.get()));
    if (!is_last_ca(cert.get()) || kind != model::UkeyKind::master_control) return {base::Code::refused, "this is not the issuing certificate of a master-control UKEY"};
    return der_of(X509_get_X509_PUBKEY(cert.get()), i2d_X509_PUBKEY);
}

base::Result<Receiver> read_receiver(base::ByteView der, const std::vector<base::Bytes>& issuers) {
    KMP_TRY(const Cert cert, parse_certificate(der));
    if (!signed_by_one(cert.get(), issuers)) return {base::Code::key_invalid, "the receiver's certificate was not signed by this master-control UKEY"};
    if (is_over(cert.get())) return {base::Code::expired, "the validity of the receiver's certificate is over; renew the UKEY"};
    if (!has_extended_usage(cert.get(), model::kOidTransport)) return {base::Code::refused, "the receiver's certificate is not one of a transport key"};
    Receiver out;
    KMP_TRY(out.kind, kind_of(cert.get()));
    KMP_TRY(out.serial, common_name(cert.get()));
    const EVP_PKEY* key = X509_get0_pubkey(cert.get());
    if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key) < 2048)
        return {base::Code::refused, "a transport key is an RSA key of at least 2048 bits"};
    out.spki = der_of(X509_get_X509_PUBKEY(cert.get()), i2d_X509_PUBKEY);
    out.modulus = number_of(key, OSSL_PKEY_PARAM_RSA_N);
    out.exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E);
    if (out.modulus.empty() || out.exponent.empty()) return {base::Code::malformed, "the receiver's RSA key does not parse"};
    return out;
}

Tbs recognise(base::ByteView tbs) {
    if (parse_tbs<X509, X509_free>(tbs, d2i_X509, i2d_re_X509_tbs)) return Tbs::certificate;
    if (parse_tbs<X509_CRL, X509_CRL_free>(tbs, d2i_X509_CRL, i2d_re_X509_CRL_tbs)) return Tbs::crl;
    if (parse_tbs<X509_REQ, X509_REQ_free>(tbs, d2i_X509_REQ, i2d_re_X509_REQ_tbs)) return Tbs::request;
    return Tbs::other;
}

base::Status check_tbs_certificate(base::ByteView tbs, base::ByteView issuer, base::ByteView own_spki) {
    const auto cert = parse_tbs<X509, X509_free>(tbs, d2i_X509, i2d_re_X509_tbs);
    if (!cert) return {base::Code::refused, "the issuing key signs TBSCertificate and TBSCertList only"};
    if (!is_ecdsa_sha256(X509_get0_tbs_sigalg(cert.get()))) return {base::Code::refused, "the certificate does not name ecdsa-with-SHA256"};
    const base::Bytes named = name_der(X509_get_issuer_name(cert.get()));
    const bool for_itself = equal(der_of(X509_get_X509_PUBKEY(cert.get()), i2d_X509_PUBKEY), own_spki);
    if (issuer.empty()) {
        if (!for_itself || !equal(named, name_der(X509_get_subject_name(cert.get()))))
            return {base::Code::refused, "this UKEY has no issuing certificate yet: store it first, or sign a self-signed one"};
        return {};
    }
    if (!equal(named, issuer)) return {base::Code::refused, "the certificate's issuer is not this UKEY"};
    // X509_check_ca would also take v1 certificates for CAs; here only what says so is one.
    if ((X509_get_extension_flags(cert.get()) & EXFLAG_CA) == 0 || for_itself) return {};
    const auto kind = kind_of(cert.get());
    if (is_last_ca(cert.get()) && kind && *kind == model::UkeyKind::master_control) return {};
    return {base::Code::refused, "this UKEY certifies no other issuers than master-control UKEYs that certify none themselves"};
}

base::Status check_tbs_crl(base::ByteView tbs, base::ByteView issuer) {
    const auto crl = parse_tbs<X509_CRL, X509_CRL_free>(tbs, d2i_X509_CRL, i2d_re_X509_CRL_tbs);
    if (!crl) return {base::Code::refused, "the issuing key signs TBSCertificate and TBSCertList only"};
    if (!crl_names_ecdsa_sha256(tbs)) return {base::Code::refused, "the CRL is not of version 2 with ecdsa-with-SHA256"};
    if (issuer.empty() || !equal(name_der(X509_CRL_get_issuer(crl.get())), issuer)) return {base::Code::refused, "the CRL's issuer is not this UKEY"};
    return {};
}

base::Status check_request_info(base::ByteView info, base::ByteView own_spki) {
    const auto request = parse_tbs<X509_REQ, X509_REQ_free>(info, d2i_X509_REQ, i2d_re_X509_REQ_tbs);
    if (!request) return {base::Code::refused, "this key signs a CertificationRequestInfo only"};
    if (!equal(der_of(X509_REQ_get_X509_PUBKEY(request.get()), i2d_X509_PUBKEY), own_spki))
        return {base::Code::refused, "the certificate request is for another key"};
    return {};
}

}  // namespace tokens::host
