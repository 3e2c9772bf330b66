#pragma once
#include <openssl/asn1.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

#include "pki/certificate.h"

// Private to this room: OpenSSL's objects with owners, and the pieces that certificates, requests and lists share.
namespace pki {

template <auto Release>
struct Releaser {
    template <class T>
    void operator()(T* object) const noexcept { Release(object); }
};
template <class T, auto Release>
using Owned = std::unique_ptr<T, Releaser<Release>>;

using X509Owner = Owned<X509, X509_free>;
using X509CrlOwner = Owned<X509_CRL, X509_CRL_free>;
using X509ReqOwner = Owned<X509_REQ, X509_REQ_free>;
using X509NameOwner = Owned<X509_NAME, X509_NAME_free>;
using PublicKeyOwner = Owned<EVP_PKEY, EVP_PKEY_free>;
using TimeOwner = Owned<ASN1_TIME, ASN1_TIME_free>;
using IntegerOwner = Owned<ASN1_INTEGER, ASN1_INTEGER_free>;
using EnumeratedOwner = Owned<ASN1_ENUMERATED, ASN1_ENUMERATED_free>;
using OctetsOwner = Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using AuthorityKeyIdOwner = Owned<AUTHORITY_KEYID, AUTHORITY_KEYID_free>;

/// An Error that ends in OpenSSL's own reason, where it left one; empties its error queue.
base::Error openssl_error(base::Code code, std::string what);
/// For calls that fail only without memory or by a bug of ours: throws std::runtime_error unless `ok`.
void must(bool ok, const char* what);

/// The DER of an object, by its i2d function.
template <class T, class I2d>
base::Bytes der_of(T* object, I2d i2d) {
    const int size = i2d(object, nullptr);
    must(size > 0, "DER encoding");
    base::Bytes out(static_cast<std::size_t>(size));
    unsigned char* at = out.data();
    must(i2d(object, &at) == size, "DER encoding");
    return out;
}
/// An object from exactly these bytes, by its d2i function; null when they do not parse or bytes trail.
template <class Owner, class D2i>
Owner parse_der(base::ByteView der, D2i d2i) {
    const unsigned char* at = der.data();
    Owner out(d2i(nullptr, &at, static_cast<long>(der.size())));
    if (at != der.data() + der.size()) out.reset();
    return out;
}

/// The payload of the first PEM block, which must have this label. malformed otherwise.
base::Result<base::Bytes> from_pem_block(std::string_view pem, std::string_view label);
std::string to_pem_block(base::ByteView der, const char* label);

base::Result<PublicKeyOwner> parse_spki(base::ByteView spki);
base::Status check_subject(const Subject& subject);
base::Result<X509NameOwner> encode_name(const Subject& subject);
/// malformed: anything but O, OU, CN and perhaps `name`, in this order and with our values.
base::Result<Subject> decode_name(const X509_NAME* name);
/// "U-1 (user)"
std::string describe(const Subject& subject);

/// in: 1970 to 9999. Cut to whole seconds.
base::Result<TimeOwner> encode_time(base::Millis time);
base::Result<base::Millis> decode_time(const ASN1_TIME* time);
/// malformed: negative, zero or longer than 20 bytes (RFC 5280, 4.1.2.2).
base::Result<base::Bytes> decode_serial(const ASN1_INTEGER* serial);
IntegerOwner encode_serial(base::ByteView serial);
base::Bytes octets(const ASN1_OCTET_STRING* string);
AuthorityKeyIdOwner encode_authority_key_id(base::ByteView key_id);

/// expired: `now` is outside. `until` is the last second in which `what` is valid.
base::Status check_time(std::string_view what, base::Millis from, base::Millis until, base::Millis now);
/// Whole seconds, and the end after the beginning. invalid_argument.
base::Status check_period(base::Millis from, base::Millis until);

/// True for ecdsa-with-SHA256 without parameters, as RFC 5758, 3.2 wants it.
bool is_ecdsa_sha256(const X509_ALGOR* algorithm);
/// Has `signer` sign `tbs` and puts both into SEQUENCE { tbs, ecdsa-with-SHA256, BIT STRING }.
base::Result<base::Bytes> sign_and_seal(base::ByteView tbs, Signer& signer);

}  // namespace pki
