#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/digest.h"
#include "base/ids.h"
#include "model/approval.h"
#include "model/grant.h"
#include "model/keys.h"
#include "model/ukey.h"
#include "pki/certificate.h"
#include "store/migration.h"
#include "store/transaction.h"

namespace tokens {

/// A class master by name.
struct MasterName {
    model::KeyClass key_class{};
    model::KeyState state{};
    model::KeyVersion version = 0;
    bool operator==(const MasterName&) const = default;
};

/// A grant as the master-control UKEY signed it.
struct SignedGrant {
    model::Grant grant;
    base::Bytes statement;  ///< grant.encode()
    base::Bytes signature;  ///< r || s by the master's issuing key, purpose `grant`; of a narrowed one: by an officer's identity key, purpose `act`
    base::UkeySerial officer;  ///< who narrowed it; empty: the master signed it
    /// With a quorum: the request that was approved, whose terms hold the grant, and the votes for it.
    base::Bytes request;
    std::vector<model::Vote> votes;
};

/// The officers as the master-control UKEY signed them, with what tells their secret from another.
struct SignedQuorum {
    model::Quorum quorum;
    base::Bytes statement;  ///< quorum.encode()
    base::Bytes signature;  ///< r || s by the master's issuing key, purpose `quorum`
    base::Digest secret{};  ///< tokens::digest_of_quorum_secret
    base::Bytes former;     ///< the secret of the generation before, sealed under a key of this one's; empty: the first
};

/// What the platform knows of one UKEY.
struct UkeyRecord {
    base::UkeySerial serial;
    model::UkeyKind kind{};
    model::UkeyState state{};
    std::string holder;
    std::string token_serial;
    base::Millis issued = 0;
    base::Millis not_after = 0;
    std::map<std::string, base::Bytes> certificates;  ///< DER by name: identity, transport, ...
    base::Bytes salt;                   ///< for stretching its PIN
    base::Bytes sealed_so_pin;          ///< under the vault's escrow key
    unsigned wrong_pins = 0;            ///< since the last right one
    bool must_change_pin = false;       ///< before its first use
    base::Bytes database_key;           ///< master-control: the database key, sealed to its recovery key
    std::uint32_t pin_generation = 0;   ///< master-control: whose secret its PIN follows, by the officers' generation; 0: a person knows it
    base::Bytes nonce;                  ///< what its token holds since the last login; empty: none yet, or it cannot
    base::Bytes next_nonce;             ///< what a login that broke off may have put in its place
    std::optional<SignedGrant> grant;   ///< the newest
    std::optional<SignedGrant> whole;   ///< the newest that the master signed, where `grant` is one that an officer narrowed
    std::vector<MasterName> masters;
    base::Millis last_used = 0;         ///< when the newest session with it was opened; 0: none yet

    /// DER of the certificate of its key of this name; null: it has none.
    const base::Bytes* certificate(pki::Profile of) const;
};

/// The newest version of private keys that a UKEY holds masters of; 0: none.
model::KeyVersion newest_held(const UkeyRecord& record) noexcept;

/// The tables of this room.
store::Schema schema() noexcept;

/// Writes; each is one step of a transaction that the service opened. Errors are those of store::Transaction.
namespace registry {
/// The UKEY itself, without its certificates, grants and masters. State blank: it is about to be initialised.
base::Status insert(store::Transaction& t, const UkeyRecord& record);
base::Status set_state(store::Transaction& t, const base::UkeySerial& serial, model::UkeyState state);
/// One that was about to be initialised and was not: nothing is left of it.
base::Status remove_blank(store::Transaction& t, const base::UkeySerial& serial);
base::Status set_wrong_pins(store::Transaction& t, const base::UkeySerial& serial, unsigned count);
/// What issuing and renewing add to a UKEY: state, holder, token, validity, escrow, certificates, grant and masters. A grant or master that is there already stays.
base::Status set_issued(store::Transaction& t, const UkeyRecord& record);
base::Status add_grant(store::Transaction& t, const SignedGrant& grant);
base::Status set_must_change_pin(store::Transaction& t, const base::UkeySerial& serial, bool must);
base::Status set_pin_generation(store::Transaction& t, const base::UkeySerial& serial, std::uint32_t generation);
base::Status set_nonces(store::Transaction& t, const base::UkeySerial& serial, base::ByteView nonce, base::ByteView next);
base::Status set_last_used(store::Transaction& t, const base::UkeySerial& serial, base::Millis time);
base::Status set_sealed_so_pin(store::Transaction& t, const base::UkeySerial& serial, base::ByteView sealed);
base::Status remove_master(store::Transaction& t, const base::UkeySerial& serial, const MasterName& master);
base::Status add_quorum(store::Transaction& t, const SignedQuorum& quorum);
/// By generation.
base::Result<std::vector<SignedQuorum>> quorums(store::Database& database);
/// An officer's share of the quorum's secret, encrypted to its transport key. Those of other generations go.
base::Status put_share(store::Transaction& t, std::uint32_t generation, const base::UkeySerial& officer, base::ByteView blob);
/// not_found.
base::Result<base::Bytes> share(store::Database& database, std::uint32_t generation, const base::UkeySerial& officer);
base::Status add_master(store::Transaction& t, const base::UkeySerial& serial, const MasterName& master);
/// Everything, at start. tampered: a row that cannot be read.
base::Result<std::vector<UkeyRecord>> load(store::Database& database);
}  // namespace registry

/// The UKEYs in memory. Its elements stay where they are. Thread: one.
class Registry {
public:
    void assign(std::vector<UkeyRecord> records);
    UkeyRecord* find(const base::UkeySerial& serial);
    UkeyRecord& put(UkeyRecord record);
    void remove(const base::UkeySerial& serial) { records_.erase(serial); }
    std::vector<const UkeyRecord*> all() const;  ///< by serial
    std::size_t size() const noexcept { return records_.size(); }

private:
    std::unordered_map<base::UkeySerial, UkeyRecord> records_;
};

/// A fresh serial: two letters for the kind, then 8 characters of Crockford's base 32 ("US-7F3K9Q2M").
base::UkeySerial make_serial(model::UkeyKind kind);

}  // namespace tokens
