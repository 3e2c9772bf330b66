#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/ids.h"
#include "model/approval.h"
#include "model/keys.h"
#include "store/migration.h"
#include "store/transaction.h"

/// The service's own rows: intents under way, what was imported from the sealed log, revocation lists, requests for approval; those of
/// network accounts are accounts.h's.
namespace kmp::service::tables {

store::Schema schema() noexcept;

/// Something that is about to change a token. `event` is the index of its intent_opened record.
struct Intent {
    std::uint64_t event = 0;
    std::string ukey;
    std::string what;  ///< initialise, destroy, ...
};
base::Status open_intent(store::Transaction& t, const Intent& intent);
base::Status conclude_intent(store::Transaction& t, std::uint64_t event);
base::Result<std::vector<Intent>> open_intents(store::Database& database);

/// The chain value of the sealed log as last imported, so that a crash between import and restart imports nothing twice.
base::Result<base::Bytes> imported_chain(store::Database& database);
base::Status set_imported_chain(store::Transaction& t, const base::Digest& chain);

/// When the last backup was made; 0: never. The log says it too, until that is archived.
base::Status set_last_backup(store::Transaction& t, base::Millis made);
base::Result<base::Millis> last_backup(store::Database& database);

base::Status add_crl(store::Transaction& t, const base::UkeySerial& issuer, std::uint64_t number, base::ByteView der);
/// The newest of each issuer (DER), by number. Numbers rise over all of them.
base::Result<std::vector<base::Bytes>> newest_crls(store::Database& database);

/// How a root elsewhere vouches for the issuing key: one at a time.
struct StoredCross {
    base::Bytes root;  ///< DER; empty: none installed
    base::Bytes cross;
};
base::Status set_cross_certificate(store::Transaction& t, const StoredCross& stored);
base::Result<StoredCross> cross_certificate(store::Database& database);

/// A rotation, with the classes that masters were drawn for. The row stays when they are destroyed.
base::Status add_key_set(store::Transaction& t, model::KeyVersion version, model::ClassSet classes);
base::Result<std::map<model::KeyVersion, model::ClassSet>> key_sets(store::Database& database);

/// A platform UKEY that took the place of the one before it.
struct Platform {
    std::uint64_t event = 0;    ///< index of its platform_replaced
    base::UkeySerial ukey;
    base::Bytes certificate;    ///< DER, of its checkpoint key
    base::Bytes statement;      ///< audit::platform_statement
    base::Bytes signature;      ///< over it, by a master-control UKEY, purpose `platform`
};
base::Status add_platform(store::Transaction& t, const Platform& platform);
/// In their order.
base::Result<std::vector<Platform>> platforms(store::Database& database);

/// A request for approval. `closed`: it was run (its deed is done or has failed), or withdrawn by a rejection.
enum class Closed : std::uint8_t { open = 0, done = 1, failed = 2, rejected = 3 };
struct StoredRequest {
    model::ApprovalRequest request;
    base::Bytes statement;  ///< request.encode(): what the votes are over
    std::vector<model::Vote> votes;
    Closed closed = Closed::open;
    std::string outcome;
};
base::Status add_request(store::Transaction& t, const StoredRequest& request);
base::Status close_request(store::Transaction& t, std::uint64_t number, Closed closed, std::string_view outcome);
/// A later vote of the same officer takes the place of the earlier one.
base::Status put_vote(store::Transaction& t, std::uint64_t request, const model::Vote& vote);
/// By number.
base::Result<std::vector<StoredRequest>> requests(store::Database& database);

}  // namespace kmp::service::tables
