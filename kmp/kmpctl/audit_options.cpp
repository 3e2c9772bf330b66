// The commands about the log: kmpctl audit, and what is below it.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "audit/review_options.h"
#include "base/ids.h"
#include "kmp/kmpctl/options.h"

namespace kmp::kmpctl {
namespace {

void add_filters(CLI::App& command, Arguments& a) {
    for (const auto& list : searches::kSearchLists) command.add_option(searches::option_of(list.name), a.list.search.*list.values, std::string(list.help) + "; repeatable")->allow_extra_args(false);
    for (const auto& one : searches::kSearchValues) command.add_option(searches::option_of(one.name), a.list.search.*one.value, one.help);
}

/// What a search says of the value of this name, for a command that takes the same.
std::string search_help(std::string_view name) { return std::ranges::find(searches::kSearchValues, name, &searches::SearchValues::name)->help; }

void add_page(CLI::App& command, Arguments& a) {
    command.add_option("--limit", a.list.limit, "How many")->check(CLI::Range(1, 1000))->capture_default_str();
    auto* first = command.add_option("--first", a.list.first, "From the event with this index on")->check(CLI::NonNegativeNumber);
    command.add_option("--before", a.list.before, "The newest of those below this index")->check(CLI::NonNegativeNumber)->excludes(first);
}

base::Status check_filters(const Arguments& a) {
    KMP_CHECK(parse_search(a.list.search, base::SystemClock().now()));
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
            if (a.list.search == SearchText()) return {base::Code::invalid_argument, "audit search save: without a filter it would find every event; give one or more"};
            return check_filters(a);
        };
        chosen.alone = [&a] { return save_search(a.name, a.list.search, a.replace, a.json); };
    });
    search->add_subcommand("list", "Show the searches that are saved")->callback([&] { chosen.alone = [&a] { return list_searches(a.json); }; });
    auto* run = search->add_subcommand("run", "Show the events that a saved search finds, the newest unless --first is given");
    run->add_option("NAME", a.name, "Which")->required();
    add_page(*run, a);
    run->callback([&] {
        chosen.command = [&a](Officer& o) -> base::Status {
            KMP_TRY(a.list.search, saved_search(a.name));
            a.list.command = "audit search run " + a.name;
            return list_events(o, a.list);
        };
    });
    auto* remove = search->add_subcommand("remove", "Forget a saved search");
    remove->add_option("NAME", a.name, "Which")->required();
    remove->callback([&] { chosen.alone = [&a] { return remove_search(a.name, a.json); }; });
}

void add_searches(CLI::App& audit, Arguments& a, Chosen& chosen) {
    auto* list = audit.add_subcommand("list", "Show events, the newest unless --first is given; of several values of one filter any will do, all filters must fit");
    add_page(*list, a);
    add_filters(*list, a);
    list->callback([&] {
        chosen.check = [&a] { return check_filters(a); };
        chosen.command = [&a](Officer& o) {
            if (const std::string filters = searches::in_words(a.list.search); !filters.empty()) a.list.command += " " + filters;
            return list_events(o, a.list);
        };
    });
    auto* show = audit.add_subcommand("show", "Show one event with all its fields");
    show->add_option("INDEX", a.index, "Its index")->required()->check(CLI::NonNegativeNumber);
    show->callback([&] { chosen.command = [&a](Officer& o) { return show_event(o, a.index); }; });
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
        if (!a.export_file.empty()) chosen.alone = [&a, arguments] { return reconcile_offline(a.export_file, arguments()); };
        chosen.command = [arguments](Officer& o) { return reconcile(o, arguments()); };
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
        if (!a.export_file.empty()) chosen.alone = [&a, arguments] { return report_day_offline(a.export_file, arguments()); };
        chosen.command = [arguments](Officer& o) { return report_day(o, arguments()); };
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
        if (live->count() == 0) chosen.command = show_retention;
        else chosen.command = [&a](Officer& o) { return set_retention(o, a.live_days, a.keep_days, a.reason); };
    });
}

void add_archive(CLI::App& audit, Arguments& a, Chosen& chosen) {
    auto* segments = audit.add_subcommand("archive", "Move events that are old enough into a segment, a file in FOLDER on the service's machine; or see to the segments");
    auto* folder = segments->add_option("FOLDER", a.archive.folder, "Where the segment is written");
    auto* recipients = segments->add_option("--for", a.archive.recipients, "Serials of the auditor UKEYs that alone can open it [anybody]");
    auto* most = segments->add_option("--most", a.archive.most, "How many events [all that may go]");
    auto* tell = segments->add_flag("--only-tell", a.archive.only_tell, "Do nothing, say what would be done");
    auto* list = segments->add_flag("--list", a.archive.list, "Which segments there are, and until when each is to be kept");
    auto* check = segments->add_option("--check", a.archive.check, "Whether all segments are in this folder, and unchanged");
    for (CLI::Option* other : {folder, recipients, most, tell}) {
        list->excludes(other);
        check->excludes(other);
    }
    list->excludes(check);
    segments->callback([&] {
        chosen.check = [&a]() -> base::Status {
            if (!a.archive.folder.empty() || a.archive.only_tell || a.archive.list || !a.archive.check.empty()) return {};
            return {base::Code::invalid_argument, "audit archive: name the FOLDER that the segment is written to, or --only-tell, --list or --check FOLDER"};
        };
        chosen.command = [&a](Officer& o) {
            if (a.archive.list) return list_segments(o);
            if (!a.archive.check.empty()) return check_segments(o, a.archive.check);
            return archive(o, a.archive);
        };
    });
}

