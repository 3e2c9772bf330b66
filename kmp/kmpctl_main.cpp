// kmpctl: the officer's command line. Reads its arguments, asks kmpd over admin.sock, prints what came of it.
#include <google/protobuf/stubs/logging.h>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <sstream>

#include "audit/review_options.h"
#include "base/home.h"
#include "base/ids.h"
#include "base/secret.h"
#include "cli/command_line.h"
#include "kmp/kmpctl/auditing.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/known_log.h"
#include "kmp/kmpctl/pin_roles.h"
#include "kmp/kmpctl/search.h"
#include "kmp/kmpctl/terms.h"
#include "wire/pb.h"

namespace {

using kmp::kmpctl::Officer;

int complain(const base::Error& error, int code) { return cli::complain("kmpctl", error, code); }

struct Arguments {
    std::string home;
    std::string log_key;
    bool json = false;
    std::vector<std::string> pin_fds;
    kmp::kmpctl::InitArguments init;
    kmp::kmpctl::QuorumArguments quorum;
    kmp::kmpctl::MasterArguments master;
    kmp::kmpctl::RestoreArguments restore;
    std::string day_offset = "+08:00";
    kmp::kmpctl::TermsText terms;
    std::string serial;
    std::string reason;
    std::string file;
    std::string station;
    kmp::kmpctl::CheckpointArguments checkpoint;
    std::uint64_t accept_rollback = 0;
    std::string folder;
    kmp::kmpctl::InstallArguments install;
    kmp::kmpctl::ListArguments list;
    std::uint64_t index = 0;
    std::string name;
    bool replace = false;
    kmp::kmpctl::ProveArguments proof;
    audit::ReconcileArguments reconcile;
    kmp::kmpctl::ReportArguments report;
    std::string export_file;  ///< audit reconcile, report: in the place of the service's log
    kmp::kmpctl::IssueArguments issue;
    kmp::kmpctl::AccountArguments account;
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
    kmp::kmpctl::ArchiveArguments archive;
    kmp::kmpctl::ExportArguments exported;
    bool as_auditor = false;
    std::string auditor;  ///< serial of the auditor UKEY
};

/// What the chosen command does; set by the callback of its subcommand.
using Command = std::function<base::Status(Officer&)>;
/// What can be told wrong before kmpd is asked.
using Check = std::function<base::Status()>;

struct Chosen {
    Command command;
    std::function<base::Status()> alone;  ///< in its place: what needs no service
    Check check = [] { return base::Status(); };
};

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

enum class Terms { issued, changed };

/// The terms of a grant, as issuing and setting one take them: what is left out takes its default in the one, and stays in the other.
void add_terms(CLI::App& command, Arguments& a, Terms use) {
    auto& t = a.terms;
    const auto text = [use](std::string what, std::string_view otherwise) { return what + " [" + (use == Terms::issued ? std::string(otherwise) : "as it is") + "]"; };
    const auto list = [use](std::string what) { return use == Terms::issued ? what : what + "; in the place of all that were given"; };
    command.add_option("--station", t.station, text("The vending station of a user UKEY", "the holder"));
    command.add_option("--operations", t.operations, text(list("What it may do, separated by commas"), "what its kind needs"))->delimiter(',')->allow_extra_args(false);
    command.add_option("--classes", t.classes, text(list("Key classes, separated by commas"), "user: all but control; key: all"))->delimiter(',')->allow_extra_args(false);
    command.add_option("--meters", t.meters, text(list("FIRST-LAST[,FIRST-LAST..], 12 digits each, or all"), "all"))->delimiter(',')->allow_extra_args(false);
    command.add_option("--per-order", t.per_order, text("Cap of one order, yuan", "user: 2000.00"));
    command.add_option("--per-day", t.per_day, text("Cap of a day, yuan", "user: 50000.00"));
    command.add_option("--per-month", t.per_month, text("Cap of a month, yuan", "user: 1000000.00"));
    command.add_option("--orders-per-minute", t.orders_per_minute, text("Rate of orders", "user: 600"));
    command.add_option("--hours", t.hours, text("Hours of the utility's day, as 8-17 for 08:00 to 17:59", "all"))->delimiter(',')->allow_extra_args(false);
    command.add_option("--weekdays", t.weekdays, text("Weekdays, as mon-fri,sun", "all"))->delimiter(',')->allow_extra_args(false);
    command.add_option("--valid-from", t.valid_from, text("A date (from 00:00 UTC) or a UTC time as 2027-12-31T20:00:00Z", "now"));
    command.add_option("--valid-until", t.valid_until, text("A date (to 23:59:59 UTC, not of the utility's day) or a UTC time", "one year later"));
    command.add_option("--uid", t.uids, text(list("Unix user that may open a session without the PIN; repeatable"), "nobody"))->delimiter(',')->allow_extra_args(false);
}

/// An auditor's UKEY has no grant, only an end.
base::Result<kmp::v1::GrantTerms> issue_terms(const Arguments& a) {
    if (a.issue.kind != "auditor") return kmp::kmpctl::parse_terms(a.terms);
    kmp::v1::GrantTerms out;
    KMP_TRY(const base::Millis until, kmp::kmpctl::parse_end(a.terms.valid_until));
    out.set_not_after_ms(until);
    return out;
}

void add_issue(CLI::App& ukey, Arguments& a, Chosen& chosen) {
    auto* issue = ukey.add_subcommand("issue", "Make a blank UKEY a key, user or auditor UKEY");
    issue->add_option("--kind", a.issue.kind, "user (vending station), key (meter engineer) or auditor")->required()->check(CLI::IsMember({"user", "key", "auditor"}));
    issue->add_option("--reader", a.issue.reader, "Reader with the blank UKEY")->required();
    issue->add_option("--holder", a.issue.holder, "Who holds it")->required();
    issue->add_flag("--holder-present", a.issue.holder_present, "The holder types the PIN: it need not be changed before the first use");
    add_terms(*issue, a, Terms::issued);
    issue->callback([&] {
        chosen.check = [&a]() -> base::Status {
            a.terms.kind = a.issue.kind;
            a.terms.holder = a.issue.holder;
            KMP_CHECK(issue_terms(a));
            return {};
        };
        chosen.command = [&a](Officer& o) -> base::Status {
            KMP_TRY(const auto terms, issue_terms(a));
            return kmp::kmpctl::issue_ukey(o, a.issue, terms);
        };
    });
}

void add_batch(CLI::App& ukey, Arguments& a, Chosen& chosen) {
    auto* batch = ukey.add_subcommand("issue-batch", "Issue every UKEY of a CSV file; given again it goes on where it was cut off");
    batch->add_option("FILE", a.file, "Its first line names the columns: reader, kind, holder, and options of 'issue' as per-day; lists inside a field are separated by ';'")->required();
    batch->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::issue_batch(o, a.file); }; });
}

