#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "audit/checkpoint.h"
#include "pki/certificate.h"
#include "store/database.h"

namespace kmp::service {

/// A key that signed the log's checkpoints over more records than `from`, until the next one did.
struct CheckpointKey {
    std::uint64_t from = 0;        ///< index of the event by which its UKEY took another's place; 0: it is the ceremony's
    pki::Certificate certificate;
};
/// From the genesis on; there is one at least. By the rows alone: those events may be archived. thread: that of the database
/// errors: malformed; those of the database
base::Result<std::vector<CheckpointKey>> checkpoint_keys(store::Database& database);
/// The key (DER) that signed checkpoints when this record was written.
base::Result<base::Bytes> checkpoint_key_at(store::Database& database, std::uint64_t index);

/// A checkpoint of this log, signed by the platform UKEY of today or one before it. thread: that of the database
/// errors: malformed; key_invalid (none of their signatures holds); invalid_argument (it is of another log); those of the database
base::Result<audit::Checkpoint> own_checkpoint(store::Database& database, std::string_view note);

}  // namespace kmp::service
