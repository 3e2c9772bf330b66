#include "pki/profile.h"

#include <array>

#include "model/oids.h"
#include "pki/openssl.h"

namespace pki {
namespace {

using model::UkeyKind;

constexpr unsigned kind_bit(UkeyKind kind) { return 1u << static_cast<unsigned>(kind); }
constexpr unsigned type_bit(KeyType type) { return 1u << static_cast<unsigned>(type); }
constexpr unsigned kAll = kind_bit(UkeyKind::master_control) | kind_bit(UkeyKind::officer) | kind_bit(UkeyKind::key) | kind_bit(UkeyKind::user) |
                          kind_bit(UkeyKind::auditor) | kind_bit(UkeyKind::platform);
// serverAuth and clientAuth (RFC 5280, 4.2.1.12): the platform is a server to stations and a client of an encryption machine.
constexpr const char* kTlsUsage = "1.3.6.1.5.5.7.3.1, 1.3.6.1.5.5.7.3.2";

constexpr std::array kRules{
    ProfileRules{Profile::issuing, "issuing", nullptr, "critical,keyCertSign,cRLSign", KU_KEY_CERT_SIGN | KU_CRL_SIGN, kind_bit(UkeyKind::master_control),
                 type_bit(KeyType::p256)},
    ProfileRules{Profile::identity, "identity", model::kOidIdentity, "critical,digitalSignature", KU_DIGITAL_SIGNATURE, kAll, type_bit(KeyType::p256)},
    ProfileRules{Profile::transport, "transport", model::kOidTransport, "critical,keyEncipherment", KU_KEY_ENCIPHERMENT,
                 kAll, type_bit(KeyType::rsa)},
    ProfileRules{Profile::checkpoint, "checkpoint", model::kOidCheckpoint, "critical,digitalSignature", KU_DIGITAL_SIGNATURE, kind_bit(UkeyKind::platform),
                 type_bit(KeyType::ed25519) | type_bit(KeyType::p256)},
    ProfileRules{Profile::signing, "signing", model::kOidSigning, "critical,digitalSignature,nonRepudiation", KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION,
                 kind_bit(UkeyKind::user), type_bit(KeyType::p256)},
    ProfileRules{Profile::tls, "tls", kTlsUsage, "critical,digitalSignature", KU_DIGITAL_SIGNATURE, kind_bit(UkeyKind::platform),
                 type_bit(KeyType::p256) | type_bit(KeyType::rsa) | type_bit(KeyType::ed25519)},
};

}  // namespace

const ProfileRules& rules(Profile profile) noexcept { return kRules[static_cast<std::size_t>(profile) - 1]; }

std::string_view name(Profile profile) noexcept { return rules(profile).name; }

std::string_view name(KeyType type) noexcept {
    switch (type) {
        case KeyType::rsa: return "RSA";
        case KeyType::p256: return "P-256";
        case KeyType::ed25519: return "Ed25519";
    }
    return "?";
}

base::Result<Profile> parse_profile(std::string_view text) {
    for (const ProfileRules& r : kRules)
        if (text == r.name) return r.profile;
    return {base::Code::invalid_argument, "'" + std::string(text) + "' is not a certificate profile: issuing, identity, transport, checkpoint, signing or tls"};
}

base::Result<Profile> profile_of_usage(std::string_view extended_key_usage) {
    for (const ProfileRules& r : kRules)
        if (r.extended_key_usage != nullptr && extended_key_usage == r.extended_key_usage) return r.profile;
    return {base::Code::malformed, "no profile of ours has the extended key usage '" + std::string(extended_key_usage) + "'"};
}

std::string policy_of(model::UkeyKind kind) { return std::string(model::kOidKindPolicy) + "." + std::to_string(static_cast<unsigned>(kind)); }

bool has_key(model::UkeyKind kind, Profile profile) noexcept { return (rules(profile).kinds & kind_bit(kind)) != 0; }

base::Status check_profile(Profile profile, model::UkeyKind kind, KeyType type) {
    if (!has_key(kind, profile))
        return {base::Code::invalid_argument, "a UKEY of kind " + std::string(model::name(kind)) + " has no " + std::string(name(profile)) + " key"};
    if ((rules(profile).key_types & type_bit(type)) == 0)
        return {base::Code::invalid_argument, "the " + std::string(name(profile)) + " key may not be of type " + std::string(name(type))};
    return {};
}

base::Result<KeyType> key_type_of(base::ByteView spki) {
    constexpr int kLeastRsaBits = 2048;
    KMP_TRY(const PublicKeyOwner key, parse_spki(spki));
    if (EVP_PKEY_is_a(key.get(), "ED25519") == 1) return KeyType::ed25519;
    if (EVP_PKEY_is_a(key.get(), "RSA") == 1) {
        if (EVP_PKEY_get_bits(key.get()) >= kLeastRsaBits) return KeyType::rsa;
        return {base::Code::unsupported, "an RSA key of less than " + std::to_string(kLeastRsaBits) + " bits"};
    }
    if (EVP_PKEY_is_a(key.get(), "EC") == 1) {
        char group[32] = {};
        std::size_t size = 0;
        if (EVP_PKEY_get_group_name(key.get(), group, sizeof group, &size) == 1 && std::string_view(group, size) == SN_X9_62_prime256v1) return KeyType::p256;
    }
    return {base::Code::unsupported, "a public key that is none of RSA, P-256 and Ed25519"};
}

base::Status check_purpose(const Certificate& cert, model::UkeyKind kind, Profile profile) {
    if (cert.subject().kind == kind && cert.profile() == profile) return {};
    return {base::Code::refused, "the certificate of UKEY " + describe(cert.subject()) + " is for its " + std::string(name(cert.profile())) + " key; wanted is the " +
                                     std::string(name(profile)) + " key of a UKEY of kind " + std::string(model::name(kind))};
}

}  // namespace pki
