// kmpctl: the officer's command line. Reads its arguments, asks kmpd over admin.sock, prints what came of it.
#include <google/protobuf/stubs/logging.h>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <sstream>

#include "base/home.h"
#include "base/secret.h"
#include "cli/command_line.h"
#include "kmp/kmpctl/options.h"
#include "kmp/kmpctl/known_log.h"
#include "kmp/kmpctl/pin_roles.h"
#include "wire/known_log.h"
#include "wire/pb.h"

namespace {

using kmp::kmpctl::Arguments;
using kmp::kmpctl::Chosen;
using kmp::kmpctl::Command;
using kmp::kmpctl::Officer;

int complain(const base::Error& error, int code) { return cli::complain("kmpctl", error, code); }

void add_minutes(CLI::App& command, std::string& file) {
    command.add_option("--minutes", file, "Also write the minutes into this file, for its owner alone; it must not be there yet");
}

void add_ceremony(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* init = app.add_subcommand("init", "Hold the ceremony: two blank UKEYs become the platform and the master-control UKEY");
    init->add_option("--utility", a.init.utility, "Name of the utility")->required();
    init->add_option("--day-offset", a.day_offset, "The utility's fixed offset from UTC; days and months of all caps follow it")->capture_default_str();
    init->add_option("--platform-reader", a.init.platform_reader, "Reader with the blank UKEY that becomes the platform's")->required();
    init->add_option("--master-reader", a.init.master_reader, "Reader with the blank UKEY that becomes master-control")->required();
    init->add_option("--officer", a.init.officers, "READER=NAME of an officer's blank UKEY; once for each of N officers. Without any, one person holds the master-control UKEY")
        ->type_name("READER=NAME")
        ->allow_extra_args(false);
    init->add_option("--officers", a.init.expected, "N, to be sure that none was forgotten")->check(CLI::Range(2, 16));
    init->add_option("--quorum", a.init.quorum, "K: how many of the officers must agree")->check(CLI::Range(2, 16));
    add_minutes(*init, a.init.minutes);
    init->callback([&] {
        chosen.check = [&a]() -> base::Status {
            KMP_TRY(a.init.day_offset_minutes, kmp::kmpctl::parse_day_offset(a.day_offset));
            return kmp::kmpctl::check_officers(a.init);
        };
        chosen.command = [&a](Officer& o) { return kmp::kmpctl::init(o, a.init); };
    });
    auto* unseal = app.add_subcommand("unseal", "Open the platform with the platform UKEY's PIN");
    unseal->add_option("--accept-rollback", a.accept_rollback, "An auditor has looked at checkpoints over up to so many records that were kept elsewhere and that this log does not go on from; it is to go on, and says so for good")
        ->check(CLI::PositiveNumber);
    unseal->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::unseal(o, a.accept_rollback); }; });
    app.add_subcommand("seal", "Close the platform: it answers only status until it is unsealed")->callback([&] { chosen.command = kmp::kmpctl::seal; });
    app.add_subcommand("status", "Show the state of the platform and its readers; its first word is healthy, attention, failing or sealed")->callback([&] { chosen.command = kmp::kmpctl::status; });
    app.add_subcommand("reload", "Read kmp.toml anew: what can change while the service runs changes, the rest is named")->callback([&] { chosen.command = kmp::kmpctl::reload; });
}

