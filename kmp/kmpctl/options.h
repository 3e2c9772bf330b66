#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kmp/kmpctl/auditing.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/search.h"

namespace CLI {
class App;
}

/// The command line: its options, and what each command does with them.
namespace kmp::kmpctl {

/// What was typed, of whatever command.
struct Arguments {
    std::string home;
    std::string log_key;
    bool json = false;
    std::vector<std::string> pin_fds;
    InitArguments init;
    QuorumArguments quorum;
    MasterArguments master;
    RestoreArguments restore;
    std::string day_offset = "+08:00";
    TermsText terms;
    std::string serial;
    std::string reason;
    std::string file;
    std::string station;
    CheckpointArguments checkpoint;
    std::uint64_t accept_rollback = 0;
    std::string folder;
    InstallArguments install;
    ListArguments list;
    std::uint64_t index = 0;
    std::string name;
    bool replace = false;
    ProveArguments proof;
    audit::ReconcileArguments reconcile;
    ReportArguments report;
    std::string export_file;  ///< audit reconcile, report: in the place of the service's log
    IssueArguments issue;
    AccountArguments account;
    bool end = false;
    std::string officer;
    std::string valid_until;
    std::uint64_t request = 0;
    std::vector<std::uint64_t> requests;
    bool all = false;
    std::uint32_t version = 0;
    bool accept_loss = false;
    std::vector<std::string> classes;
    std::string meter;
    bool uninserted = false;
    std::uint32_t uninserted_days = 7;
    std::uint32_t days = 7;
    std::uint32_t live_days = 0, keep_days = 0;
    ArchiveArguments archive;
    ExportArguments exported;
    bool as_auditor = false;
    std::string auditor;  ///< serial of the auditor UKEY
};

/// What the chosen command does; set by the callback of its subcommand.
using Command = std::function<base::Status(Officer&)>;

struct Chosen {
    Command command;
    std::function<base::Status()> alone;  ///< in its place: what needs no service
    std::function<base::Status()> check = [] { return base::Status(); };  ///< what can be told wrong before kmpd is asked
};

/// ukey, grant, account and station.
void add_holders(CLI::App& app, Arguments& arguments, Chosen& chosen);
/// audit, with all that is below it.
void add_audit(CLI::App& app, Arguments& arguments, Chosen& chosen);

}  // namespace kmp::kmpctl
