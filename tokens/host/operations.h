#pragma once
#include <span>

#include "base/ids.h"
#include "tokens/host/abilities.h"
#include "tokens/host/frame.h"
#include "tokens/host/meter_keys.h"
#include "tokens/host/token.h"

namespace tokens::host {

/// Everything that one tokenhost process holds.
struct Host {
    explicit Host(Source source) : token(std::move(source)), meter_keys(token) {}
    Token token;
    MeterKeys meter_keys;
    Abilities abilities;        ///< found out before a UKEY is provisioned
    base::Secret armed_so_pin;  ///< from ArmSoPin to the next WrapMasters, or the end of the login
};

/// One request on its way: what came, and what goes back.
struct Call {
    const pb::HostRequest& request;
    std::vector<RoleSecret>& secrets;
    pb::HostReply& reply;
    std::vector<RoleSecret>& reply_secrets;
};

using Handler = base::Status (*)(Host&, Call&);

/// Kinds of UKEY as bits; bit 0 is a token that is not provisioned.
using KindSet = std::uint8_t;
constexpr KindSet bit(model::UkeyKind kind) noexcept { return static_cast<KindSet>(1u << static_cast<unsigned>(kind)); }
inline constexpr KindSet kUnprovisioned = 1;

/// Which operation is legal for which UKEY, and when.
struct Rule {
    pb::HostRequest::OperationCase operation;
    std::string_view name;
    KindSet kinds;
    enum class Needs : std::uint8_t { nothing, token, login } needs;
    Handler handler;
};
std::span<const Rule> rules() noexcept;

/// Performs one request and appends the frames of its reply. Secrets left over are wiped.
/// malformed: `payload` is no HostRequest; the connection is closed then. Every other trouble is a HostFailure in the reply.
base::Status perform(Host& host, base::ByteView payload, std::vector<RoleSecret> secrets, base::Bytes& out);

/// Between requests, when nothing waits (`idle`) or in any case: lets SoftHSM2 free what it piles up.
void keep_house(Host& host, bool idle);

// The families of operations, each in a file of its own.
base::Status probe(Host&, Call&);               // provision.cpp
base::Status initialise(Host&, Call&);
base::Status provision(Host&, Call&);
base::Status login(Host&, Call&);               // pins.cpp
base::Status logout(Host&, Call&);
base::Status seal_so_pin(Host&, Call&);
base::Status arm_so_pin(Host&, Call&);
base::Status open_so_pin(Host&, Call&);
base::Status sign_tbs(Host&, Call&);            // signing.cpp
base::Status sign_statement(Host&, Call&);
base::Status sign_checkpoint(Host&, Call&);
base::Status sign_tls(Host&, Call&);
base::Status sign_station(Host&, Call&);
base::Status store_certificate(Host&, Call&);   // certificates.cpp
base::Status read_certificates(Host&, Call&);
base::Status wrap_masters(Host&, Call&);        // vault.cpp
base::Status unwrap_masters(Host&, Call&);
base::Status list_masters(Host&, Call&);
base::Status make_masters(Host&, Call&);
base::Status destroy_masters(Host&, Call&);
base::Status meter_authenticate(Host&, Call&);  // meter_fields.cpp
base::Status order_mac(Host&, Call&);
base::Status status_mac(Host&, Call&);
base::Status relay_command(Host&, Call&);
base::Status validity_mac(Host&, Call&);
base::Status parameter_mac(Host&, Call&);
base::Status read_back_mac(Host&, Call&);
base::Status card_authenticate(Host&, Call&);   // card_fields.cpp
base::Status card_key_write(Host&, Call&);
base::Status card_update(Host&, Call&);
base::Status card_purchase(Host&, Call&);
base::Status card_read_mac(Host&, Call&);
base::Status key_update(Host&, Call&);          // key_update.cpp
base::Status change_pin(Host&, Call&);          // life.cpp
base::Status reset_pin(Host&, Call&);
base::Status erase(Host&, Call&);
base::Status change_so_pin(Host&, Call&);
base::Status nonce(Host&, Call&);
base::Status open_share(Host&, Call&);          // opened.cpp
base::Status open_export_key(Host&, Call&);
base::Status data_sign(Host&, Call&);           // data_keys.cpp
base::Status data_random(Host&, Call&);
base::Status data_encrypt(Host&, Call&);
base::Status data_decrypt(Host&, Call&);
base::Status data_mac(Host&, Call&);
base::Status recover_database_key(Host&, Call&);  // opened.cpp, as open_share
base::Status pepper(Host&, Call&);              // platform_keys.cpp
base::Status wrap_database_key(Host&, Call&);
base::Status unwrap_database_key(Host&, Call&);
base::Status seal_pin(Host&, Call&);
base::Status open_pin(Host&, Call&);

// Shared by the families.
/// A public key of the token as SubjectPublicKeyInfo.
base::Result<base::Bytes> spki_of(Token& token, std::string_view name);
/// DER certificates on the token, by name.
base::Result<std::vector<std::pair<std::string, base::Bytes>>> certificates_on(Token& token);
/// r || s over SHA-256(message) with a P-256 key. Checked with the public key before it is answered: a faulty signature can give
/// its key away, and a module may lie. token_failed: it does not hold.
base::Result<base::Bytes> sign_message(Token& token, std::string_view key, base::ByteView message);
/// AES-256-GCM under a key of the token: 12-byte IV drawn in the token, ciphertext, 16-byte tag.
base::Result<base::Bytes> seal_blob(Token& token, std::string_view key, base::ByteView associated, const base::Secret& secret);
base::Result<base::Secret> open_blob(Token& token, std::string_view key, base::ByteView associated, base::ByteView blob);

inline base::ByteView view(const std::string& field) noexcept { return base::as_bytes(field); }
inline void set(std::string* field, base::ByteView bytes) { field->assign(base::as_text(bytes)); }

}  // namespace tokens::host
