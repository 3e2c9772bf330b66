// The commands about UKEYs and what rests on them: grants, network accounts, stations.
#include <CLI/CLI.hpp>

#include "kmp/kmpctl/options.h"

namespace kmp::kmpctl {
namespace {

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
base::Result<wire::pb::GrantTerms> issue_terms(const Arguments& a) {
    if (a.issue.kind != "auditor") return parse_terms(a.terms);
    wire::pb::GrantTerms out;
    KMP_TRY(const base::Millis until, parse_end(a.terms.valid_until));
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
            return issue_ukey(o, a.issue, terms);
        };
    });
}

void add_batch(CLI::App& ukey, Arguments& a, Chosen& chosen) {
    auto* batch = ukey.add_subcommand("issue-batch", "Issue every UKEY of a CSV file; given again it goes on where it was cut off");
    batch->add_option("FILE", a.file, "Its first line names the columns: reader, kind, holder, and options of 'issue' as per-day; lists inside a field are separated by ';'")->required();
    batch->callback([&] { chosen.command = [&a](Officer& o) { return issue_batch(o, a.file); }; });
}

void add_holding(CLI::App& ukey, Arguments& a, Chosen& chosen) {
    auto* renew = ukey.add_subcommand("renew", "Give it new certificates, and its grant a new end. Its holder's PIN is needed");
    renew->add_option("SERIAL", a.serial)->required();
    renew->add_option("--valid-until", a.valid_until, "A date or UTC time [one year from now]");
    renew->callback([&] {
        chosen.check = [&a]() -> base::Status {
            KMP_CHECK(parse_end(a.valid_until));
            return {};
        };
        chosen.command = [&a](Officer& o) -> base::Status {
            KMP_TRY(const base::Millis until, parse_end(a.valid_until));
            return renew_ukey(o, a.serial, until);
        };
    });
    auto* inject = ukey.add_subcommand("inject", "Give it the class masters of newer versions that its grant allows. Its holder's PIN is needed");
    inject->add_option("SERIAL", a.serial)->required();
    inject->callback([&] { chosen.command = [&a](Officer& o) { return inject_ukey(o, a.serial); }; });
    auto* attend = ukey.add_subcommand("attend", "Keep a user UKEY's PIN, sealed by the platform UKEY, so that it opens by itself after a pull or a restart");
    attend->add_option("SERIAL", a.serial)->required();
    attend->add_flag("--end", a.end, "Forget the PIN");
    attend->callback([&] { chosen.command = [&a](Officer& o) { return attend_ukey(o, a.serial, a.end); }; });
    auto* pin = ukey.add_subcommand("set-pin", "Change its PIN; its holder types the present one and the new one");
    pin->add_option("SERIAL", a.serial)->required();
    pin->callback([&] { chosen.command = [&a](Officer& o) { return set_pin(o, a.serial); }; });
}

void add_ukeys(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* ukey = app.add_subcommand("ukey", "UKEYs: list, show, issue, renew, inject, attend, set-pin, suspend, resume, report-lost, revoke, unblock, destroy");
    ukey->require_subcommand(1);
    ukey->add_subcommand("list", "List all UKEYs")->callback([&] { chosen.command = list_ukeys; });
    auto* show = ukey->add_subcommand("show", "Show one UKEY");
    show->add_option("SERIAL", a.serial)->required();
    show->callback([&] { chosen.command = [&a](Officer& o) { return show_ukey(o, a.serial); }; });
    auto* certificate = ukey->add_subcommand("certificate", "Print the certificate of its identity key (PEM): what another platform's officer binds a network account to");
    certificate->add_option("SERIAL", a.serial)->required();
    certificate->callback([&] { chosen.command = [&a](Officer& o) { return show_certificate(o, a.serial); }; });
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
        change->callback([&, name = std::string(action)] { chosen.command = [&a, name](Officer& o) { return change_ukey(o, a.serial, name, a.reason, a.officer); }; });
    }
    auto* grant = app.add_subcommand("grant", "Grants: what a UKEY may do");
    grant->require_subcommand(1);
    auto* terms = grant->add_subcommand("show", "Show the terms of a UKEY's grant");
    terms->add_option("SERIAL", a.serial)->required();
    terms->callback([&] { chosen.command = [&a](Officer& o) { return show_grant(o, a.serial); }; });
    auto* set = grant->add_subcommand("set", "Change terms of a UKEY's grant; what is left out stays as it is");
    set->add_option("SERIAL", a.serial)->required();
    set->add_option("--officer", a.officer, "Dual control: serial of the officer UKEY that narrows it [the only one present]");
    add_terms(*set, a, Terms::changed);
    set->callback([&] {
        chosen.command = [&a](Officer& o) { return set_grant(o, a.serial, a.terms, a.officer); };
    });
}

