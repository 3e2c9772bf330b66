#include "pki/request.h"

#include "pki/openssl.h"

namespace pki {
namespace {

constexpr std::size_t kMaxRequest = 16384;

}  // namespace

std::string Request::pem() const { return to_pem_block(der, PEM_STRING_X509_REQ); }

base::Result<base::Bytes> request_info(const Subject& subject, base::ByteView spki) {
    KMP_TRY(const X509NameOwner subject_name, encode_name(subject));
    KMP_TRY(const PublicKeyOwner key, parse_spki(spki));
    KMP_TRY(const KeyType type, key_type_of(spki));
    if (type != KeyType::p256) return {base::Code::invalid_argument, "only a P-256 key asks for a certificate: the identity or the issuing key"};
    const X509ReqOwner request(X509_REQ_new());
    must(request && X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 && X509_REQ_set_subject_name(request.get(), subject_name.get()) == 1 &&
             X509_REQ_set_pubkey(request.get(), key.get()) == 1,
         "filling a request");
    return der_of(request.get(), i2d_re_X509_REQ_tbs);
}

base::Result<Request> build_request(const Subject& subject, base::ByteView spki, Signer& signer) {
    KMP_TRY(const base::Bytes info, request_info(subject, spki));
    KMP_TRY(const base::Bytes der, sign_and_seal(info, signer));
    return verify_request(der);
}

base::Result<Request> verify_request(base::ByteView der) {
    if (der.size() > kMaxRequest) return {base::Code::malformed, "a certificate request of more than " + std::to_string(kMaxRequest) + " bytes"};
    const X509ReqOwner request = parse_der<X509ReqOwner>(der, d2i_X509_REQ);
    if (!request) return openssl_error(base::Code::malformed, "not one DER certificate request");
    const X509_ALGOR* algorithm = nullptr;
    X509_REQ_get0_signature(request.get(), nullptr, &algorithm);
    if (!is_ecdsa_sha256(algorithm)) return {base::Code::malformed, "a certificate request that is not signed with ecdsa-with-SHA256"};
    Request out;
    out.der = base::to_bytes(der);
    if (der_of(request.get(), i2d_X509_REQ) != out.der) return {base::Code::malformed, "a certificate request that is not in DER"};
    KMP_TRY(out.subject, decode_name(X509_REQ_get_subject_name(request.get())));
    out.spki = der_of(X509_REQ_get_X509_PUBKEY(request.get()), i2d_X509_PUBKEY);
    KMP_TRY(const KeyType type, key_type_of(out.spki));
    if (type != KeyType::p256) return {base::Code::malformed, "a certificate request for a key that is not P-256"};
    if (X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())) != 1)
        return openssl_error(base::Code::key_invalid, "the certificate request of UKEY " + describe(out.subject) + " was not signed by the key it names");
    return out;
}

base::Result<Request> verify_request_pem(std::string_view pem) {
    KMP_TRY(const base::Bytes der, from_pem_block(pem, PEM_STRING_X509_REQ));
    return verify_request(der);
}

}  // namespace pki
