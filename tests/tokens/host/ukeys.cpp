#include "tests/tokens/host/ukeys.h"

#include <openssl/conf.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>

namespace host_test {
namespace {

EVP_PKEY* public_key(const std::string& spki) {
    const auto bytes = base::as_bytes(spki);
    const unsigned char* at = bytes.data();
    return d2i_PUBKEY(nullptr, &at, static_cast<long>(bytes.size()));
}

template <class T, class I2d>
std::string der(T* value, I2d i2d) {
    unsigned char* raw = nullptr;
    const int size = i2d(value, &raw);
    if (size <= 0) return {};
    std::string out = base::to_string({raw, static_cast<std::size_t>(size)});
    OPENSSL_free(raw);
    return out;
}

X509_NAME* name(const std::string& common_name) {
    X509_NAME* out = X509_NAME_new();
    X509_NAME_add_entry_by_txt(out, "CN", MBSTRING_UTF8, base::as_bytes(common_name).data(), -1, -1, 0);
    return out;
}

void extend(X509* cert, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, cert, cert, nullptr, nullptr, 0);
    CONF* empty = NCONF_new(nullptr);  // policies want a configuration, even when they look nothing up
    X509V3_set_nconf(&context, empty);
    X509_EXTENSION* extension = X509V3_EXT_nconf_nid(empty, &context, nid, value.c_str());
    NCONF_free(empty);
    ASSERT_NE(extension, nullptr) << value;
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
}

void set_ecdsa(X509_ALGOR* algorithm) { X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_ecdsa_with_SHA256), V_ASN1_UNDEF, nullptr); }

}  // namespace

Maker usual_maker() {
    const char* wanted = std::getenv("KMP_TEST_MAKER");
    return wanted != nullptr && std::string_view(wanted) == "nss" ? Maker::nss : Maker::softhsm;
}

Answer Ukey::login(std::string_view pin) {
    return host->call(request([](auto& r) { r.mutable_login(); }), secrets(secret(pb::USER_PIN, pin)));
}

std::unique_ptr<Ukey> initialised(const std::string& serial, Maker maker) {
    auto out = std::make_unique<Ukey>();
    out->maker = maker;
    out->serial = serial;
    out->start();
    const Answer answer = out->host->call(request([&](auto& r) { r.mutable_initialise()->set_ukey(serial); }),
                                          secrets(secret(pb::SO_PIN, kSoPin), secret(pb::USER_PIN, kUserPin)));
    EXPECT_TRUE(answer.ok()) << answer.code() << ": " << answer.reply.failure().message();
    return out;
}

std::unique_ptr<Ukey> provisioned(const std::string& kind, const std::string& serial, Maker maker, bool empty_vault) {
    auto out = initialised(serial, maker);
    const Answer answer = out->host->call(request([&](auto& r) {
        r.mutable_provision()->set_kind(kind);
        r.mutable_provision()->set_empty_vault(empty_vault);
    }));
    EXPECT_TRUE(answer.ok()) << answer.code() << ": " << answer.reply.failure().message();
    for (const auto& key : answer.reply.public_keys().keys()) out->spki[key.name()] = key.spki();
    return out;
}

std::string tbs_certificate(const std::string& spki, const CertificateWish& wish) {
    X509* cert = X509_new();
    X509_set_version(cert, X509_VERSION_3);
    static long number = 4711;  // NSS takes two certificates of one issuer and number for one
    ASN1_INTEGER_set(X509_get_serialNumber(cert), ++number);
    X509_NAME* issuer = name(wish.issuer);
    X509_NAME* subject = name(wish.serial);
    X509_set_issuer_name(cert, issuer);
    X509_set_subject_name(cert, subject);
    X509_NAME_free(issuer);
    X509_NAME_free(subject);
    X509_gmtime_adj(X509_getm_notBefore(cert), wish.not_before);
    X509_gmtime_adj(X509_getm_notAfter(cert), wish.not_after);
    EVP_PKEY* key = public_key(spki);
    X509_set_pubkey(cert, key);
    EVP_PKEY_free(key);
    if (wish.ca) extend(cert, NID_basic_constraints, wish.path_length < 0 ? "critical,CA:TRUE" : "critical,CA:TRUE,pathlen:" + std::to_string(wish.path_length));
    if (wish.kind != 0) extend(cert, NID_certificate_policies, std::string(model::kOidKindPolicy) + "." + std::to_string(wish.kind));
    if (!wish.usage.empty()) extend(cert, NID_ext_key_usage, wish.usage);
    // The accessor is for reading; a TBSCertificate has to name its algorithm before anyone signs it.
    set_ecdsa(const_cast<X509_ALGOR*>(X509_get0_tbs_sigalg(cert)));
    std::string out = der(cert, i2d_re_X509_tbs);
    X509_free(cert);
    return out;
}

std::string certificate(const std::string& tbs, const std::string& signature) {
    const auto length = [](std::size_t n) {
        std::string out;
        if (n < 0x80) return std::string(1, static_cast<char>(n));
        out.push_back(static_cast<char>(0x82));
        out.push_back(static_cast<char>(n >> 8));
        out.push_back(static_cast<char>(n));
        return out;
    };
    const std::string algorithm("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", 12);
    std::string bits("\x03", 1);
    bits += length(signature.size() + 1) + std::string(1, '\0') + signature;
    const std::string content = tbs + algorithm + bits;
    return "\x30" + length(content.size()) + content;
}