void add_holding(CLI::App& ukey, Arguments& a, Chosen& chosen) {
    auto* renew = ukey.add_subcommand("renew", "Give it new certificates, and its grant a new end. Its holder's PIN is needed");
    renew->add_option("SERIAL", a.serial)->required();
    renew->add_option("--valid-until", a.valid_until, "A date or UTC time [one year from now]");
    renew->callback([&] {
        chosen.check = [&a]() -> base::Status {
            KMP_CHECK(kmp::kmpctl::parse_end(a.valid_until));
            return {};
        };
        chosen.command = [&a](Officer& o) -> base::Status {
            KMP_TRY(const base::Millis until, kmp::kmpctl::parse_end(a.valid_until));
            return kmp::kmpctl::renew_ukey(o, a.serial, until);
        };
    });
    auto* inject = ukey.add_subcommand("inject", "Give it the class masters of newer versions that its grant allows. Its holder's PIN is needed");
    inject->add_option("SERIAL", a.serial)->required();
    inject->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::inject_ukey(o, a.serial); }; });
    auto* attend = ukey.add_subcommand("attend", "Keep a user UKEY's PIN, sealed by the platform UKEY, so that it opens by itself after a pull or a restart");
    attend->add_option("SERIAL", a.serial)->required();
    attend->add_flag("--end", a.end, "Forget the PIN");
    attend->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::attend_ukey(o, a.serial, a.end); }; });
    auto* pin = ukey.add_subcommand("set-pin", "Change its PIN; its holder types the present one and the new one");
    pin->add_option("SERIAL", a.serial)->required();
    pin->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::set_pin(o, a.serial); }; });
}

