#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "audit/witness.h"
#include "base/clock.h"
#include "kmp/service/past.h"
#include "store/migration.h"
#include "store/transaction.h"

/// What this service holds of other logs as their witness, and what an auditor has accepted of its own.
namespace kmp::service::tables {

store::Schema witness_schema() noexcept;

struct WitnessedLog {
    std::string origin;
    audit::Witnessed held;
    std::string note;       ///< signed by its log, with our cosignature
    base::Millis time = 0;  ///< when we signed it
    std::uint64_t forgot = 0;  ///< KnownLog::forget that was carried out, as long as it stands there: it is not carried out twice
};
base::Status put_witnessed(store::Transaction& t, const WitnessedLog& log);
base::Result<std::optional<WitnessedLog>> witnessed(store::Database& database, const std::string& origin);

/// What was accepted because of Unseal.accept_rollback.
base::Result<std::set<Past::Contradiction>> accepted_contradictions(store::Database& database);
base::Status accept_contradiction(store::Transaction& t, const Past::Contradiction& accepted);

}  // namespace kmp::service::tables
