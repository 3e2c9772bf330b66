#include "pki/crl.h"

#include <openssl/ec.h>

#include <algorithm>

#include "pki/openssl.h"

namespace pki {
namespace {

constexpr std::size_t kMaxCrl = 64u << 20;

base::Error not_ours(std::string_view why) { return {base::Code::malformed, "a revocation list " + std::string(why)}; }

base::Result<Reason> reason_from(long number) {
    for (const Reason r : {Reason::unspecified, Reason::key_compromise, Reason::affiliation_changed, Reason::superseded, Reason::cessation, Reason::hold})
        if (number == static_cast<long>(r)) return r;
    return not_ours("with the unknown reason " + std::to_string(number));
}

base::Result<Revoked> read_entry(const X509_REVOKED* entry) {
    Revoked out;
    KMP_TRY(out.serial, decode_serial(X509_REVOKED_get0_serialNumber(entry)));
    KMP_TRY(out.when, decode_time(X509_REVOKED_get0_revocationDate(entry)));
    for (int i = 0; i < X509_REVOKED_get_ext_count(entry); ++i)
        if (X509_EXTENSION_get_critical(X509_REVOKED_get_ext(entry, i)) != 0) return not_ours("with a critical extension of an entry");
    int critical = 0;
    const EnumeratedOwner reason(static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, &critical, nullptr)));
    if (reason) {
        KMP_TRY(out.reason, reason_from(ASN1_ENUMERATED_get(reason.get())));
    } else if (critical != -1) {
        return not_ours("with a broken reason");
    }
    return out;
}

void add_entry(X509_CRL* crl, const Revoked& revoked, const ASN1_TIME* when) {
    Owned<X509_REVOKED, X509_REVOKED_free> entry(X509_REVOKED_new());
    const IntegerOwner serial = encode_serial(revoked.serial);
    must(entry && X509_REVOKED_set_serialNumber(entry.get(), serial.get()) == 1 &&
             X509_REVOKED_set_revocationDate(entry.get(), const_cast<ASN1_TIME*>(when)) == 1,
         "X509_REVOKED");
    if (revoked.reason != Reason::unspecified) {  // which should be absent rather than said: RFC 5280, 5.3.1
        const EnumeratedOwner reason(ASN1_ENUMERATED_new());
        must(reason && ASN1_ENUMERATED_set(reason.get(), static_cast<long>(revoked.reason)) == 1 &&
                 X509_REVOKED_add1_ext_i2d(entry.get(), NID_crl_reason, reason.get(), 0, 0) == 1,
             "CRLReason");
    }
    must(X509_CRL_add0_revoked(crl, entry.get()) == 1, "X509_CRL_add0_revoked");
    entry.release();
}

/// A list names its algorithm inside what is signed, and OpenSSL lets nobody set that field but its own signing. So a key
/// that is thrown away signs first; the token signs the finished bytes.
base::Bytes with_algorithm(X509_CRL* crl) {
    const PublicKeyOwner ephemeral(EVP_EC_gen("P-256"));
    must(ephemeral && X509_CRL_sign(crl, ephemeral.get(), EVP_sha256()) > 0, "X509_CRL_sign");
    return der_of(crl, i2d_re_X509_CRL_tbs);
}

}  // namespace

std::string_view name(Reason reason) noexcept {
    switch (reason) {
        case Reason::unspecified: return "unspecified";
        case Reason::key_compromise: return "key-compromise";
        case Reason::affiliation_changed: return "affiliation-changed";
        case Reason::superseded: return "superseded";
        case Reason::cessation: return "cessation";
        case Reason::hold: return "hold";
    }
    return "?";
}

base::Result<Crl> Crl::from_der(base::ByteView der) {
    if (der.size() > kMaxCrl) return not_ours("of more than 64 MiB");
    const X509CrlOwner crl = parse_der<X509CrlOwner>(der, d2i_X509_CRL);
    if (!crl) return openssl_error(base::Code::malformed, "not one DER revocation list");
    Crl out;
    out.der_ = base::to_bytes(der);
    if (der_of(crl.get(), i2d_X509_CRL) != out.der_) return not_ours("that is not in DER");
    const X509_ALGOR* algorithm = nullptr;
    X509_CRL_get0_signature(crl.get(), nullptr, &algorithm);
    if (!is_ecdsa_sha256(algorithm)) return not_ours("that is not signed with ecdsa-with-SHA256");
    if (X509_CRL_get_version(crl.get()) != X509_CRL_VERSION_2) return not_ours("that is not of version 2");
    for (int i = 0; i < X509_CRL_get_ext_count(crl.get()); ++i)
        if (X509_EXTENSION_get_critical(X509_CRL_get_ext(crl.get(), i)) != 0) return not_ours("with a critical extension: it may be partial");
    KMP_TRY(out.issuer_, decode_name(X509_CRL_get_issuer(crl.get())));
    KMP_TRY(out.this_update_, decode_time(X509_CRL_get0_lastUpdate(crl.get())));
    KMP_TRY(out.next_update_, decode_time(X509_CRL_get0_nextUpdate(crl.get())));
    const IntegerOwner number(static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl.get(), NID_crl_number, nullptr, nullptr)));
    if (!number || ASN1_INTEGER_get_uint64(&out.number_, number.get()) != 1) {
        ERR_clear_error();
        return not_ours("without a number of at most 64 bits");
    }
    const AuthorityKeyIdOwner authority(static_cast<AUTHORITY_KEYID*>(X509_CRL_get_ext_d2i(crl.get(), NID_authority_key_identifier, nullptr, nullptr)));
    if (!authority || authority->keyid == nullptr) return not_ours("without an authority key id");
    out.authority_key_id_ = octets(authority->keyid);
    STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl.get());
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
        KMP_TRY(Revoked entry, read_entry(sk_X509_REVOKED_value(entries, i)));
        out.revoked_.push_back(std::move(entry));
    }
    std::ranges::sort(out.revoked_, {}, &Revoked::serial);
    if (std::ranges::adjacent_find(out.revoked_, {}, &Revoked::serial) != out.revoked_.end()) return not_ours("that names a certificate twice");
    return out;
}