constexpr const char* kCertificateText = "File (PEM or DER) with the station's certificate; only its key counts. Of a UKEY: 'kmpctl ukey certificate' at its own kmpd";

void add_stations(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* station = app.add_subcommand("station", "Stations that are held for an unusual burst of sales: list, release");
    station->require_subcommand(1);
    station->add_subcommand("list", "List those that are held")->callback([&] { chosen.command = kmp::kmpctl::list_stations; });
    auto* release = station->add_subcommand("release", "Let one sell again, after you have asked what it sold");
    release->add_option("STATION", a.station, "Its name, as its grant says it")->required();
    release->add_option("--reason", a.reason, "For the log")->required();
    release->add_option("--officer", a.officer, "Dual control: serial of the officer UKEY that acts [the only one present]");
    release->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::release_station(o, a.station, a.reason, a.officer); }; });
}

void add_accounts(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* account = app.add_subcommand("account", "Network accounts: add, list, show, passwd, certificate, disable, enable, reset");
    account->require_subcommand(1);
    const auto check_end = [&a]() -> base::Status {
        KMP_TRY(a.account.not_after_ms, kmp::kmpctl::parse_end(a.valid_until, "--until"));
        return {};
    };
    auto* add = account->add_subcommand("add", "Let somebody use a user UKEY that is plugged in here, by a name and a password or a certificate");
    add->add_option("NAME", a.account.name, "1 to 64 letters, digits, '-', '_' and '.'")->required();
    add->add_option("--ukey", a.account.ukey, "Serial of the user UKEY whose grant the account uses")->required();
    add->add_option("--holder", a.account.holder, "Who holds it")->required();
    auto* bound = add->add_option("--certificate", a.account.certificate, kCertificateText);
    add->add_flag("--with-password", a.account.with_password, "Beside the certificate; without a certificate there always is one")->needs(bound);
    add->add_option("--until", a.valid_until, "A date (to 23:59:59 UTC) or a UTC time [as long as the UKEY]");
    add->add_flag("--holder-present", a.account.holder_present, "The holder types the password: it need not be changed before the first use");
    add->callback([&, check_end] {
        chosen.check = check_end;
        chosen.command = [&a](Officer& o) { return kmp::kmpctl::add_account(o, a.account); };
    });
    account->add_subcommand("list", "List all accounts")->callback([&] { chosen.command = kmp::kmpctl::list_accounts; });
    const auto named = [&](const char* name, const char* text, Command command) {
        auto* sub = account->add_subcommand(name, text);
        sub->add_option("NAME", a.account.name)->required();
        sub->callback([&chosen, command = std::move(command)] { chosen.command = command; });
        return sub;
    };
    named("show", "Show one account", [&a](Officer& o) { return kmp::kmpctl::show_account(o, a.account.name); });
    named("passwd", "Change its password; its holder types the present one and the new one", [&a](Officer& o) { return kmp::kmpctl::change_password(o, a.account.name); });
    auto* disable = named("disable", "Refuse it, at once and in open sessions too", [&a](Officer& o) { return kmp::kmpctl::disable_account(o, a.account.name, a.reason, a.officer); });
    disable->add_option("--reason", a.reason, "For the log")->required();
    disable->add_option("--officer", a.officer, "Dual control: serial of the officer UKEY that acts [the only one present]");
    auto* enable = account->add_subcommand("enable", "Lift a disabling, or give it a new end");
    enable->add_option("NAME", a.account.name)->required();
    enable->add_option("--until", a.valid_until, "A new end: a date (to 23:59:59 UTC) or a UTC time [the one it has]");
    enable->callback([&, check_end] {
        chosen.check = check_end;
        chosen.command = [&a](Officer& o) { return kmp::kmpctl::enable_account(o, a.account.name, a.account.not_after_ms); };
    });
    auto* certificate = account->add_subcommand("certificate", "Bind it to another certificate: who proves that one's key may use it from then on");
    certificate->add_option("NAME", a.account.name)->required();
    auto* what = certificate->add_option_group("what");
    what->add_option("--certificate", a.account.certificate, kCertificateText);
    auto* end = what->add_flag("--end", a.account.end, "No certificate any more: by its password only");
    what->require_option(1);
    certificate->add_flag("--end-password", a.account.end_password, "From now on by the certificate alone")->excludes(end);
    certificate->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::bind_account(o, a.account); }; });
    auto* reset = named("reset", "Give it a new password, and lift a lock", [&a](Officer& o) { return kmp::kmpctl::reset_account(o, a.account.name, a.account.holder_present); });
    reset->add_flag("--holder-present", a.account.holder_present, "The holder types the password: it need not be changed before the first use");
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

