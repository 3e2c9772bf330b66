#pragma once
#include "kmp/service/service.h"
#include "wire/pb.h"

namespace kmp::service {

/// Room for every connection that the configuration allows, or as many fewer as the limit on open files leaves beside UKEYs,
/// database and officers. Says so in the service's log.
void fit_to_open_files(Config& config);

/// Reads kmp.toml anew. What can change while the service runs changes once its event is durable (in the audit log, or in the sealed log);
/// what cannot is named and kept. Nothing that is under way notices. `who` asked for it, in the event's words.
/// errors: invalid_argument (the file is broken: nothing was changed), storage_full, storage_failed (nothing was changed)
/// Thread: the I/O thread; `done` is called there.
void reload(Service& service, const std::string& who, std::function<void(base::Result<wire::pb::ReloadReply>)> done);

}  // namespace kmp::service
