#pragma once
#include <string_view>

#include "audit/checkpoint.h"
#include "store/database.h"

namespace kmp::service {

/// A checkpoint of this log, signed by the platform UKEY of today or one before it. thread: that of the database
/// errors: malformed; key_invalid (none of their signatures holds); invalid_argument (it is of another log); those of the database
base::Result<audit::Checkpoint> own_checkpoint(store::Database& database, std::string_view note);

}  // namespace kmp::service
