#pragma once
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/secret.h"
#include "tokens/registry.h"

namespace kmp::service {

struct Job;
struct Books;

/// HOME/recovery.toml, and a part of every backup: what the master-control UKEY, or K officers and it, need to open the database where there is
/// no platform UKEY. Nothing in it is secret to whoever has none of their UKEYs.
struct Recovery {
    struct Master {
        base::UkeySerial ukey;
        base::Bytes salt;           ///< of its PIN, where a person knows it
        base::Bytes sealed_so_pin;
        base::Bytes database_key;   ///< sealed to its recovery key
    };
    struct Officer {
        base::UkeySerial ukey;
        base::Bytes salt;
        base::Bytes share;          ///< of the quorum's secret, encrypted to its transport key
    };
    std::string utility;
    base::Bytes anchor;                 ///< DER
    std::vector<base::Bytes> issuers;   ///< DER, of further master-control UKEYs
    std::vector<Master> masters;
    std::vector<tokens::SignedQuorum> quorums;  ///< by generation; empty where one person holds the master-control UKEY
    std::vector<Officer> officers;      ///< of the last generation

    std::string text() const;
    /// malformed: `name` calls it.
    static base::Result<Recovery> parse(std::string_view text, const std::string& name);
    /// errors: not_found, malformed
    static base::Result<Recovery> read(const std::string& path);
};

/// As the open database has it.
base::Result<Recovery> recovery_of(Job& job, Books& books);
/// Writes it to HOME: after everything that changes it, and at unseal.
base::Status write_recovery(Job& job, Books& books);

/// The key of the database, as the platform UKEY gives it.
base::Result<base::Secret> database_key(Job& job, const Books& books);
/// RSA-OAEP to a master-control UKEY's recovery key over "kmp/v1/database-key" 00 and the key.
base::Result<base::Bytes> seal_database_key(base::ByteView recovery_spki, const base::Secret& key);

}  // namespace kmp::service