void add_pki(CLI::App& app, Arguments& a, Chosen& chosen) {
    app.add_subcommand("anchor", "Print the trust anchor (PEM): the certificate that exports and UKEYs are verified with")->callback([&] { chosen.command = kmp::kmpctl::show_anchor; });
    auto* crl = app.add_subcommand("crl", "Print the newest list of revoked certificates (PEM)");
    auto* refresh = crl->add_subcommand("refresh", "Sign a new list with the master-control UKEY, though nothing has changed");
    crl->callback([&chosen, crl, refresh] { chosen.command = crl->got_subcommand(refresh) ? kmp::kmpctl::refresh_crl : kmp::kmpctl::show_crl; });
    auto* pki = app.add_subcommand("pki", "The certificates above the UKEYs': request, install, show");
    pki->require_subcommand(1);
    pki->add_subcommand("request", "Print the issuing key's request, for a root to certify (ca_scripts/certify-issuing)")->callback([&] {
        chosen.command = kmp::kmpctl::request_certificate;
    });
    auto* install = pki->add_subcommand("install", "Keep the root's certificate of the issuing key, for others to fetch");
    install->add_option("--root", a.install.root_file, "The root's own certificate (PEM)")->required();
    install->add_option("FILE", a.install.certificate_file, "The certificate that the root issued (PEM)")->required();
    install->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::install_certificate(o, a.install); }; });
    auto* show = pki->add_subcommand("show", "Show the trust anchor, the root's certificate and the revocation list");
    show->add_option("--save", a.folder, "Also write them, as PEM files, into this folder");
    show->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::show_pki(o, a.folder); }; });
}

void add_keys(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* keys = app.add_subcommand("keys", "Versions of the meters' keys: list, rotate, destroy");
    keys->require_subcommand(1);
    keys->add_subcommand("list", "How many meters and UKEYs hold each version")->callback([&] { chosen.command = kmp::kmpctl::list_keys; });
    auto* rotate = keys->add_subcommand("rotate", "Draw masters of a new version; the old ones stay for the meters that hold them");
    rotate->add_option("--class", a.classes, "Only this class of keys; repeatable. The new version goes on with the newest masters of all others [every class]")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"control", "identity", "remote", "parameter", "credit", "card"}));
    rotate->add_option("--reason", a.reason, "For the log")->required();
    rotate->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::rotate_keys(o, a.classes, a.reason); }; });
    auto* destroy = keys->add_subcommand("destroy", "Destroy the masters of an old version for good, but for those that other versions use");
    destroy->add_option("VERSION", a.version)->required()->check(CLI::Range(1, 255));
    destroy->add_option("--reason", a.reason, "For the log")->required();
    destroy->add_flag("--accept-loss", a.accept_loss, "Although meters hold it: nobody can recharge or recover them any more");
    destroy->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::destroy_keys(o, a.version, a.reason, a.accept_loss); }; });
}

void add_meters(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* meter = app.add_subcommand("meter", "Meters: show, list, allow-download");
    meter->require_subcommand(1);
    auto* show = meter->add_subcommand("show", "What is known of a meter: its keys, purchase count, customer, and whether a download is allowed");
    show->add_option("NUMBER", a.meter, "12 digits")->required();
    show->callback([&] {
        chosen.check = [&a] { return kmp::kmpctl::check_meter(a.meter); };
        chosen.command = [&a](Officer& o) { return kmp::kmpctl::show_meter(o, a.meter); };
    });
    auto* list = meter->add_subcommand("list", "Meters by number, 200 at a time; with --uninserted, purchases by card that nobody has seen inserted");
    list->add_flag("--uninserted", a.uninserted, "Only meters whose newest purchase lies on a card that was never seen inserted");
    list->add_option("--days", a.uninserted_days, "... and was sold so many days ago or more [7]")->check(CLI::Range(0u, 3650u))->needs("--uninserted");
    list->add_option("--from", a.meter, "From this meter on, 12 digits")->excludes("--uninserted");
    list->callback([&] {
        chosen.check = [&a] { return a.meter.empty() ? base::Status() : kmp::kmpctl::check_meter(a.meter); };
        chosen.command = [&a](Officer& o) { return kmp::kmpctl::list_meters(o, a.uninserted, a.uninserted_days, a.meter); };
    });
    auto* allow = meter->add_subcommand("allow-download", "Let a meter that has had private keys be given them once more under the factory keys");
    allow->add_option("NUMBER", a.meter, "12 digits")->required();
    allow->add_option("--reason", a.reason, "For the log")->required();
    allow->add_option("--days", a.days, "Within how many days")->check(CLI::Range(1, 7))->capture_default_str();
    allow->callback([&] {
        chosen.check = [&a] { return kmp::kmpctl::check_meter(a.meter); };
        chosen.command = [&a](Officer& o) { return kmp::kmpctl::allow_download(o, a.meter, a.reason, a.days); };
    });
}

