#include "kmp/kmpctl/known_log.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "kmp/kmpctl/print.h"
#include "wire/known_log.h"

namespace kmp::kmpctl {
namespace {

constexpr std::array<std::string_view, 9> kOnAnyLog{"status", "seal", "audit verify", "audit export", "ukey suspend", "ukey report-lost", "ukey revoke", "account disable", "request reject"};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

base::Result<std::string> known_log_file(const base::Home& home) {
    std::string state = environment("XDG_STATE_HOME");
    if (!state.starts_with('/')) {
        std::string own = environment("HOME");
        if (const passwd* user = own.empty() ? getpwuid(getuid()) : nullptr; user != nullptr) own = user->pw_dir;
        if (own.empty()) return {base::Code::not_found, "this user has no home folder to keep the log's checkpoint in: set XDG_STATE_HOME"};
        state = own + "/.local/state";
    }
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
