#include "wire/known_log.h"

#include <filesystem>

#include "base/home.h"
#include "vending/vend_station.h"

namespace vending {
namespace {

/// Beside the journal, under a name of its own for each service that is not the home's.
base::Result<std::string> beside_the_journal(const VendArguments& a, const std::string& service) {
    std::string folder = std::filesystem::path(a.journal).parent_path().string();
    if (a.journal.empty()) {
        KMP_TRY(const base::Home home, base::find_home(a.home));
        folder = home.state + "/vend";
    }
    return (std::filesystem::path(folder) / (service.empty() ? "log" : wire::KnownLog::name_for(service))).string();
}

}  // namespace

base::Result<std::string> local_log_file(const VendArguments& a) { return beside_the_journal(a, a.socket); }

base::Result<std::string> log_file(const VendArguments& a) {
    if (!a.log.empty()) return a.log;
    return a.connect.empty() ? local_log_file(a) : beside_the_journal(a, a.connect);
}

base::Status greet(wire::StationClient& client, const std::string& file, const std::string& key) {
    KMP_TRY(wire::KnownLog log, wire::KnownLog::open(file, key));
    KMP_CHECK(wire::greet(client, "kmp-vend", log));
    return {};
}

base::Status log_show_command(const VendArguments& a, VendRequest) {
    KMP_TRY(const std::string file, log_file(a));
    KMP_TRY(const wire::KnownLog log, wire::KnownLog::open(file));
    return show(a, {{"file", file}, {"key", log.key()}, {"size", log.size()}, {"checkpoint", log.checkpoint()}},
                log.checkpoint().empty() ? "No checkpoint is kept in " + file + " yet: the first one comes with the next command.\n" : "key " + log.key() + "\n\n" + log.checkpoint());
}

base::Status log_forget_command(const VendArguments& a, VendRequest) {
    KMP_TRY(const std::string file, log_file(a));
    KMP_TRY(const std::string aside, wire::KnownLog::forget(file));
    return show(a, {{"file", file}, {"aside", aside}}, "What was known of the log stands in " + aside + ": keep it for the auditor. The next command takes the log as it finds it" + (a.log_key.empty() ? ".\n" : ", under that key.\n"));
}

}  // namespace vending
