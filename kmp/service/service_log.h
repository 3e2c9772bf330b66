#pragma once
#include <string>

#include "base/result.h"

namespace kmp::service {

/// Where the service's own lines go, which are no part of the audit log: what starts, stops and fails. No secret stands in one.
///   auto     the journal where stderr is connected to it (systemd's JOURNAL_STREAM says so), otherwise text
///   text     stderr, a line each with time and level
///   json     stderr, one JSON object a line: time, level, message
///   journal  the journal
/// invalid_argument: another word.
base::Status set_up_log(const std::string& format);
/// debug, info, warning or error: what is below is left out from now on. Thread: any.
void set_log_level(const std::string& level);

}  // namespace kmp::service