void add_requests(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* request = app.add_subcommand("request", "Dual control: what officers are asked to approve");
    request->require_subcommand(1);
    auto* list = request->add_subcommand("list", "Requests that wait, or are approved and not yet run");
    list->add_flag("--all", a.all, "Those that are over too");
    list->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::list_requests(o, a.all); }; });
    auto* show = request->add_subcommand("show", "Show exactly what will happen, and who agrees");
    show->add_option("NUMBER", a.request)->required();
    show->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::show_request(o, a.request); }; });
    for (const auto& [name, text, agree] : {std::tuple{"approve", "Sign it with your officer UKEY, and give your share for it", true}, std::tuple{"reject", "End it with your officer UKEY", false}}) {
        auto* judge = request->add_subcommand(name, text);
        judge->add_option("NUMBER", a.requests, "One or more")->required();
        judge->add_option("--officer", a.officer, "Serial of your officer UKEY [the only one present]");
        judge->callback([&, yes = agree] { chosen.command = [&a, yes](Officer& o) { return kmp::kmpctl::judge_requests(o, a.requests, a.officer, yes); }; });
    }
    auto* run = request->add_subcommand("run", "Do what enough officers have agreed to");
    run->add_option("NUMBER", a.request)->required();
    run->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::run_request(o, a.request); }; });
}

void add_quorum(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* quorum = app.add_subcommand("quorum", "Dual control: who the officers are, and how many must agree");
    quorum->require_subcommand(1);
    quorum->add_subcommand("show", "Show the officers")->callback([&] { chosen.command = kmp::kmpctl::show_quorum; });
    auto* change = quorum->add_subcommand("change", "Ask the officers for a change: one comes, one goes or lost a UKEY, or another number must agree");
    change->add_option("--remove", a.quorum.remove, "Serial of the UKEY of an officer who goes, or who gets another UKEY; repeatable")->allow_extra_args(false);
    change->add_option("--add", a.quorum.add, "READER=NAME: a blank UKEY becomes this officer's; repeatable")->allow_extra_args(false);
    change->add_option("--needed", a.quorum.needed, "How many must agree from then on [as many as now]")->check(CLI::Range(2, 16));
    change->add_option("--reason", a.quorum.reason, "For the log")->required();
    change->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::change_quorum(o, a.quorum); }; });
}

void add_restore_options(CLI::App& command, Arguments& a) {
    command.add_option("--platform-reader", a.restore.platform_reader, "Reader with the blank UKEY that becomes the platform UKEY")->required();
    command.add_option("--officer", a.restore.officers, "Dual control: serial of an officer UKEY that is plugged in; given as many times as officers must agree")->allow_extra_args(false);
    command.add_option("--reason", a.restore.reason, "For the log")->required();
    add_minutes(command, a.restore.minutes);
}

