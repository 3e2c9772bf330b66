#pragma once
#include <string>
#include <string_view>

#include "base/home.h"
#include "base/result.h"

namespace kmp::kmpctl {

/// Where this person keeps what they know of the log of the service in `home`: $XDG_STATE_HOME/kmpctl, or ~/.local/state/kmpctl. not_found: this user has no home folder.
base::Result<std::string> known_log_file(const base::Home& home);
/// Whether a command ("ukey suspend") goes on, with a warning, before a log that is damaged, was set back or is another than the one that is known: it shows what has become of service and log, or it only
/// takes something away from somebody. Nobody is kept from either.
bool works_on_any_log(std::string_view command) noexcept;
/// Prints it. Asks no service.
base::Status show_known_log(const std::string& file, bool json);
/// Puts it aside, after the auditor's word. Asks no service.
base::Status forget_known_log(const std::string& file, bool json);

}  // namespace kmp::kmpctl
