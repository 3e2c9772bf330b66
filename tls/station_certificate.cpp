#include "tls/station_certificate.h"

#include <openssl/obj_mac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tls/library.h"

namespace tls {
namespace {

using base::Code;

constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 4096;  // a larger one only costs whoever checks its signatures

bool is_sound(const EVP_PKEY* key) {
    if (key == nullptr) return false;
    if (EVP_PKEY_is_a(key, "RSA") == 1) return EVP_PKEY_get_bits(key) >= kLeastRsaBits && EVP_PKEY_get_bits(key) <= kMostRsaBits;
    char group[32] = {};
    std::size_t size = 0;
    if (EVP_PKEY_is_a(key, "EC") != 1 || EVP_PKEY_get_group_name(key, group, sizeof group, &size) != 1) return false;
    const std::string_view name(group, size);
    return name == SN_X9_62_prime256v1 || name == SN_secp384r1;
}

/// Nobody is there to be asked for the password of an encrypted PEM block.
int no_password(char*, int, int, void*) { return -1; }

X509Owned parse(base::ByteView certificate) {
    const unsigned char* at = certificate.data();
    X509Owned der(d2i_X509(nullptr, &at, static_cast<long>(certificate.size())));
    if (der && at == certificate.data() + certificate.size()) return der;
    const std::unique_ptr<BIO, FreeWith<BIO, BIO_free_all>> text(BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size())));
    return X509Owned(text ? PEM_read_bio_X509(text.get(), nullptr, no_password, nullptr) : nullptr);
}

}  // namespace

int judge_station_certificate(const X509* shown) {
    if (shown == nullptr || !is_sound(X509_get0_pubkey(shown))) return X509_V_ERR_EE_KEY_TOO_SMALL;
    // 0: it is no time at all
    if (X509_cmp_current_time(X509_get0_notBefore(shown)) >= 0) return X509_V_ERR_CERT_NOT_YET_VALID;
    if (X509_cmp_current_time(X509_get0_notAfter(shown)) <= 0) return X509_V_ERR_CERT_HAS_EXPIRED;
    return X509_V_OK;
}

base::Digest key_id_of(const X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (size <= 0) throw std::bad_alloc();
    const base::Digest out = base::sha256(base::ByteView(der, static_cast<std::size_t>(size)));
    OPENSSL_free(der);
    return out;
}

base::Result<base::Digest> station_key(base::ByteView certificate) {
    if (certificate.size() > kMaxStationCertificate) return {Code::malformed, "certificate: it has more than " + std::to_string(kMaxStationCertificate) + " bytes"};
    const X509Owned read = parse(certificate);
    (void)last_words();  // whatever was tried in vain stands there
    if (!read) return {Code::malformed, "certificate: it is no X.509 certificate, neither PEM nor DER"};
    switch (judge_station_certificate(read.get())) {
        case X509_V_OK: return key_id_of(read.get());
        case X509_V_ERR_EE_KEY_TOO_SMALL: return {Code::unsupported, "certificate: its key is none of P-256, P-384 and RSA of 2048 to 4096 bits"};
        case X509_V_ERR_CERT_NOT_YET_VALID: return {Code::expired, "certificate: its validity has not begun"};
        default: return {Code::expired, "certificate: its validity is over; make a new one"};
    }
}

}  // namespace tls
