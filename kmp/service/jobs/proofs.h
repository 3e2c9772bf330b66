#pragma once
#include "kmp/service/job.h"

namespace kmp::service {

/// That an event is in the log, or that the log goes on from a checkpoint, as a file. A checkpoint is signed where the newest does not cover it.
/// errors: not_found; tampered (the log is not what it says, or not what the checkpoint says); those of own_checkpoint
base::Result<wire::pb::AuditProveReply> prove_audit(Job& job, const wire::pb::AuditProve& request);

}  // namespace kmp::service