void add_recovery(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* backup = app.add_subcommand("backup", "Copy the database, encrypted, and what a restore needs beside it, while the service runs");
    backup->add_option("FOLDER", a.file, "A new folder on the service's machine")->required();
    backup->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::backup(o, a.file); }; });
    auto* restore = app.add_subcommand("restore", "On a new machine: from a backup or a standby's feed, with a master-control UKEY and who opens it");
    add_restore_options(*restore, a);
    restore->add_option("FOLDER", a.restore.folder, "The backup, or the folder of a standby's feed, on the service's machine")->required();
    restore->add_option("--checkpoint", a.restore.checkpoint, "File with a checkpoint that was carried away: a log that does not go on from it is refused");
    restore->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::restore(o, a.restore); }; });
    auto* platform = app.add_subcommand("platform", "The platform UKEY: another in its place");
    platform->require_subcommand(1);
    auto* replace = platform->add_subcommand("replace", "The platform UKEY is lost or worn: make another, with a master-control UKEY and who opens it. The service is sealed");
    add_restore_options(*replace, a);
    replace->add_flag("--handover", a.restore.handover, "The platform UKEY of before is plugged in, and signs that it hands over (PIN of role old)");
    replace->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::restore(o, a.restore); }; });
}

void add_standby(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* standby = app.add_subcommand("standby", "A second machine that can take over: how its feed stands, whether its folder is whole");
    standby->require_subcommand(1);
    standby->add_subcommand("status", "On the first machine: how far the feed is")->callback([&] { chosen.command = kmp::kmpctl::standby_status; });
    auto* check = standby->add_subcommand("check", "On the second machine: whether the folder is complete and unchanged, and how old. Needs no service and no key");
    check->add_option("FOLDER", a.file, "The folder that the first machine feeds, or a copy of it")->required();
    check->callback([&] { chosen.alone = [&a] { return kmp::kmpctl::check_standby(a.file, a.json); }; });
}

void add_masters(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* master = app.add_subcommand("master", "Master-control UKEYs: a second one, for another safe");
    master->require_subcommand(1);
    auto* add = master->add_subcommand("add", "Make a blank UKEY a further master-control UKEY: it holds what the first one does, and issues with a key of its own");
    add->add_option("--reader", a.master.reader, "Reader with the blank UKEY")->required();
    add->add_option("--holder", a.master.holder, "Who keeps it, or where")->required();
    add->add_option("--reason", a.master.reason, "For the log")->required();
    add->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::add_master(o, a.master); }; });
}

/// What needs no service: what this person knows of its log.
void add_known_log(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* log = app.add_subcommand("log", "What you know of the platform's log: its key, and the newest checkpoint that you saw");
    log->require_subcommand(1);
    const auto add = [&](const char* name, const char* text, base::Status (*run)(const std::string&, bool)) {
        log->add_subcommand(name, text)->callback([&a, &chosen, run] {
            chosen.alone = [&a, run]() -> base::Status {
                KMP_TRY(const base::Home home, base::find_home(a.home));
                KMP_TRY(const std::string file, kmp::kmpctl::known_log_file(home));
                return run(file, a.json);
            };
        });
    };
    add("show", "Print both", kmp::kmpctl::show_known_log);
    add("forget", "Put them aside, once the auditor has said why the log was set back or its key is another", kmp::kmpctl::forget_known_log);
}

std::vector<std::string> pin_roles() {
    std::vector<std::string> out{"platform", "master", "ukey", "account", "fresh", "officer", "old", "auditor"};
    for (int i = 1; i <= 16; ++i) out.push_back("officer" + std::to_string(i));
    return out;
}

/// As an auditor where that was asked for; and where the service says that the log is for auditors alone, and there is somebody to ask for the PIN.
base::Status read_log(Officer& officer, const Arguments& a, const Command& command) {
    bool logged_in = a.as_auditor || !a.auditor.empty();
    if (logged_in) KMP_CHECK(kmp::kmpctl::log_in_as_auditor(officer, a.auditor));
    base::Status done = command(officer);
    if (done || logged_in || !kmp::kmpctl::wants_auditor(done.error())) return done;
    if (!officer.has_pin("auditor") && isatty(STDIN_FILENO) == 0) return done;
    KMP_CHECK(kmp::kmpctl::log_in_as_auditor(officer, a.auditor));
    return command(officer);
}

