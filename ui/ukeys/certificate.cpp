#include "ui/ukeys/certificate.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <QStringList>
#include <array>
#include <ctime>
#include <memory>

#include "base/freed.h"

namespace ui::ukeys {
namespace {

using base::Freed;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using X509Owner = std::unique_ptr<X509, Freed<X509_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;

QString name_of(const X509_NAME* name) {
    const Bio out(BIO_new(BIO_s_mem()));
    // UTF-8 as it is, and nothing that could turn a line or a direction.
    if (!out || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB)) < 0) return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return QString::fromUtf8(data, size);
}

base::Millis time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
    return static_cast<base::Millis>(timegm(&parts)) * base::kSecond;
}

QString hex(const unsigned char* bytes, unsigned size) {
    QStringList out;
    for (unsigned i = 0; i < size; ++i) out << QStringLiteral("%1").arg(bytes[i], 2, 16, QLatin1Char('0')).toUpper();
    return out.join(QLatin1Char(':'));
}

}  // namespace

std::optional<Certificate> read_certificate(const std::string& pem) {
    const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (!in) return std::nullopt;
    const X509Owner x(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    if (!x) return std::nullopt;
    Certificate out;
    out.subject = name_of(X509_get_subject_name(x.get()));
    out.issuer = name_of(X509_get_issuer_name(x.get()));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (X509_digest(x.get(), EVP_sha256(), digest.data(), &size) != 1) return std::nullopt;
    out.fingerprint = hex(digest.data(), size);
    const Number serial(ASN1_INTEGER_to_BN(X509_get0_serialNumber(x.get()), nullptr));
    if (serial) {
        std::array<unsigned char, 64> bytes{};
        const int length = BN_num_bytes(serial.get());
        if (length > 0 && length <= static_cast<int>(bytes.size())) out.serial = hex(bytes.data(), static_cast<unsigned>(BN_bn2bin(serial.get(), bytes.data())));
    }
    out.from = time_of(X509_get0_notBefore(x.get()));
    out.until = time_of(X509_get0_notAfter(x.get()));
    return out;
}

}  // namespace ui::ukeys
