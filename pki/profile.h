#pragma once
#include "pki/certificate.h"

// Private to this room: the table behind docs/PKI.md.
namespace pki {

struct ProfileRules {
    Profile profile;
    const char* name;
    const char* extended_key_usage;  ///< as X509V3_EXT_conf takes it; null for the CA
    const char* key_usage;
    std::uint32_t key_usage_bits;    ///< the same, as X509_get_key_usage gives it
    unsigned kinds;                  ///< bit (number of UkeyKind) for each kind that has such a key
    unsigned key_types;              ///< bit (number of KeyType)
};

const ProfileRules& rules(Profile profile) noexcept;
/// malformed: no profile has this extended key usage (its dotted OIDs, in order, joined by ", ").
base::Result<Profile> profile_of_usage(std::string_view extended_key_usage);
/// The dotted OID of the certificate policy of a kind.
std::string policy_of(model::UkeyKind kind);
/// invalid_argument: UKEYs of this kind have no such key, or it may not be of this type.
base::Status check_profile(Profile profile, model::UkeyKind kind, KeyType type);
std::string_view name(KeyType) noexcept;

}  // namespace pki
