#pragma once
#include <string>

#include "base/result.h"
#include "wire/pb.h"

namespace wire {

/// What `prove` answered, as a file that anybody with the key of the log's checkpoints can check (`kmp-audit verify-proof`). source: C2SP tlog-proof; its `extra` is the leaf hash
std::string tlog_proof(std::uint64_t index, const pb::ProveReply& proved);

}  // namespace wire