std::string tbs_crl(const std::string& issuer) {
    X509_CRL* crl = X509_CRL_new();
    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_NAME* issuer_name = name(issuer);
    X509_CRL_set_issuer_name(crl, issuer_name);
    X509_NAME_free(issuer_name);
    ASN1_TIME* now = X509_gmtime_adj(nullptr, 0);
    X509_CRL_set1_lastUpdate(crl, now);
    X509_CRL_set1_nextUpdate(crl, now);
    ASN1_TIME_free(now);
    // OpenSSL sets the inner algorithm only while it signs: sign with a key of our own and throw the signature away.
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509_CRL_sign(crl, key, EVP_sha256());
    EVP_PKEY_free(key);
    std::string out = der(crl, i2d_re_X509_CRL_tbs);
    X509_CRL_free(crl);
    return out;
}

std::string request_info(const std::string& spki, const std::string& subject) {
    X509_REQ* request = X509_REQ_new();
    X509_REQ_set_version(request, X509_REQ_VERSION_1);
    X509_NAME* subject_name = name(subject);
    X509_REQ_set_subject_name(request, subject_name);
    X509_NAME_free(subject_name);
    EVP_PKEY* key = public_key(spki);
    X509_REQ_set_pubkey(request, key);
    EVP_PKEY_free(key);
    std::string out = der(request, i2d_re_X509_REQ_tbs);
    X509_REQ_free(request);
    return out;
}

std::string issue(Ukey& master, const std::string& spki, const CertificateWish& wish) {
    const std::string tbs = tbs_certificate(spki, wish);
    const Answer signed_tbs = master.host->call(request([&](auto& r) {
        r.mutable_sign_tbs()->set_key("issuing");
        r.mutable_sign_tbs()->set_tbs(tbs);
    }));
    EXPECT_TRUE(signed_tbs.ok()) << signed_tbs.reply.failure().message();
    return certificate(tbs, signed_tbs.reply.signature().der());
}

std::string establish(Ukey& master) {
    CertificateWish wish;
    wish.serial = wish.issuer;
    wish.usage.clear();
    wish.ca = true;
    std::string der = issue(master, master.spki["issuing"], wish);
    const Answer stored = master.host->call(request([&](auto& r) {
        r.mutable_store_certificate()->set_name("issuing");
        r.mutable_store_certificate()->set_der(der);
    }));
    EXPECT_TRUE(stored.ok()) << stored.reply.failure().message();
    return der;
}

bool holds(const std::string& spki, std::string_view message, const std::string& signature) {
    EVP_PKEY* key = public_key(spki);
    if (key == nullptr) return false;
    const EVP_MD* digest = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const auto bytes = base::as_bytes(message);
    const auto raw = base::as_bytes(signature);
    const bool out = EVP_DigestVerifyInit(context, nullptr, digest, nullptr, key) == 1 &&
                     EVP_DigestVerify(context, raw.data(), raw.size(), bytes.data(), bytes.size()) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return out;
}

std::string ecdsa_from_raw(const std::string& raw) {
    if (raw.size() != 64) return {};
    ECDSA_SIG* signature = ECDSA_SIG_new();
    const auto bytes = base::as_bytes(raw);
    ECDSA_SIG_set0(signature, BN_bin2bn(bytes.data(), 32, nullptr), BN_bin2bn(bytes.data() + 32, 32, nullptr));
    std::string out = der(signature, i2d_ECDSA_SIG);
    ECDSA_SIG_free(signature);
    return out;
}

std::string sha256(std::string_view text) {
    std::array<unsigned char, 32> out{};
    SHA256(base::as_bytes(text).data(), text.size(), out.data());
    return base::to_string(out);
}

base::Bytes aes_ecb(base::ByteView key, base::ByteView block) {
    base::Bytes out(32);
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    int size = 0;
    EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), nullptr, key.data(), nullptr);
    EVP_CIPHER_CTX_set_padding(context, 0);
    EVP_EncryptUpdate(context, out.data(), &size, block.data(), static_cast<int>(block.size()));
    EVP_CIPHER_CTX_free(context);
    out.resize(static_cast<std::size_t>(size));
    return out;
}

base::Bytes aes_unwrap(base::ByteView key, base::ByteView wrapped) {
    base::Bytes out(wrapped.size() + 16);
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    int size = 0;
    const bool ok = EVP_DecryptInit_ex(context, EVP_aes_128_wrap(), nullptr, key.data(), nullptr) == 1 &&
                    EVP_DecryptUpdate(context, out.data(), &size, wrapped.data(), static_cast<int>(wrapped.size())) == 1;
    EVP_CIPHER_CTX_free(context);
    out.resize(ok ? static_cast<std::size_t>(size) : 0);
    return out;
}

base::Bytes aes_cmac(base::ByteView key, base::ByteView message) {
    base::Bytes out(16);
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "CMAC", nullptr);
    EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
    std::string cipher = "AES-128-CBC";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher.data(), 0), OSSL_PARAM_construct_end()};
    std::size_t size = 0;
    EVP_MAC_init(context, key.data(), key.size(), parameters);
    EVP_MAC_update(context, message.data(), message.size());
    EVP_MAC_final(context, out.data(), &size, out.size());
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    return out;
}

}  // namespace host_test
