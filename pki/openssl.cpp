#include "pki/openssl.h"


#include <array>
#include <ctime>
#include <stdexcept>

namespace pki {
namespace {

constexpr base::Millis kEndOf9999 = 253402300799999;
constexpr std::size_t kMaxField = 64;  // ub-organization-name, ub-common-name
constexpr std::size_t kMaxPem = 1 << 20;

base::Status check_text(std::string_view text, std::string_view what, std::size_t most) {
    if (text.empty()) return {base::Code::invalid_argument, std::string(what) + " is empty"};
    std::size_t characters = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) return {base::Code::invalid_argument, std::string(what) + " holds a control character"};
        if ((byte & 0xC0) != 0x80) ++characters;
    }
    if (characters > most) return {base::Code::invalid_argument, std::string(what) + " has more than " + std::to_string(most) + " characters"};
    return {};
}

base::Result<std::string> entry_text(const X509_NAME* name, int at, int nid) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, at);
    // Each relative name holds one attribute: X509_NAME_ENTRY_set numbers them.
    if (entry == nullptr || OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) != nid || X509_NAME_ENTRY_set(entry) != at)
        return {base::Code::malformed, "a name that is not O, OU, CN and perhaps a holder: it is not one of ours"};
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
    if (size < 0) return openssl_error(base::Code::malformed, "a name that is no text");
    std::string out(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    return out;
}

}  // namespace

base::Error openssl_error(base::Code code, std::string what) {
    const unsigned long error = ERR_peek_last_error();
    if (const char* reason = error != 0 ? ERR_reason_error_string(error) : nullptr) what.append(": ").append(reason);
    ERR_clear_error();
    return {code, std::move(what), static_cast<std::int64_t>(error)};
}

void must(bool ok, const char* what) {
    if (!ok) throw std::runtime_error(openssl_error(base::Code::internal, std::string("OpenSSL failed at ") + what).message);
}

base::Result<base::Bytes> from_pem_block(std::string_view pem, std::string_view label) {
    if (pem.size() > kMaxPem) return {base::Code::malformed, "a PEM file of more than a megabyte"};
    // OpenSSL gives no buffer over nothing.
    if (pem.empty()) return {base::Code::malformed, "it is empty: no PEM block '" + std::string(label) + "'"};
    const Owned<BIO, BIO_free_all> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    must(in != nullptr, "BIO_new_mem_buf");
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio(in.get(), &name, &header, &data, &size) != 1)
        return openssl_error(base::Code::malformed, "no PEM block '" + std::string(label) + "'");
    const bool right = label == name;
    base::Bytes out(data, data + size);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    if (!right) return {base::Code::malformed, "the PEM block is not a '" + std::string(label) + "'"};
    return out;
}

std::string to_pem_block(base::ByteView der, const char* label) {
    const Owned<BIO, BIO_free_all> out(BIO_new(BIO_s_mem()));
    must(out != nullptr, "BIO_new");
    must(PEM_write_bio(out.get(), label, "", der.data(), static_cast<long>(der.size())) > 0, "PEM_write_bio");
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
}

base::Result<PublicKeyOwner> parse_spki(base::ByteView spki) {
    PublicKeyOwner key = parse_der<PublicKeyOwner>(spki, d2i_PUBKEY);
    if (!key) return openssl_error(base::Code::malformed, "a public key that is no DER SubjectPublicKeyInfo");
    return key;
}

base::Status check_subject(const Subject& subject) {
    KMP_CHECK(check_text(subject.utility, "the utility's name", kMaxField));
    KMP_CHECK(model::ukey_kind_from(static_cast<std::uint64_t>(subject.kind)));
    KMP_CHECK(base::check_name(subject.ukey.text(), "UKEY serial"));
    if (!subject.holder.empty()) KMP_CHECK(check_text(subject.holder, "the holder's name", kMaxField));
    return {};
}

base::Result<X509NameOwner> encode_name(const Subject& subject) {
    KMP_CHECK(check_subject(subject));
    X509NameOwner out(X509_NAME_new());
    must(out != nullptr, "X509_NAME_new");
    const auto add = [&](int nid, std::string_view text) {
        return X509_NAME_add_entry_by_NID(out.get(), nid, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
                                          static_cast<int>(text.size()), -1, 0) == 1;
    };
    if (!add(NID_organizationName, subject.utility)) return openssl_error(base::Code::invalid_argument, "the utility's name");
    must(add(NID_organizationalUnitName, model::name(subject.kind)), "OU");
    must(add(NID_commonName, subject.ukey.text()), "CN");
    if (!subject.holder.empty() && !add(NID_name, subject.holder)) return openssl_error(base::Code::invalid_argument, "the holder's name");
    return out;
}

