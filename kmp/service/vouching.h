#pragma once
#include "kmp/service/job.h"
#include "kmp/service/outlets.h"

namespace kmp::service {

/// What kmp.toml and HOME/witnesses name.
std::vector<std::unique_ptr<Carrier>> carriers_of(const Config& config, const std::shared_ptr<Past>& past, std::vector<std::string>& problems);

/// Begins to carry checkpoints out, once what was kept of them before has been held against the log as it stands: in HOME, in the drop, at the witnesses, where
/// they answer within kLook. accept: Unseal.accept_rollback. On the officer thread, before orders are served.
/// tampered: a checkpoint that a key of this log has signed is not of the log as it stands.
base::Status open_outlets(Job& job, Books& books, const base::Secret& key, std::uint64_t accept, std::vector<std::string>& notes);
inline constexpr std::chrono::seconds kLook{3};

}  // namespace kmp::service