void add_ukeys(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* ukey = app.add_subcommand("ukey", "UKEYs: list, show, issue, renew, inject, attend, set-pin, suspend, resume, report-lost, revoke, unblock, destroy");
    ukey->require_subcommand(1);
    ukey->add_subcommand("list", "List all UKEYs")->callback([&] { chosen.command = kmp::kmpctl::list_ukeys; });
    auto* show = ukey->add_subcommand("show", "Show one UKEY");
    show->add_option("SERIAL", a.serial)->required();
    show->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::show_ukey(o, a.serial); }; });
    auto* certificate = ukey->add_subcommand("certificate", "Print the certificate of its identity key (PEM): what another platform's officer binds a network account to");
    certificate->add_option("SERIAL", a.serial)->required();
    certificate->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::show_certificate(o, a.serial); }; });
    add_issue(*ukey, a, chosen);
    add_batch(*ukey, a, chosen);
    add_holding(*ukey, a, chosen);
    for (const auto& [action, text, reason_wanted] : {std::tuple{"suspend", "Refuse it for a while, at once and in open sessions too", true},
                                                      std::tuple{"resume", "Lift a suspension", false},
                                                      std::tuple{"report-lost", "Its holder misses it: refuse it from now on", true},
                                                      std::tuple{"revoke", "Refuse it for good, and put it on the revocation list", true},
                                                      std::tuple{"unblock", "Give a UKEY that wrong PINs have blocked a new PIN", false},
                                                      std::tuple{"destroy", "Erase the token of a revoked UKEY, or of one that was never finished; it is plugged in", false}}) {
        auto* change = ukey->add_subcommand(action, text);
        change->add_option("SERIAL", a.serial)->required();
        change->add_option("--reason", a.reason, "For the log")->required(reason_wanted);
        change->add_option("--officer", a.officer, "Dual control: serial of the officer UKEY that acts [the only one present]");
        change->callback([&, name = std::string(action)] { chosen.command = [&a, name](Officer& o) { return kmp::kmpctl::change_ukey(o, a.serial, name, a.reason, a.officer); }; });
    }
    auto* grant = app.add_subcommand("grant", "Grants: what a UKEY may do");
    grant->require_subcommand(1);
    auto* terms = grant->add_subcommand("show", "Show the terms of a UKEY's grant");
    terms->add_option("SERIAL", a.serial)->required();
    terms->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::show_grant(o, a.serial); }; });
    auto* set = grant->add_subcommand("set", "Change terms of a UKEY's grant; what is left out stays as it is");
    set->add_option("SERIAL", a.serial)->required();
    set->add_option("--officer", a.officer, "Dual control: serial of the officer UKEY that narrows it [the only one present]");
    add_terms(*set, a, Terms::changed);
    set->callback([&] {
        chosen.command = [&a](Officer& o) { return kmp::kmpctl::set_grant(o, a.serial, a.terms, a.officer); };
    });
}

