#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "model/grant.h"
#include "model/keys.h"
#include "model/ukey.h"
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
    base::Bytes signature;  ///< DER ECDSA by the master's issuing key, purpose `grant`
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
    std::optional<SignedGrant> grant;   ///< the newest
    std::vector<MasterName> masters;
};

/// The tables of this room.
store::Schema schema() noexcept;

/// Writes; each is one step of a transaction that the service opened. Errors are those of store::Transaction.
namespace registry {
/// The UKEY itself, without its certificates, grants and masters.
base::Status insert(store::Transaction& t, const UkeyRecord& record);
base::Status set_state(store::Transaction& t, const base::UkeySerial& serial, model::UkeyState state);
base::Status set_wrong_pins(store::Transaction& t, const base::UkeySerial& serial, unsigned count);
/// What issuing adds to an initialised UKEY: state, holder, validity, escrow, certificates, grant and masters.
base::Status set_issued(store::Transaction& t, const UkeyRecord& record);
base::Status add_grant(store::Transaction& t, const SignedGrant& grant);
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
    std::vector<const UkeyRecord*> all() const;  ///< by serial
    std::size_t size() const noexcept { return records_.size(); }

private:
    std::unordered_map<base::UkeySerial, UkeyRecord> records_;
};

/// A fresh serial: two letters for the kind, then 8 characters of Crockford's base 32 ("US-7F3K9Q2M").
base::UkeySerial make_serial(model::UkeyKind kind);

}  // namespace tokens