base::Result<Subject> decode_name(const X509_NAME* name) {
    const int count = X509_NAME_entry_count(name);
    if (count != 3 && count != 4) return {base::Code::malformed, "a name of " + std::to_string(count) + " parts: it is not one of ours"};
    Subject out;
    KMP_TRY(out.utility, entry_text(name, 0, NID_organizationName));
    KMP_TRY(const std::string kind, entry_text(name, 1, NID_organizationalUnitName));
    KMP_TRY(const std::string ukey, entry_text(name, 2, NID_commonName));
    if (count == 4) {
        KMP_TRY(out.holder, entry_text(name, 3, NID_name));
        if (out.holder.empty()) return {base::Code::malformed, "a holder without a name"};
    }
    const auto parsed_kind = model::parse_ukey_kind(kind);
    if (!parsed_kind) return {base::Code::malformed, parsed_kind.error().message};
    out.kind = *parsed_kind;
    auto serial = base::UkeySerial::parse(ukey);
    if (!serial) return {base::Code::malformed, serial.error().message};
    out.ukey = std::move(*serial);
    if (const auto checked = check_subject(out); !checked) return {base::Code::malformed, checked.error().message};
    return out;
}

std::string describe(const Subject& subject) { return subject.ukey.text() + " (" + std::string(model::name(subject.kind)) + ")"; }

base::Result<TimeOwner> encode_time(base::Millis time) {
    if (time < 0 || time > kEndOf9999) return {base::Code::invalid_argument, "a time outside the years 1970 to 9999"};
    TimeOwner out(ASN1_TIME_set(nullptr, static_cast<std::time_t>(time / base::kSecond)));
    must(out != nullptr, "ASN1_TIME_set");
    return out;
}

base::Result<base::Millis> decode_time(const ASN1_TIME* time) {
    std::tm broken{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &broken) != 1) return openssl_error(base::Code::malformed, "a time that does not parse");
    return static_cast<base::Millis>(timegm(&broken)) * base::kSecond;
}

base::Result<base::Bytes> decode_serial(const ASN1_INTEGER* serial) {
    const int size = ASN1_STRING_length(serial);
    if (size < 1 || size > 20 || ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER) return {base::Code::malformed, "a serial number that is not 1 to 20 positive bytes"};
    base::Bytes out(ASN1_STRING_get0_data(serial), ASN1_STRING_get0_data(serial) + size);
    if (size == 1 && out[0] == 0) return {base::Code::malformed, "the serial number 0"};
    return out;
}

IntegerOwner encode_serial(base::ByteView serial) {
    const Owned<BIGNUM, BN_free> number(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
    must(number != nullptr, "BN_bin2bn");
    IntegerOwner out(BN_to_ASN1_INTEGER(number.get(), nullptr));
    must(out != nullptr, "BN_to_ASN1_INTEGER");
    return out;
}

base::Bytes octets(const ASN1_OCTET_STRING* string) {
    if (string == nullptr) return {};
    const unsigned char* data = ASN1_STRING_get0_data(string);
    return base::Bytes(data, data + ASN1_STRING_length(string));
}

AuthorityKeyIdOwner encode_authority_key_id(base::ByteView key_id) {
    AuthorityKeyIdOwner out(AUTHORITY_KEYID_new());
    must(out != nullptr, "AUTHORITY_KEYID_new");
    out->keyid = ASN1_OCTET_STRING_new();
    must(out->keyid != nullptr && ASN1_OCTET_STRING_set(out->keyid, key_id.data(), static_cast<int>(key_id.size())) == 1, "key id");
    return out;
}

base::Status check_time(std::string_view what, base::Millis from, base::Millis until, base::Millis now) {
    if (now < from) return {base::Code::expired, std::string(what) + " is not valid before " + base::to_rfc3339(from)};
    // not_after is the last second in which it is valid (RFC 5280, 4.1.2.5).
    if (now >= until + base::kSecond) return {base::Code::expired, std::string(what) + " expired at " + base::to_rfc3339(until)};
    return {};
}

base::Status check_period(base::Millis from, base::Millis until) {
    if (until / base::kSecond <= from / base::kSecond) return {base::Code::invalid_argument, "a validity that ends before it begins"};
    return {};
}

bool is_ecdsa_sha256(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* object = nullptr;
    int parameters = V_ASN1_UNDEF;
    X509_ALGOR_get0(&object, &parameters, nullptr, algorithm);
    return OBJ_obj2nid(object) == NID_ecdsa_with_SHA256 && parameters == V_ASN1_UNDEF;
}

base::Result<base::Bytes> sign_and_seal(base::ByteView tbs, Signer& signer) {
    // AlgorithmIdentifier { 1.2.840.10045.4.3.2 }, parameters absent (RFC 5758, 3.2).
    constexpr std::array<std::uint8_t, 12> kAlgorithm{0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
    KMP_TRY(const base::Bytes signature, signer.sign_tbs(tbs));
    const int bits = static_cast<int>(signature.size()) + 1;  // one byte says that no bit is unused
    const int inside = static_cast<int>(tbs.size() + kAlgorithm.size()) + ASN1_object_size(0, bits, V_ASN1_BIT_STRING);
    base::Bytes out(static_cast<std::size_t>(ASN1_object_size(1, inside, V_ASN1_SEQUENCE)));
    unsigned char* at = out.data();
    ASN1_put_object(&at, 1, inside, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
    at = std::copy(tbs.begin(), tbs.end(), at);
    at = std::copy(kAlgorithm.begin(), kAlgorithm.end(), at);
    ASN1_put_object(&at, 0, bits, V_ASN1_BIT_STRING, V_ASN1_UNIVERSAL);
    *at++ = 0;
    std::copy(signature.begin(), signature.end(), at);
    return out;
}

}  // namespace pki
