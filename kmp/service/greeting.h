#pragma once
#include "kmp/service/service.h"
#include "wire/pb.h"

namespace kmp::service {

/// Answers Hello, on either socket. A client that kept a checkpoint gets a proof that the log of today extends it.
/// errors: unsupported (another version); tampered (its checkpoint is not of this log's past: rolled back, or another log)
base::Result<wire::pb::HelloReply> greet(Service& service, const wire::pb::Hello& hello);

}  // namespace kmp::service