/// Under the help of each command that takes PINs.
void tell_pin_roles(CLI::App& app) {
    for (const kmp::kmpctl::PinRoles& p : kmp::kmpctl::pin_roles()) {
        CLI::App* command = &app;
        std::istringstream words{std::string(p.command)};
        for (std::string word; words >> word;) command = command->get_subcommand(word);
        command->footer("PINs are asked for, or given with --pin-fd ROLE=FD (here: " + std::string(p.roles) + ")");
    }
}

/// `command`: as "ukey suspend".
base::Result<Officer> connect(const Arguments& a, wire::PinSource pins, std::string_view command) {
    KMP_TRY(const base::Home home, base::find_home(a.home));
    KMP_TRY(const std::string known_log, kmp::kmpctl::known_log_file(home));
    return Officer::connect(home.admin_socket(), {known_log, a.log_key, kmp::kmpctl::works_on_any_log(command)}, std::move(pins), a.json);
}

int start(int argc, char** argv) {
    Arguments arguments;
    Chosen chosen;
    CLI::App app("The security officer's command line of the key management platform", "kmpctl");
    app.require_subcommand(1);
    app.fallthrough();
    app.add_option("--home", arguments.home, "The platform's home folder [$KMP_HOME; for root /var/lib/kmp with its sockets in /run/kmp; for others $XDG_STATE_HOME/kmp or ~/.local/state/kmp]");
    app.add_flag("--json", arguments.json, "Print one JSON document");
    app.add_option("--log-key", arguments.log_key, "The key of the log's checkpoints, or a file with it, as the auditor gave it [the one of the first contact]");
    app.add_option("--pin-fd", arguments.pin_fds, "ROLE=N: read the PIN of platform, old, master, ukey, account, fresh, auditor, officer or officer1, officer2 .. from descriptor N; repeatable. The help of each command names those that it takes")->type_name("ROLE=N")->allow_extra_args(false);
    add_ceremony(app, arguments, chosen);
    kmp::kmpctl::add_holders(app, arguments, chosen);
    add_requests(app, arguments, chosen);
    add_quorum(app, arguments, chosen);
    add_masters(app, arguments, chosen);
    add_recovery(app, arguments, chosen);
    add_standby(app, arguments, chosen);
    add_keys(app, arguments, chosen);
    add_meters(app, arguments, chosen);
    kmp::kmpctl::add_audit(app, arguments, chosen);
    add_known_log(app, arguments, chosen);
    add_pki(app, arguments, chosen);
    tell_pin_roles(app);
    if (const auto ended = cli::parse(app, argc, argv)) return *ended;

    auto pins = wire::PinSource::parse(arguments.pin_fds, pin_roles());
    if (!pins) return complain(pins.error(), cli::kWrongUsage);
    if (!arguments.log_key.empty()) {
        auto key = wire::KnownLog::key_of(arguments.log_key);
        if (!key) return complain(std::move(key).error().in("--log-key"), cli::kWrongUsage);
        arguments.log_key = std::move(*key);
    }
    if (auto usage = chosen.check(); !usage) return complain(usage.error(), cli::kWrongUsage);
    if (chosen.alone) {
        if (auto done = chosen.alone(); !done) return complain(done.error(), cli::kFailed);
        return cli::kDone;
    }
    const std::string command = cli::command_name(app).substr(app.get_name().size() + 1);
    auto officer = connect(arguments, std::move(*pins), command);
    if (!officer) return complain(officer.error(), cli::kFailed);
    const bool log = app.get_subcommand("audit")->parsed();
    if (auto done = log ? read_log(*officer, arguments, chosen.command) : chosen.command(*officer); !done) return complain(done.error(), cli::kFailed);
    return cli::kDone;
}

}  // namespace

int main(int argc, char** argv) {
    base::forbid_dumps();
    std::signal(SIGPIPE, SIG_IGN);
    google::protobuf::SetLogHandler(nullptr);
    return cli::run("kmpctl", [&] { return start(argc, argv); });
}
