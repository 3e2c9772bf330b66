#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/ukey.h"
#include "pki/signer.h"
#include "tokens/host_channel.h"
#include "tokens/registry.h"
#include "tokens/shares.h"

namespace tokens {

/// Public keys by name: identity, transport, signing, issuing, checkpoint, tls (DER SubjectPublicKeyInfo).
using PublicKeys = std::map<std::string, base::Bytes>;

/// What a vault sends to one receiver.
struct Shipment {
    base::Bytes receiver;                ///< its transport certificate
    base::Bytes receiver_issuer;         ///< issuing certificate of the master-control UKEY that certified it; empty: the trust anchor
    std::vector<MasterName> masters;
    std::vector<std::string> keys;       ///< of the vault: escrow, pepper
};

/// One UKEY as officers' work sees it: each operation of its tokenhost as a blocking call.
/// Errors are the host's; outcome_unknown when the host went while it was changing the token.
/// Thread: a worker, never the I/O thread.
class Token {
public:
    Token(std::shared_ptr<HostChannel> channel, std::string who) : channel_(std::move(channel)), who_(std::move(who)) {}

    /// Makes the token ours; out: its own serial number. Leaves it logged in.
    base::Result<std::string> initialise(const base::UkeySerial& serial, const base::Secret& so_pin, const base::Secret& user_pin,
                                         std::optional<model::UkeyKind> kind = {});
    /// Makes the keys that a UKEY of this kind holds; of a second master-control UKEY without those that come from the first.
    base::Result<PublicKeys> provision(model::UkeyKind kind, bool empty_vault = false);
    base::Status login(base::Secret user_pin);
    base::Status logout();

    base::Result<base::Bytes> sign_tbs(const std::string& key, base::ByteView tbs);
    /// r || s over SHA-256 of "kmp/v1/<purpose>" 00 statement.
    base::Result<base::Bytes> sign_statement(const std::string& purpose, base::ByteView statement);
    base::Result<base::Bytes> sign_checkpoint(std::string_view body);
    /// The certificates on it (DER) by name; it need not be logged in.
    base::Result<std::map<std::string, base::Bytes>> certificates();
    base::Status store_certificate(const std::string& name, base::ByteView der);

    /// master-control: hands its own SO PIN, sealed, to the host, which needs it to mark the receiver's key trusted; then wraps.
    base::Result<pb::WrappedMasters> wrap_masters(const base::UkeySerial& own, base::ByteView own_sealed_so_pin, const Shipment& shipment);
    /// The same with the SO PIN itself, where officers keep it.
    base::Result<pb::WrappedMasters> wrap_masters(base::Secret so_pin, const Shipment& shipment);
    /// `sender`: the issuing certificate of the vault that sent them; empty: it is the trust anchor.
    base::Status unwrap_masters(const pb::WrappedMasters& masters, base::ByteView sender);
    /// master-control: draws masters of a new version, private state. Those that exist stay as they are.
    base::Status make_masters(model::ClassSet classes, model::KeyVersion version);
    base::Status destroy_masters(const std::vector<MasterName>& masters);
    base::Result<base::Bytes> seal_so_pin(const base::UkeySerial& of, const base::Secret& so_pin);
    base::Result<base::Secret> open_so_pin(const base::UkeySerial& of, base::ByteView sealed);

    /// master-control: the database key that was sealed to its recovery key.
    base::Result<base::Secret> recover_database_key(base::ByteView blob);

    /// wrong_pin: the old one.
    base::Status change_pin(base::Secret old_pin, base::Secret fresh);
    base::Status reset_pin(base::Secret so_pin, base::Secret fresh);
    /// master-control: leaves it logged out. wrong_pin: the old one.
    base::Status change_so_pin(base::Secret so_pin, base::Secret fresh);
    /// Destroys everything on the token.
    base::Status erase(base::Secret so_pin);
    /// officer: its share of the quorum's secret, and the quorum's generation it is of.
    base::Result<std::pair<std::uint32_t, Share>> open_share(base::ByteView blob);

    /// platform
    base::Result<base::Secret> pepper(const base::UkeySerial& ukey, base::Secret stretched);
    /// What is kept of an account's password.
    base::Result<base::Secret> pepper_account(const std::string& account, base::Secret stretched);
    /// The PIN that a user UKEY's token sees, for it to open unattended. key_invalid: what is opened was not sealed for this UKEY.
    base::Result<base::Bytes> seal_pin(const base::UkeySerial& ukey, base::Secret token_pin);
    base::Result<base::Bytes> wrap_database_key(const base::Secret& key);
    base::Result<base::Secret> unwrap_database_key(base::ByteView blob);

    const std::string& who() const noexcept { return who_; }

private:
    base::Result<pb::WrappedMasters> wrap_with(std::vector<RoleSecret> secrets, const Shipment& shipment);
    base::Result<HostAnswer> ask(pb::HostRequest request, std::vector<RoleSecret> secrets, Effect effect);
    std::shared_ptr<HostChannel> channel_;
    std::string who_;
};

/// A key of a token as the pki room knows signers.
class TokenSigner final : public pki::Signer {
public:
    TokenSigner(Token& token, std::string key) : token_(token), key_(std::move(key)) {}
    base::Result<base::Bytes> sign_tbs(base::ByteView tbs) override { return token_.sign_tbs(key_, tbs); }

private:
    Token& token_;
    std::string key_;
};

}  // namespace tokens
