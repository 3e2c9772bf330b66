#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "tokens/host/token.h"

/// What a token can do, found out by doing it: a mechanism list says neither what works unlisted (NSS softokn derives) nor what is
/// listed and answers wrongly. Every trial has an answer that is known beforehand or that OpenSSL checks.
namespace tokens::host {

/// One thing that some kind of UKEY needs.
enum class Ability : std::uint8_t { sign, random, unwrap, wrap, decrypt, derive, cmac, cbc, gcm, key_wrap, hmac };
inline constexpr std::size_t kAbilities = 11;

/// The abilities of one token. One thread; the token is logged in while it tries.
class Abilities {
public:
    /// What a UKEY of this kind needs and the token lacks: mechanism names, with the reason where one is listed and fails all the same.
    /// Tries what was not tried before; RSA takes up to a second. Empty: it can serve.
    /// errors: token_removed, and what else says that the token rather than the mechanism is gone
    base::Result<std::vector<std::string>> missing(Token& token, model::UkeyKind kind);
    /// The same without a login, from the mechanism list alone: a forecast. Empty for a token that lists nothing.
    static base::Result<std::vector<std::string>> unlisted(Token& token, model::UkeyKind kind);
    /// Tries this one.
    base::Result<bool> has(Token& token, Ability ability);
    /// What the module ought to forbid and does not, one line each. The host asks for none of it; whoever has the token and its PIN may.
    static base::Result<std::vector<std::string>> cautions(Token& token);
    /// For another token in the same place.
    void forget() noexcept { tried_ = {}; }

private:
    base::Status attempt(Token& token, Ability ability);
    std::array<std::optional<base::Status>, kAbilities> tried_;
};

/// ok when the token has all that the kind needs, else token_unsuitable: "this token cannot serve as a key UKEY: it lacks X, Y".
base::Status suits(Token& token, Abilities& abilities, model::UkeyKind kind);
/// The same before a token is touched, from its list: to try is to initialise, which not every token lets be undone. What is not even
/// listed counts as lacking, but for the derivation that some modules do and do not list.
base::Status may_suit(Token& token, model::UkeyKind kind);

// A key does what it is for, and its public half is its own. token_failed: it does not; the message says what it did.
/// P-256 or, where `spki` is such a key, Ed25519.
base::Status prove_signs(pkcs11::Session& session, pkcs11::PrivateKey key, base::ByteView spki);
base::Status prove_unwraps(pkcs11::Session& session, pkcs11::PrivateKey key, base::ByteView spki);
base::Status prove_decrypts(pkcs11::Session& session, pkcs11::PrivateKey key, base::ByteView spki);
/// A MAC that is the same for the same bytes and another for others.
base::Status prove_macs(pkcs11::Session& session, pkcs11::SecretKey key, const pkcs11::Mechanism& mechanism);
/// AES-GCM: opens what it sealed, and nothing that was changed.
base::Status prove_seals(pkcs11::Session& session, pkcs11::SecretKey key);

}  // namespace tokens::host
