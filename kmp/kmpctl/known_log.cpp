#include "kmp/kmpctl/known_log.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "kmp/kmpctl/print.h"
#include "wire/known_log.h"

namespace kmp::kmpctl {
namespace {

constexpr std::array<std::string_view, 9> kOnAnyLog{"status", "seal", "audit verify", "audit export", "ukey suspend", "ukey report-lost", "ukey revoke", "account disable", "request reject"};

}  // namespace

base::Result<std::string> known_log_file(const base::Home& home) {
    KMP_TRY(const std::string state, base::state_folder());
    return state + "/kmpctl/" + wire::KnownLog::name_for(home.state);
}

bool works_on_any_log(std::string_view command) noexcept { return std::ranges::find(kOnAnyLog, command) != kOnAnyLog.end(); }

base::Status show_known_log(const std::string& file, bool json) {
    KMP_TRY(const wire::KnownLog log, wire::KnownLog::open(file));
    return show({{"file", file}, {"key", log.key()}, {"size", log.size()}, {"checkpoint", log.checkpoint()}},
                log.checkpoint().empty() ? "No checkpoint is kept in " + file + " yet: the first one comes with the next command.\n" : "key " + log.key() + "\n\n" + log.checkpoint(), json);
}

base::Status forget_known_log(const std::string& file, bool json) {
    KMP_TRY(const std::string aside, wire::KnownLog::forget(file));
    return show({{"file", file}, {"aside", aside}}, "What was known of the log stands in " + aside + ": keep it for the auditor. The next command takes the log as it finds it.\n", json);
}

}  // namespace kmp::kmpctl
