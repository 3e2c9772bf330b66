#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/digest.h"
#include "model/account.h"
#include "model/approval.h"
#include "store/transaction.h"

namespace kmp::service {

struct Books;

/// What the platform knows of one network account.
struct AccountRecord {
    model::Account account;
    base::Bytes statement;  ///< account.encode()
    base::Bytes signature;  ///< r || s by the master's issuing key, purpose `account`
    /// With a quorum: the request that was approved, whose term `account` holds the statement, and the votes for it.
    base::Bytes request;
    std::vector<model::Vote> votes;
    base::Bytes salt;       ///< for stretching its password
    base::Bytes verifier;   ///< 32 bytes: the password stretched, then peppered by the platform UKEY; empty: it has none
    unsigned wrong = 0;     ///< passwords since the last right one; tokens::kMaxWrongPins: locked
    bool must_change = false;  ///< the password, before its first use
    bool disabled = false;
    bool over = false;      ///< its validity is, and its sessions were ended; of this run only
    bool changing = false;  ///< how it is proved is being changed in the log: neither the old way nor the new opens it meanwhile

    /// Its password is; a key opens it all the same, or anybody could shut a station out.
    bool locked() const noexcept;
    /// Whether the holder of this key may use it.
    bool opened_by(const base::Digest& key) const noexcept;
};
using Accounts = std::map<std::string, AccountRecord>;

/// The master's signature, K votes where there are officers, home and names: kmpd checks them before it believes its own database.
/// tampered, denied.
base::Status check_account(const AccountRecord& record, const Books& books);
/// ok while it is neither disabled nor past its end. denied, expired.
base::Status in_force(const AccountRecord& record, base::Millis now);

/// Rows, in the service's own schema (tables.h). Each write is one step of a transaction.
namespace accounts {
base::Status insert(store::Transaction& t, const AccountRecord& record);
/// A newer statement, with what was agreed to; enabled again.
base::Status set_statement(store::Transaction& t, const AccountRecord& record);
/// A new password, or none any more; the count of wrong ones starts anew.
base::Status set_password(store::Transaction& t, const AccountRecord& record);
base::Status set_wrong(store::Transaction& t, const std::string& name, unsigned count);
base::Status set_disabled(store::Transaction& t, const std::string& name);
/// tampered: a row that cannot be read.
base::Result<Accounts> load(store::Database& database);

/// PINs of user UKEYs that open by themselves, sealed by the platform UKEY.
using Attended = std::map<base::UkeySerial, base::Bytes>;
base::Status put_attended(store::Transaction& t, const base::UkeySerial& ukey, base::ByteView sealed);
/// None is not missed.
base::Status remove_attended(store::Transaction& t, const base::UkeySerial& ukey);
base::Result<Attended> attended(store::Database& database);
}  // namespace accounts

}  // namespace kmp::service
