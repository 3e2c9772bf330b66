#pragma once
#include <functional>

#include "kmp/service/service.h"
#include "wire/pb.h"

namespace kmp::service {

/// Answers Hello, on either socket. A client that kept a checkpoint gets a proof that the log of today extends it; its signature is checked and the proof looked up by Service::aside.
/// `done` is called once, at once or later.
/// errors: unsupported (another version); tampered (its checkpoint is not of this log's past: rolled back, or another log)
void greet(Service& service, const wire::pb::Hello& hello, std::function<void(base::Result<wire::pb::HelloReply>)> done);

/// That a record is in the log, under the newest checkpoint. One that no checkpoint covers yet has one signed for it, ten seconds after the last at the earliest. Looked up by
/// Service::aside; `done` is called once, at once or later. Precondition: the service is open.
/// errors: not_found (the log is shorter); busy (`raw`: milliseconds until it may be asked again)
void prove(Service& service, const wire::pb::Prove& asked, std::function<void(base::Result<wire::pb::ProveReply>)> done);

}  // namespace kmp::service