void add_filters(CLI::App& command, Arguments& a) {
    for (const auto& list : kmp::searches::kSearchLists) command.add_option(kmp::searches::option_of(list.name), a.list.search.*list.values, std::string(list.help) + "; repeatable")->allow_extra_args(false);
    for (const auto& one : kmp::searches::kSearchValues) command.add_option(kmp::searches::option_of(one.name), a.list.search.*one.value, one.help);
}

void add_page(CLI::App& command, Arguments& a) {
    command.add_option("--limit", a.list.limit, "How many")->check(CLI::Range(1, 1000))->capture_default_str();
    auto* first = command.add_option("--first", a.list.first, "From the event with this index on")->check(CLI::NonNegativeNumber);
    command.add_option("--before", a.list.before, "The newest of those below this index")->check(CLI::NonNegativeNumber)->excludes(first);
}

base::Status check_filters(const Arguments& a) {
    KMP_CHECK(kmp::kmpctl::parse_search(a.list.search, base::SystemClock().now()));
    return {};
}

void add_saved_searches(CLI::App& audit, Arguments& a, Chosen& chosen) {
    auto* search = audit.add_subcommand("search", "Searches that are saved under a name: save, list, run, remove");
    search->require_subcommand(1);
    auto* save = search->add_subcommand("save", "Save a search; a span as 7d is counted from when it is run");
    save->add_option("NAME", a.name, "Under this name")->required();
    save->add_flag("--replace", a.replace, "In the place of the one that is there");
    add_filters(*save, a);
    save->callback([&] {
        chosen.check = [&a]() -> base::Status {
            KMP_CHECK(base::check_name(a.name, "NAME"));
            if (a.list.search == kmp::kmpctl::SearchText()) return {base::Code::invalid_argument, "audit search save: without a filter it would find every event; give one or more"};
            return check_filters(a);
        };
        chosen.alone = [&a] { return kmp::kmpctl::save_search(a.name, a.list.search, a.replace, a.json); };
    });
    search->add_subcommand("list", "Show the searches that are saved")->callback([&] { chosen.alone = [&a] { return kmp::kmpctl::list_searches(a.json); }; });
    auto* run = search->add_subcommand("run", "Show the events that a saved search finds, the newest unless --first is given");
    run->add_option("NAME", a.name, "Which")->required();
    add_page(*run, a);
    run->callback([&] {
        chosen.command = [&a](Officer& o) -> base::Status {
            KMP_TRY(a.list.search, kmp::kmpctl::saved_search(a.name));
            a.list.command = "audit search run " + a.name;
            return kmp::kmpctl::list_events(o, a.list);
        };
    });
    auto* remove = search->add_subcommand("remove", "Forget a saved search");
    remove->add_option("NAME", a.name, "Which")->required();
    remove->callback([&] { chosen.alone = [&a] { return kmp::kmpctl::remove_search(a.name, a.json); }; });
}

void add_searches(CLI::App& audit, Arguments& a, Chosen& chosen) {
    auto* list = audit.add_subcommand("list", "Show events, the newest unless --first is given; of several values of one filter any will do, all filters must fit");
    add_page(*list, a);
    add_filters(*list, a);
    list->callback([&] {
        chosen.check = [&a] { return check_filters(a); };
        chosen.command = [&a](Officer& o) {
            if (const std::string filters = kmp::searches::in_words(a.list.search); !filters.empty()) a.list.command += " " + filters;
            return kmp::kmpctl::list_events(o, a.list);
        };
    });
    auto* show = audit.add_subcommand("show", "Show one event with all its fields");
    show->add_option("INDEX", a.index, "Its index")->required()->check(CLI::NonNegativeNumber);
    show->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::show_event(o, a.index); }; });
    add_saved_searches(audit, a, chosen);
}

