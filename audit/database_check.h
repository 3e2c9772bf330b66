#pragma once
#include <functional>
#include <string_view>

#include "audit/export.h"
#include "audit/verifier.h"
#include "store/database.h"

namespace audit {

/// Told how far it is ("pages", "tree", "events"); answering false stops it.
using CheckProgress = std::function<bool(std::string_view step, std::uint64_t done, std::uint64_t of)>;

/// Verifies the log where it lies: every page of the file, the b-trees, the tiles among themselves, and then all that verify_export checks of the records
/// [head.first, head.end) as they would be exported now, with their leaf hashes held against the tiles. Findings about the file have the rules "page", "database"
/// and "tile". Flat memory. thread: that of `database`, which may be read-only and written to by others meanwhile; it uses one more for itself.
/// in:     key the database's; head and checkpoint as for write_export
/// errors: cancelled, those of the storage that are no sign of damage
base::Result<Verdict> verify_database(store::Database& database, const base::Secret& key, const ExportHead& head, std::string_view checkpoint, const VerifyOptions& options,
                                      const CheckProgress& tell);

}  // namespace audit