constexpr const char* kCertificateText = "File (PEM or DER) with the station's certificate; only its key counts. Of a UKEY: 'kmpctl ukey certificate' at its own kmpd";

void add_stations(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* station = app.add_subcommand("station", "Stations: list those that are held for an unusual burst of sales, release one; sessions that are open");
    station->require_subcommand(1);
    station->add_subcommand("list", "List those that are held")->callback([&] { chosen.command = list_stations; });
    station->add_subcommand("sessions", "List who is logged in: station, UKEY, account, from where, since when, how many orders")->callback([&] { chosen.command = list_sessions; });
    auto* release = station->add_subcommand("release", "Let one sell again, after you have asked what it sold");
    release->add_option("STATION", a.station, "Its name, as its grant says it")->required();
    release->add_option("--reason", a.reason, "For the log")->required();
    release->add_option("--officer", a.officer, "Dual control: serial of the officer UKEY that acts [the only one present]");
    release->callback([&] { chosen.command = [&a](Officer& o) { return release_station(o, a.station, a.reason, a.officer); }; });
}

void add_accounts(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* account = app.add_subcommand("account", "Network accounts: add, list, show, passwd, certificate, disable, enable, reset");
    account->require_subcommand(1);
    const auto check_end = [&a]() -> base::Status {
        KMP_TRY(a.account.not_after_ms, parse_end(a.valid_until, "--until"));
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
        chosen.command = [&a](Officer& o) { return add_account(o, a.account); };
    });
    account->add_subcommand("list", "List all accounts")->callback([&] { chosen.command = list_accounts; });
    const auto named = [&](const char* name, const char* text, Command command) {
        auto* sub = account->add_subcommand(name, text);
        sub->add_option("NAME", a.account.name)->required();
        sub->callback([&chosen, command = std::move(command)] { chosen.command = command; });
        return sub;
    };
    named("show", "Show one account", [&a](Officer& o) { return show_account(o, a.account.name); });
    named("passwd", "Change its password; its holder types the present one and the new one", [&a](Officer& o) { return change_password(o, a.account.name); });
    auto* disable = named("disable", "Refuse it, at once and in open sessions too", [&a](Officer& o) { return disable_account(o, a.account.name, a.reason, a.officer); });
    disable->add_option("--reason", a.reason, "For the log")->required();
    disable->add_option("--officer", a.officer, "Dual control: serial of the officer UKEY that acts [the only one present]");
    auto* enable = account->add_subcommand("enable", "Lift a disabling, or give it a new end");
    enable->add_option("NAME", a.account.name)->required();
    enable->add_option("--until", a.valid_until, "A new end: a date (to 23:59:59 UTC) or a UTC time [the one it has]");
    enable->callback([&, check_end] {
        chosen.check = check_end;
        chosen.command = [&a](Officer& o) { return enable_account(o, a.account.name, a.account.not_after_ms); };
    });
    auto* certificate = account->add_subcommand("certificate", "Bind it to another certificate: who proves that one's key may use it from then on");
    certificate->add_option("NAME", a.account.name)->required();
    auto* what = certificate->add_option_group("what");
    what->add_option("--certificate", a.account.certificate, kCertificateText);
    auto* end = what->add_flag("--end", a.account.end, "No certificate any more: by its password only");
    what->require_option(1);
    certificate->add_flag("--end-password", a.account.end_password, "From now on by the certificate alone")->excludes(end);
    certificate->callback([&] { chosen.command = [&a](Officer& o) { return bind_account(o, a.account); }; });
    auto* reset = named("reset", "Give it a new password, and lift a lock", [&a](Officer& o) { return reset_account(o, a.account.name, a.account.holder_present); });
    reset->add_flag("--holder-present", a.account.holder_present, "The holder types the password: it need not be changed before the first use");
}

}  // namespace

void add_holders(CLI::App& app, Arguments& a, Chosen& chosen) {
    add_ukeys(app, a, chosen);
    add_accounts(app, a, chosen);
    add_stations(app, a, chosen);
}

}  // namespace kmp::kmpctl