void add_reviews(CLI::App& audit, Arguments& a, Chosen& chosen) {
    auto* books = audit.add_subcommand("reconcile", "Hold a vending system's ledger against the orders that were signed");
    ::audit::add_reconcile_options(*books, a.reconcile);
    books->add_option("--export", a.export_file, "A file that audit export wrote, in the place of the service's log");
    books->callback([&] {
        const auto arguments = [&a] {
            a.reconcile.json = a.json;
            return a.reconcile;
        };
        if (!a.export_file.empty()) chosen.alone = [&a, arguments] { return kmp::kmpctl::reconcile_offline(a.export_file, arguments()); };
        chosen.command = [arguments](Officer& o) { return kmp::kmpctl::reconcile(o, arguments()); };
    });
    auto* paper = audit.add_subcommand("report", "Draw a day of the log as a PDF: the verdict, key figures, sales, what was issued, revoked and refused, the checkpoint");
    paper->add_option("OUT.pdf", a.report.file, "The file [with --json: none]");
    paper->add_option("--day", a.report.day, "A day of the utility, as 2026-11-22 [that of the newest event]");
    paper->add_option("--export", a.export_file, "A file that audit export wrote, in the place of the service's log");
    ::audit::add_certificate_options(*paper, a.report.trust);
    paper->callback([&] {
        chosen.check = [&a]() -> base::Status {
            if (a.report.file.empty() && !a.json) return {base::Code::invalid_argument, "audit report: name the file for the PDF, or ask for --json"};
            return {};
        };
        const auto arguments = [&a] {
            a.report.json = a.json;
            return a.report;
        };
        if (!a.export_file.empty()) chosen.alone = [&a, arguments] { return kmp::kmpctl::report_day_offline(a.export_file, arguments()); };
        chosen.command = [arguments](Officer& o) { return kmp::kmpctl::report_day(o, arguments()); };
    });
}

void add_retention(CLI::App& audit, Arguments& a, Chosen& chosen) {
    auto* retention = audit.add_subcommand("retention", "How long events stay in the live database, and archive segments at all; without options: what is in force");
    auto* live = retention->add_option("--live-days", a.live_days, "An event that is older may be archived; 0: none ever");
    auto* keep = retention->add_option("--keep-days", a.keep_days, "For so long no archive segment is destroyed");
    auto* reason = retention->add_option("--reason", a.reason, "Why, for the log");
    live->needs(keep)->needs(reason);
    keep->needs(live);
    reason->needs(live);
    retention->callback([&, live] {
        if (live->count() == 0) chosen.command = kmp::kmpctl::show_retention;
        else chosen.command = [&a](Officer& o) { return kmp::kmpctl::set_retention(o, a.live_days, a.keep_days, a.reason); };
    });
}

void add_archive(CLI::App& audit, Arguments& a, Chosen& chosen) {
    auto* archive = audit.add_subcommand("archive", "Move events that are old enough into a segment, a file in FOLDER on the service's machine; or see to the segments");
    auto* folder = archive->add_option("FOLDER", a.archive.folder, "Where the segment is written");
    auto* recipients = archive->add_option("--for", a.archive.recipients, "Serials of the auditor UKEYs that alone can open it [anybody]");
    auto* most = archive->add_option("--most", a.archive.most, "How many events [all that may go]");
    auto* tell = archive->add_flag("--only-tell", a.archive.only_tell, "Do nothing, say what would be done");
    auto* list = archive->add_flag("--list", a.archive.list, "Which segments there are, and until when each is to be kept");
    auto* check = archive->add_option("--check", a.archive.check, "Whether all segments are in this folder, and unchanged");
    for (CLI::Option* other : {folder, recipients, most, tell}) {
        list->excludes(other);
        check->excludes(other);
    }
    list->excludes(check);
    archive->callback([&] {
        chosen.check = [&a]() -> base::Status {
            if (!a.archive.folder.empty() || a.archive.only_tell || a.archive.list || !a.archive.check.empty()) return {};
            return {base::Code::invalid_argument, "audit archive: name the FOLDER that the segment is written to, or --only-tell, --list or --check FOLDER"};
        };
        chosen.command = [&a](Officer& o) {
            if (a.archive.list) return kmp::kmpctl::list_segments(o);
            if (!a.archive.check.empty()) return kmp::kmpctl::check_segments(o, a.archive.check);
            return kmp::kmpctl::archive(o, a.archive);
        };
    });
}

