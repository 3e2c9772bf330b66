#pragma once
#include <compare>
#include <optional>

#include "model/keys.h"
#include "model/ukey.h"
#include "pkcs11/session.h"

/// How our objects are named on a token, and which attributes they have. Every label starts with `kmp:`.
///
///   kmp:ukey                                this token was initialised by us. A public data object whose value is the UKEY's serial; on a
///                                           token without data objects a certificate that nobody signed, with the serial as its CKA_ID
///   kmp:so-pin                              on a token without a security officer: such a certificate whose CKA_ID is SHA-256 of
///                                           "kmp/v1/so-pin" 00 SO PIN, by which the host tells the right one
///   kmp:key:<name>                          a key UKEY's, user UKEY's ... own keys; CKA_ID `kmp/v1/<kind>/<name>`
///   kmp:master:<class>:<state>:<version>    a class master, numbers in decimal
///   kmp:certificate:<name>                  an X.509 certificate, public
///
/// The kind of a UKEY is read from the CKA_ID of its identity public key, which Provision makes last: a token without it is not
/// provisioned.
namespace tokens::host {

inline constexpr std::string_view kMarkerLabel = "kmp:ukey";
inline constexpr std::string_view kOfficerLabel = "kmp:so-pin";
inline constexpr std::string_view kKeyLabel = "kmp:key:";
inline constexpr std::string_view kMasterLabel = "kmp:master:";
inline constexpr std::string_view kCertificateLabel = "kmp:certificate:";

inline constexpr std::string_view kIdentity = "identity";
inline constexpr std::string_view kTransport = "transport";
inline constexpr std::string_view kIssuing = "issuing";
inline constexpr std::string_view kSigning = "signing";
inline constexpr std::string_view kEncrypt = "encrypt";
inline constexpr std::string_view kMac = "mac";
inline constexpr std::string_view kCheckpoint = "checkpoint";
inline constexpr std::string_view kTls = "tls";
inline constexpr std::string_view kDatabase = "database";
inline constexpr std::string_view kPepper = "pepper";
inline constexpr std::string_view kEscrow = "escrow";
inline constexpr std::string_view kRecovery = "recovery";
inline constexpr std::string_view kTrustAnchor = "trust-anchor";

/// OBJECT IDENTIFIER prime256v1, for CKA_EC_PARAMS.
inline constexpr std::array<std::uint8_t, 10> kP256Oid{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

/// Which class master.
struct MasterId {
    model::KeyClass key_class{};
    model::KeyState state{};
    model::KeyVersion version = 0;
    auto operator<=>(const MasterId&) const = default;
};
std::string label_of(const MasterId& id);
std::optional<MasterId> master_of_label(std::string_view label);
/// malformed: no such class or state. invalid_argument: version out of 0..255, or one that does not fit the state (0 for factory only).
base::Result<MasterId> master_id(std::uint64_t key_class, std::uint64_t state, std::uint64_t version);

std::string key_label(std::string_view name);
std::string key_id(model::UkeyKind kind, std::string_view name);
/// The kind in a CKA_ID of key_id(kind, kIdentity).
std::optional<model::UkeyKind> kind_of_identity(base::ByteView id);

/// Puts `kmp:ukey` on the token. Needs a login. token_failed: it cannot be read back.
base::Status put_marker(pkcs11::Session& session, std::string_view ukey);
/// The serial in `kmp:ukey`; empty where there is none.
base::Result<std::string> marked_serial(pkcs11::Session& session);

/// A public certificate object. errors: malformed (not one X.509 certificate)
base::Result<pkcs11::Template> certificate_object(std::string_view label, std::string_view id, base::ByteView der);

/// A key of the vault that is no class master: it seals SO PINs, or peppers PINs.
enum class VaultKey : std::uint8_t { escrow, pepper };
std::string_view name(VaultKey key) noexcept;
std::optional<VaultKey> vault_key(std::string_view name) noexcept;
/// As an object of a UKEY of this kind. In the vault EXTRACTABLE under a trusted key, elsewhere not at all. Without CKA_VALUE_LEN: 32.
pkcs11::Template vault_key_object(VaultKey key, model::UkeyKind on);

/// In the vault: SENSITIVE, EXTRACTABLE under a trusted key only, derives but does not encrypt, and cannot be changed or copied.
pkcs11::Template vault_master(const MasterId& id);
/// On a receiver: SENSITIVE, not EXTRACTABLE, derives but does not encrypt; copied to a session object for speed.
pkcs11::Template receiver_master(const MasterId& id);

}  // namespace tokens::host