void add_proof(CLI::App& audit, Arguments& a, Chosen& chosen) {
    auto* proof = audit.add_subcommand("prove", "Write a proof that kmp-audit verify-proof checks anywhere: that an event is in the log, or with --since that the log only grew");
    auto* index = proof->add_option("INDEX", a.proof.index, "Of the event");
    proof->add_option("--since", a.proof.since, "File with a checkpoint that was kept elsewhere: today's log holds all that it was over")->excludes(index);
    proof->add_option("-o,--output", a.proof.output, "File that takes it [standard output]");
    proof->callback([&] {
        chosen.check = [&a]() -> base::Status {
            if (!a.proof.index && a.proof.since.empty()) return {base::Code::invalid_argument, "audit prove: say which event (INDEX), or since when (--since CHECKPOINT_FILE)"};
            if (a.json && a.proof.output.empty()) return {base::Code::invalid_argument, "audit prove: the proof and a JSON document cannot both go to standard output; name a file with -o"};
            return {};
        };
        chosen.command = [&a](Officer& o) { return prove(o, a.proof); };
    });
}

}  // namespace

void add_audit(CLI::App& app, Arguments& a, Chosen& chosen) {
    auto* audit = app.add_subcommand("audit", "The log: list, show, search, minutes, export, checkpoint, prove, verify, reconcile, report, retention, archive");
    audit->require_subcommand(1);
    audit->add_flag("--as-auditor", a.as_auditor, "Log in with your auditor UKEY first; without it that is done where the service wants it and a PIN can be asked for");
    audit->add_option("--auditor", a.auditor, "The same, with the UKEY of this serial, where several are plugged in")->type_name("SERIAL");
    add_searches(*audit, a, chosen);
    audit->add_subcommand("minutes", "Print the minutes of the ceremony, and of every restore and replacement of the platform UKEY")->callback([&] { chosen.command = show_minutes; });
    auto* out = audit->add_subcommand("export", "Write the log, or a range of it, to a file that kmp-audit verifies anywhere");
    out->add_option("FILE", a.exported.file, "- for standard output")->required();
    out->add_option("--first", a.exported.first, "Index of the first event [0]")->check(CLI::NonNegativeNumber);
    out->add_option("--end", a.exported.end, "Index behind the last event; it goes on to the next checkpoint, which proves it [the newest]")->check(CLI::NonNegativeNumber);
    out->add_option("--from", a.exported.from, search_help("from"));
    out->add_option("--until", a.exported.until, search_help("until"));
    out->add_option("--for", a.exported.recipients, "Serial of an auditor UKEY that alone can open the file; repeatable. Without any it is in clear")->type_name("UKEY")->allow_extra_args(false);
    out->add_option("--format", a.exported.format, "kmpaudit, or for other programs jsonl or csv, which prove nothing")->capture_default_str()->check(CLI::IsMember({"kmpaudit", "jsonl", "csv"}));
    out->callback([&] {
        chosen.check = [&a] { return check_export(a.exported, a.json); };
        chosen.command = [&a](Officer& o) { return export_events(o, a.exported); };
    });
    audit->add_subcommand("verify", "Verify the database where it lies: every page, every event, the tree and the rules; the service goes on working")->callback([&] { chosen.command = verify_log; });
    auto* point = audit->add_subcommand("checkpoint", "Print the newest checkpoint: keep it outside this machine");
    point->add_option("FILE", a.checkpoint.file, "Also write it there");
    auto* log_key = point->add_flag("--key", a.checkpoint.key, "The key that signs checkpoints, in their place: with it anybody checks them and proofs");
    point->add_flag("--witness-key", a.checkpoint.witness_key, "The key with which this service cosigns other logs: for HOME/witnesses/NAME.toml there, and kmp-audit verify --witness")->excludes(log_key);
    point->add_flag("--qr", a.checkpoint.qr, "Also draw it as a QR code for the terminal; what is scanned is what kmp-audit verify --checkpoint takes");
    point->add_option("--qr-png", a.checkpoint.picture, "Also draw the QR code to this PNG file, to be printed");
    point->callback([&] { chosen.command = [&a](Officer& o) { return checkpoint(o, a.checkpoint); }; });
    add_reviews(*audit, a, chosen);
    add_retention(*audit, a, chosen);
    add_archive(*audit, a, chosen);
    add_proof(*audit, a, chosen);
}

}  // namespace kmp::kmpctl