void add_audit(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* audit = app.add_subcommand("audit", "The log: list, show, search, minutes, export, checkpoint, prove, verify, reconcile, report, retention, archive");
    audit->require_subcommand(1);
    audit->add_flag("--as-auditor", a.as_auditor, "Log in with your auditor UKEY first; without it that is done where the service wants it and a PIN can be asked for");
    audit->add_option("--auditor", a.auditor, "The same, with the UKEY of this serial, where several are plugged in")->type_name("SERIAL");
    add_searches(*audit, a, chosen);
    audit->add_subcommand("minutes", "Print the minutes of the ceremony, and of every restore and replacement of the platform UKEY")->callback([&] { chosen.command = kmp::kmpctl::show_minutes; });
    auto* out = audit->add_subcommand("export", "Write the log, or a range of it, to a file that kmp-audit verifies anywhere");
    out->add_option("FILE", a.exported.file, "- for standard output")->required();
    out->add_option("--first", a.exported.first, "Index of the first event [0]")->check(CLI::NonNegativeNumber);
    out->add_option("--end", a.exported.end, "Index behind the last event; it goes on to the next checkpoint, which proves it [the newest]")->check(CLI::NonNegativeNumber);
    out->add_option("--from", a.exported.from, "Events recorded from this date (00:00 UTC) or UTC time on");
    out->add_option("--until", a.exported.until, "And up to the end of this date, or before this UTC time");
    out->add_option("--for", a.exported.recipients, "Serial of an auditor UKEY that alone can open the file; repeatable. Without any it is in clear")->type_name("UKEY")->allow_extra_args(false);
    out->add_option("--format", a.exported.format, "kmpaudit, or for other programs jsonl or csv, which prove nothing")->capture_default_str()->check(CLI::IsMember({"kmpaudit", "jsonl", "csv"}));
    out->callback([&] {
        chosen.check = [&a] { return kmp::kmpctl::check_export(a.exported, a.json); };
        chosen.command = [&a](Officer& o) { return kmp::kmpctl::export_events(o, a.exported); };
    });
    audit->add_subcommand("verify", "Verify the database where it lies: every page, every event, the tree and the rules; the service goes on working")->callback([&] { chosen.command = kmp::kmpctl::verify_log; });
    auto* point = audit->add_subcommand("checkpoint", "Print the newest checkpoint: keep it outside this machine");
    point->add_option("FILE", a.checkpoint.file, "Also write it there");
    auto* log_key = point->add_flag("--key", a.checkpoint.key, "The key that signs checkpoints, in their place: with it anybody checks them and proofs");
    point->add_flag("--witness-key", a.checkpoint.witness_key, "The key with which this service cosigns other logs: for HOME/witnesses/NAME.toml there, and kmp-audit verify --witness")->excludes(log_key);
    point->add_flag("--qr", a.checkpoint.qr, "Also draw it as a QR code for the terminal; what is scanned is what kmp-audit verify --checkpoint takes");
    point->add_option("--qr-png", a.checkpoint.picture, "Also draw the QR code to this PNG file, to be printed");
    point->callback([&] { chosen.command = [&a](Officer& o) { return kmp::kmpctl::checkpoint(o, a.checkpoint); }; });
    add_reviews(*audit, a, chosen);
    add_retention(*audit, a, chosen);
    add_archive(*audit, a, chosen);
}

