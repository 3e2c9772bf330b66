#pragma once
#include "kmp/service/job.h"

namespace kmp::service {

/// Opens an existing database and brings up the books: what the genesis event pins, the registry, the meters from the log.
/// Unfinished intents are concluded, and what was recorded while sealed is imported. On the officer thread.
/// accept_rollback: Unseal's. errors: key_invalid, tampered (also: a checkpoint that was kept elsewhere is not of this log as it stands), storage_*, expired (the trust anchor)
base::Result<std::shared_ptr<Books>> open_database(Job& job, const base::Secret& key, const base::UkeySerial& platform, std::vector<std::string>& notes, std::uint64_t accept_rollback = 0);

/// What is logged when the service opens: that it did, and under which configuration, for that may have changed while it did not run.
Entry opened_entry(Job& job, std::string_view how = {});

/// The schemas of all rooms, in their order.
std::span<const store::Schema> all_schemas();

}  // namespace kmp::service