base::Result<Crl> Crl::from_pem(std::string_view pem) {
    KMP_TRY(const base::Bytes der, from_pem_block(pem, PEM_STRING_X509_CRL));
    return from_der(der);
}

std::string Crl::pem() const { return to_pem_block(der_, PEM_STRING_X509_CRL); }

std::optional<Revoked> Crl::find(base::ByteView serial) const {
    const base::Bytes wanted = base::to_bytes(serial);
    const auto at = std::ranges::lower_bound(revoked_, wanted, {}, &Revoked::serial);
    if (at == revoked_.end() || at->serial != wanted) return std::nullopt;
    return *at;
}

base::Result<Crl> issue_crl(const CrlOrder& order, const Certificate& issuer, Signer& signer) {
    if (issuer.profile() != Profile::issuing) return {base::Code::refused, "UKEY " + describe(issuer.subject()) + " gave no issuing certificate: it cannot revoke"};
    KMP_CHECK(check_period(order.this_update, order.next_update));
    KMP_TRY(const X509NameOwner issuer_name, encode_name(issuer.subject()));
    KMP_TRY(const TimeOwner this_update, encode_time(order.this_update));
    KMP_TRY(const TimeOwner next_update, encode_time(order.next_update));
    const X509CrlOwner crl(X509_CRL_new());
    const IntegerOwner number(ASN1_INTEGER_new());
    const AuthorityKeyIdOwner authority = encode_authority_key_id(issuer.subject_key_id());
    must(crl && number && ASN1_INTEGER_set_uint64(number.get(), order.number) == 1 && X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1 &&
             X509_CRL_set_issuer_name(crl.get(), issuer_name.get()) == 1 && X509_CRL_set1_lastUpdate(crl.get(), this_update.get()) == 1 &&
             X509_CRL_set1_nextUpdate(crl.get(), next_update.get()) == 1 &&
             X509_CRL_add1_ext_i2d(crl.get(), NID_authority_key_identifier, authority.get(), 0, 0) == 1 &&
             X509_CRL_add1_ext_i2d(crl.get(), NID_crl_number, number.get(), 0, 0) == 1,
         "filling a revocation list");
    for (const Revoked& revoked : order.revoked) {
        if (revoked.serial.empty() || revoked.serial.size() > 20 || revoked.serial[0] == 0)
            return {base::Code::invalid_argument, "a revoked certificate whose serial number is not 1 to 20 bytes without leading zeros"};
        KMP_TRY(const TimeOwner when, encode_time(revoked.when));
        add_entry(crl.get(), revoked, when.get());
    }
    must(X509_CRL_sort(crl.get()) == 1, "X509_CRL_sort");
    KMP_TRY(const base::Bytes der, sign_and_seal(with_algorithm(crl.get()), signer));
    auto out = Crl::from_der(der);
    if (!out) return base::Error{base::Code::invalid_argument, out.error().message};
    KMP_CHECK(verify(*out, issuer, order.this_update));
    return out;
}

base::Status verify(const Crl& crl, const Certificate& anchor, base::Millis now) {
    const std::string what = "the revocation list " + std::to_string(crl.number()) + " of UKEY " + describe(crl.issuer());
    if (anchor.profile() != Profile::issuing) return {base::Code::refused, "the certificate of UKEY " + describe(anchor.subject()) + " is no issuing certificate"};
    if (crl.issuer() != anchor.subject() || crl.authority_key_id() != anchor.subject_key_id())
        return {base::Code::refused, what + " is not from " + describe(anchor.subject()) + " or not from the key of its issuing certificate"};
    KMP_TRY(const PublicKeyOwner key, parse_spki(anchor.spki()));
    const X509CrlOwner parsed = parse_der<X509CrlOwner>(crl.der(), d2i_X509_CRL);
    must(parsed != nullptr, "parsing a revocation list again");
    if (X509_CRL_verify(parsed.get(), key.get()) != 1) return openssl_error(base::Code::key_invalid, what + " has a signature that does not hold");
    return check_time(what, crl.this_update(), crl.next_update(), now);
}

}  // namespace pki