void add_proof(CLI::App& audit, Arguments& a, Chosen& chosen) {
    auto* prove = audit.add_subcommand("prove", "Write a proof that kmp-audit verify-proof checks anywhere: that an event is in the log, or with --since that the log only grew");
    auto* index = prove->add_option("INDEX", a.proof.index, "Of the event");
    prove->add_option("--since", a.proof.since, "File with a checkpoint that was kept elsewhere: today's log holds all that it was over")->excludes(index);
    prove->add_option("-o,--output", a.proof.output, "File that takes it [standard output]");
    prove->callback([&] {
        chosen.check = [&a]() -> base::Status {
            if (!a.proof.index && a.proof.since.empty()) return {base::Code::invalid_argument, "audit prove: say which event (INDEX), or since when (--since CHECKPOINT_FILE)"};
            if (a.json && a.proof.output.empty()) return {base::Code::invalid_argument, "audit prove: the proof and a JSON document cannot both go to standard output; name a file with -o"};
            return {};
        };
        chosen.command = [&a](Officer& o) { return kmp::kmpctl::prove(o, a.proof); };
    });
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

/// `looks`: it only asks how the service stands, which must be told whatever has become of its log.
base::Result<Officer> connect(const Arguments& a, wire::PinSource pins, bool looks) {
    KMP_TRY(const base::Home home, base::find_home(a.home));
    KMP_TRY(const std::string known_log, kmp::kmpctl::known_log_file(home));
    return Officer::connect(home.admin_socket(), {known_log, a.log_key, looks}, std::move(pins), a.json);
}

int start(int argc, char** argv) {
    Arguments arguments;
    Chosen chosen;
    CLI::App app("The security officer's command line of the key management platform", "kmpctl");
    app.require_subcommand(1);
    app.fallthrough();
    app.add_option("--home", arguments.home, "The platform's home folder [$KMP_HOME; for root /var/lib/kmp with its sockets in /run/kmp; for others $XDG_STATE_HOME/kmp or ~/.local/state/kmp]");
    app.add_flag("--json", arguments.json, "Print one JSON document");
    app.add_option("--log-key", arguments.log_key, "The key of the log's checkpoints, as the auditor gave it [the one of the first contact]");
    app.add_option("--pin-fd", arguments.pin_fds, "ROLE=N: read the PIN of platform, old, master, ukey, account, fresh, auditor, officer or officer1, officer2 .. from descriptor N; repeatable. The help of each command names those that it takes")->type_name("ROLE=N")->allow_extra_args(false);
    add_ceremony(app, arguments, chosen);
    add_ukeys(app, arguments, chosen);
    add_accounts(app, arguments, chosen);
    add_stations(app, arguments, chosen);
    add_requests(app, arguments, chosen);
    add_quorum(app, arguments, chosen);
    add_masters(app, arguments, chosen);
    add_recovery(app, arguments, chosen);
    add_standby(app, arguments, chosen);
    add_keys(app, arguments, chosen);
    add_meters(app, arguments, chosen);
    add_audit(app, arguments, chosen);
    add_proof(*app.get_subcommand("audit"), arguments, chosen);
    add_known_log(app, arguments, chosen);
    add_pki(app, arguments, chosen);
    tell_pin_roles(app);
    if (const auto ended = cli::parse(app, argc, argv)) return *ended;

    auto pins = wire::PinSource::parse(arguments.pin_fds, pin_roles());
    if (!pins) return complain(pins.error(), cli::kWrongUsage);
    if (auto usage = chosen.check(); !usage) return complain(usage.error(), cli::kWrongUsage);
    if (chosen.alone) {
        if (auto done = chosen.alone(); !done) return complain(done.error(), cli::kFailed);
        return cli::kDone;
    }
    // How the service stands, and its log, is told whatever has become of them.
    const bool looks = app.get_subcommand("status")->parsed() || app.get_subcommand("audit")->get_subcommand("verify")->parsed();
    auto officer = connect(arguments, std::move(*pins), looks);
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
