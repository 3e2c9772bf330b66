#include "pki/cross.h"

#include <ctime>

#include "pki/openssl.h"

namespace pki {
namespace {

using base::Code;
using StoreOwner = Owned<X509_STORE, X509_STORE_free>;
using StoreContextOwner = Owned<X509_STORE_CTX, X509_STORE_CTX_free>;

base::Result<X509Owner> parse(base::ByteView der, const std::string& what) {
    X509Owner x = parse_der<X509Owner>(der, d2i_X509);
    if (!x) return openssl_error(Code::malformed, what + " is not one DER certificate");
    if ((X509_get_extension_flags(x.get()) & EXFLAG_INVALID) != 0) return openssl_error(Code::malformed, what + " has a broken extension");
    return x;
}

base::Status check_root(X509* root, const Certificate& anchor) {
    const std::uint32_t flags = X509_get_extension_flags(root);
    if (der_of(X509_get_X509_PUBKEY(root), i2d_X509_PUBKEY) == anchor.spki())
        return {Code::refused, "the root has the issuing key itself: it must be a certificate authority of its own"};
    if ((flags & EXFLAG_CA) == 0 || (flags & EXFLAG_SS) == 0 || (X509_get_key_usage(root) & KU_KEY_CERT_SIGN) == 0)
        return {Code::refused, "the root is not a self-signed certificate of an authority that may sign certificates"};
    // X509_verify_cert does not see it: to it the issuing key's certificate is the end of the chain.
    if (const long depth = X509_get_pathlen(root); depth == 0 || depth == 1) return {Code::refused, "the root has path length " + std::to_string(depth) + ": it may certify no authority that certifies others"};
    return {};
}

/// Everything that makes it stand in for the anchor.
base::Status check_same(X509* cross, const Certificate& anchor) {
    if (der_of(X509_get_X509_PUBKEY(cross), i2d_X509_PUBKEY) != anchor.spki())
        return {Code::refused, "the certificate is for another key than the issuing key of UKEY " + describe(anchor.subject())};
    const X509Owner own = parse_der<X509Owner>(anchor.der(), d2i_X509);
    must(own != nullptr, "parsing a certificate again");
    if (der_of(X509_get_subject_name(cross), i2d_X509_NAME) != der_of(X509_get_subject_name(own.get()), i2d_X509_NAME))
        return {Code::refused, "the certificate has another subject than the trust anchor: UKEY certificates would not chain to it"};
    if (octets(X509_get0_subject_key_id(cross)) != anchor.subject_key_id())
        return {Code::refused, "the certificate has another subject key id than the trust anchor: UKEY certificates would not chain to it"};
    constexpr std::uint32_t kUsage = KU_KEY_CERT_SIGN | KU_CRL_SIGN;
    if ((X509_get_extension_flags(cross) & EXFLAG_CA) == 0 || X509_get_pathlen(cross) != 1 || X509_get_key_usage(cross) != kUsage)
        return {Code::refused, "the certificate is not that of an authority of path length 1 which signs certificates and revocation lists"};
    return {};
}

base::Status check_chain(X509* cross, X509* root, base::Millis now) {
    const StoreOwner store(X509_STORE_new());
    const StoreContextOwner context(X509_STORE_CTX_new());
    must(store && context && X509_STORE_add_cert(store.get(), root) == 1 && X509_STORE_CTX_init(context.get(), store.get(), cross, nullptr) == 1, "X509_STORE");
    X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(rules, static_cast<std::time_t>(now / base::kSecond));
    // The root's own signature as well: what is handed out as a root must be one.
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_CHECK_SS_SIGNATURE);
    if (X509_verify_cert(context.get()) == 1) return {};
    ERR_clear_error();
    const int error = X509_STORE_CTX_get_error(context.get());
    const std::string why = X509_verify_cert_error_string(error);
    const std::string what = X509_STORE_CTX_get_error_depth(context.get()) == 0 ? "the certificate" : "the root";
    switch (error) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID: return {Code::expired, what + ": " + why};
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return {Code::key_invalid, "the root did not sign the certificate: " + why};
        default: return {Code::refused, what + ": " + why};
    }
}

}  // namespace

std::string CrossCertificate::pem() const { return to_pem_block(der, PEM_STRING_X509); }
std::string CrossCertificate::root_pem() const { return to_pem_block(root, PEM_STRING_X509); }

base::Result<CrossCertificate> read_cross(base::ByteView der, base::ByteView root) {
    KMP_TRY(const X509Owner cross, parse(der, "the certificate"));
    KMP_TRY(const X509Owner issuer, parse(root, "the root"));
    CrossCertificate out{base::to_bytes(der), base::to_bytes(root), 0};
    KMP_TRY(out.not_after, decode_time(X509_get0_notAfter(cross.get())));
    return out;
}

base::Result<CrossCertificate> verify_cross(std::string_view pem, std::string_view root_pem, const Certificate& anchor, base::Millis now) {
    KMP_TRY(const base::Bytes cross_der, from_pem_block(pem, PEM_STRING_X509));
    KMP_TRY(const base::Bytes root_der, from_pem_block(root_pem, PEM_STRING_X509));
    KMP_TRY(const X509Owner cross, parse(cross_der, "the certificate"));
    KMP_TRY(const X509Owner root, parse(root_der, "the root"));
    KMP_CHECK(check_root(root.get(), anchor));
    KMP_CHECK(check_same(cross.get(), anchor));
    KMP_CHECK(check_chain(cross.get(), root.get(), now));
    return read_cross(cross_der, root_der);
}

}  // namespace pki
