#pragma once
#include "kmp/service/service.h"
#include "wire/pb.h"

namespace kmp::service {

/// Answers Hello, on either socket. A client that kept a checkpoint gets a proof that the log of today extends it.
/// errors: unsupported (another version); tampered (its checkpoint is not of this log's past: rolled back, or another log)
base::Result<wire::pb::HelloReply> greet(Service& service, const wire::pb::Hello& hello);

/// That a record is in the log, under the newest checkpoint. One that no checkpoint covers yet has one signed for it, ten seconds after the last at the earliest.
/// errors: not_found (the log is shorter); busy (`raw`: milliseconds until it may be asked again); sealed
base::Result<wire::pb::ProveReply> prove(Service& service, const wire::pb::Prove& asked);

}  // namespace kmp::service
