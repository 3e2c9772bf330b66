// kmp-audit: checks an exported log without the service or the database, and without a UKEY unless the export is sealed to one.
#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "audit/compare.h"
#include "audit/file_commands.h"
#include "audit/proof_commands.h"
#include "audit/review_options.h"
#include "audit/verifier.h"
#include "base/fd.h"
#include "base/secret.h"
#include "cli/command_line.h"

namespace {

struct Arguments {
    std::string file;
    std::vector<std::string> files;
    std::string newer;
    audit::TrustArguments trust;
    audit::ReconcileArguments reconcile;
    std::vector<std::string> witnesses;  ///< verifier keys, or files with one
    audit::ProofArguments proof;
    bool json = false;
    std::string to;       ///< where another file goes
    std::string format;
    audit::OpeningOptions opening;
};

int misused(const base::Error& error) { return cli::complain("kmp-audit", error, cli::kWrongUsage); }
int fail(const base::Error& error) { return cli::complain("kmp-audit", error, cli::kFailed); }

base::Result<audit::VerifyOptions> options_of(const Arguments& arguments) {
    KMP_TRY(audit::VerifyOptions out, audit::verify_options(arguments.trust));
    for (const std::string& witness : arguments.witnesses) {
        KMP_TRY(audit::VerifierKey key, audit::key_of(witness));
        if (key.type != audit::SignatureType::cosignature)
            return {base::Code::invalid_argument, "--witness " + witness + ": it is the key of a log's checkpoints; that of a witness comes from 'kmpctl audit checkpoint --witness-key' there"};
        out.witnesses.push_back(std::move(key));
    }
    return out;
}

nlohmann::ordered_json to_json(const audit::Verdict& v) {
    nlohmann::ordered_json out;
    out["sound"] = v.sound;
    out["origin"] = v.origin;
    out["first"] = v.first;
    out["size"] = v.size;
    out["checkpoints_inside"] = v.checkpoints;
    out["signature_ms"] = std::chrono::duration<double, std::milli>(v.signatures).count();
    out["root"] = base::to_hex(v.root);
    out["first_time"] = base::to_rfc3339(v.first_time);
    out["last_time"] = base::to_rfc3339(v.last_time);
    out["signed_by"] = v.signed_by;
    out["witnessed"] = nlohmann::ordered_json::object();
    for (const auto& [name, time] : v.witnessed) out["witnessed"][name] = base::to_rfc3339(time);
    out["trust_anchor_sha256"] = v.anchor_fingerprint;
    out["trust_anchor_from_export"] = v.anchor_from_export;
    out["checkpoint_given_size"] = v.holds_known ? nlohmann::ordered_json(*v.holds_known) : nlohmann::ordered_json();
    out["rules_replayed"] = v.rules_replayed;
    out["deeds_signed_from"] = v.deeds_from ? nlohmann::ordered_json(*v.deeds_from) : nlohmann::ordered_json();
    out["counts"] = nlohmann::ordered_json::object();
    for (const auto& [type, count] : v.counts) out["counts"][std::string(audit::name(type))] = count;
    out["finding_count"] = v.finding_count;
    out["findings"] = nlohmann::ordered_json::array();
    for (const audit::Finding& f : v.findings) {
        nlohmann::ordered_json finding;
        if (f.index) finding["index"] = *f.index;
        finding["rule"] = f.rule;
        finding["message"] = f.message;
        out["findings"].push_back(std::move(finding));
    }
    return out;
}

void print(const audit::Verdict& v, bool held) {
    std::printf("log         %s\n", v.origin.c_str());
    if (v.first == 0)
        std::printf("records     %llu%s\n", static_cast<unsigned long long>(v.size), v.rules_replayed ? "" : "; not all of them are whole and in place, and the rules were not replayed over all");
    else
        std::printf("records     %llu up to %llu; the rules need a whole export and were not replayed\n", static_cast<unsigned long long>(v.first),
                    static_cast<unsigned long long>(v.size));
    if (v.rules_replayed && !v.deeds_from)
        std::printf("deeds       this log never owes signatures of them: whose word UKEYs and keys came of it does not show\n");
    else if (v.deeds_from)
        std::printf("deeds       signed from record %llu on\n", static_cast<unsigned long long>(*v.deeds_from));
    std::printf("period      %s to %s\n", base::to_rfc3339(v.first_time).c_str(), base::to_rfc3339(v.last_time).c_str());
    std::printf("root        %s\n", base::to_hex(v.root).c_str());
    if (v.checkpoints > 0) std::printf("inside      %llu signed checkpoints, which the records fit\n", static_cast<unsigned long long>(v.checkpoints));
    if (v.holds_known) std::printf("kept        the checkpoint given is over %llu records: the log still holds all of them\n", static_cast<unsigned long long>(*v.holds_known));
    else if (!held) std::printf("kept        no checkpoint was given (--checkpoint): whether the log was set back does not show\n");
    std::printf("signed by   %s\n", v.signed_by.empty() ? "unknown" : v.signed_by.c_str());
    for (const auto& [name, time] : v.witnessed) std::printf("witnessed   by %s at %s\n", name.c_str(), base::to_rfc3339(time).c_str());
    std::printf("anchor      SHA-256 %s%s\n", v.anchor_fingerprint.c_str(), v.anchor_from_export ? "" : ", as it was given");
    if (v.anchor_from_export) std::printf("            taken from the export itself: compare this fingerprint with the one of the ceremony, or give --certificate\n");
    for (const auto& [type, count] : v.counts) std::printf("  %-20s %llu\n", std::string(audit::name(type)).c_str(), static_cast<unsigned long long>(count));
    for (const audit::Finding& f : v.findings) {
        if (f.index)
            std::printf("finding     record %llu: %s: %s\n", static_cast<unsigned long long>(*f.index), f.rule.c_str(), f.message.c_str());
        else
            std::printf("finding     %s: %s\n", f.rule.c_str(), f.message.c_str());
    }
    if (v.finding_count > v.findings.size()) std::printf("finding     and %llu more\n", static_cast<unsigned long long>(v.finding_count - v.findings.size()));
    std::printf("verdict     %s\n", v.sound ? "sound" : "NOT SOUND");
}

int verify(const Arguments& arguments) {
    const auto options = options_of(arguments);
    if (!options) return fail(options.error());
    auto opening = audit::Opening::prepare(arguments.opening);
    if (!opening) return misused(opening.error());
    std::vector<base::Fd> open;
    std::vector<audit::Part> parts;
    open.reserve(arguments.files.size());  // what reads a file refers to its place here
    for (const std::string& file : arguments.files) {
        auto fd = audit::open_source(file);
        if (!fd) return fail(fd.error());
        open.push_back(std::move(*fd));
        parts.push_back({file, opening->read(audit::source_of(open.back(), file))});
    }
    const auto verdict = audit::verify_exports(parts, *options);
    if (!verdict) return fail(verdict.error());
    const std::string which = parts.size() == 1 ? arguments.files.front() : std::to_string(parts.size()) + " files";
    // Not an export with a flaw, but another file: of that there is nothing to tell.
    if (!verdict->has_head) return fail({base::Code::malformed, (parts.size() == 1 ? which + ": " : "") + verdict->findings.front().message});
    if (arguments.json)
        std::printf("%s\n", to_json(*verdict).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
    else
        print(*verdict, options->known_checkpoint.has_value());
    if (verdict->sound) return 0;
    return fail({base::Code::tampered, which + ": " + std::to_string(verdict->finding_count) + (verdict->finding_count == 1 ? " finding" : " findings")});
}

int diff(const Arguments& arguments) {
    const auto older = audit::open_source(arguments.file);
    if (!older) return fail(older.error());
    const auto newer = audit::open_source(arguments.newer);
    if (!newer) return fail(newer.error());
    auto opening = audit::Opening::prepare(arguments.opening);
    if (!opening) return misused(opening.error());
    const auto result = audit::compare_exports(opening->read(audit::source_of(*older, arguments.file)), opening->read(audit::source_of(*newer, arguments.newer)));
    if (!result) return fail(result.error());
    if (arguments.json) {
        nlohmann::ordered_json out{{"extends", result->extends()}, {"older_size", result->older_size}, {"newer_size", result->newer_size}, {"first", result->first}};
        if (result->differs_at) out["differs_at"] = *result->differs_at;
        std::printf("%s\n", out.dump(2).c_str());
    }
    if (!result->extends())
        return fail({base::Code::conflict, result->differs_at ? arguments.newer + " differs from " + arguments.file + " at record " + std::to_string(*result->differs_at)
                                                              : arguments.newer + " has " + std::to_string(result->newer_size) + " records, fewer than the " +
                                                                    std::to_string(result->older_size) + " of " + arguments.file});
    if (!arguments.json)
        std::printf("%s extends %s by %llu records%s\n", arguments.newer.c_str(), arguments.file.c_str(), static_cast<unsigned long long>(result->newer_size - result->older_size),
                    result->first == 0 ? "" : ("; from record " + std::to_string(result->first) + " on, what was before is not in both").c_str());
    return 0;
}

int reconcile(Arguments& arguments) {
    auto opening = audit::Opening::prepare(arguments.opening);
    if (!opening) return misused(opening.error());
    const auto opened = [&opening](audit::ByteSource source) { return opening->read(std::move(source)); };
    auto file = audit::ExportFile::open(arguments.file, opened);
    if (!file) return fail(file.error());
    for (const std::string& further : arguments.reconcile.trust.with)
        if (const auto added = file->add(further, opened); !added) return fail(added.error());
    arguments.reconcile.json = arguments.json;
    const auto done = audit::reconcile_export(*file, arguments.reconcile);
    if (!done) return fail(done.error());
    std::fwrite(done->text.data(), 1, done->text.size(), stdout);
    return done->end ? 0 : fail(done->end.error());
}

int prove(const Arguments& arguments) {
    const auto fd = audit::open_source(arguments.file);
    if (!fd) return fail(fd.error());
    auto opening = audit::Opening::prepare(arguments.opening);
    if (!opening) return misused(opening.error());
    auto done = audit::prove_command(opening->read(audit::source_of(*fd, arguments.file)), arguments.proof, arguments.json);
    return done ? cli::kDone : fail(std::move(done).error().in(arguments.file));
}

int decrypt(const Arguments& arguments) {
    auto opening = audit::Opening::prepare(arguments.opening);
    if (!opening) return misused(opening.error());
    const auto bytes = audit::decrypt_file({arguments.file, arguments.to}, *opening);
    if (!bytes) return fail(base::Error(bytes.error()).in(arguments.file));
    if (arguments.to == "-") return 0;
    if (arguments.json) std::printf("%s\n", nlohmann::ordered_json{{"file", arguments.to}, {"bytes", *bytes}}.dump(2).c_str());
    else std::printf("%s holds what was sealed in %s (%llu bytes), in clear\n", arguments.to.c_str(), arguments.file.c_str(), static_cast<unsigned long long>(*bytes));
    return 0;
}

int convert(const Arguments& arguments) {
    const auto format = audit::parse_row_format(arguments.format);
    if (!format) return misused(format.error());
    auto opening = audit::Opening::prepare(arguments.opening);
    if (!opening) return misused(opening.error());
    const auto rows = audit::convert_file({arguments.file, arguments.to}, *format, *opening);
    if (!rows) return fail(base::Error(rows.error()).in(arguments.file));
    if (arguments.to == "-") return 0;
    if (arguments.json) std::printf("%s\n", nlohmann::ordered_json{{"file", arguments.to}, {"first", rows->first}, {"end", rows->end}}.dump(2).c_str());
    else
        std::printf("%s holds records %llu up to %llu, without proof: keep %s beside it\n", arguments.to.c_str(), static_cast<unsigned long long>(rows->first),
                    static_cast<unsigned long long>(rows->end), arguments.file.c_str());
    return 0;
}

int start(int argc, char** argv) {
    CLI::App app("Checks exported audit logs, offline", "kmp-audit");
    app.require_subcommand(1);
    app.fallthrough();
    Arguments arguments;
    app.add_flag("--json", arguments.json, "one JSON document");
    app.add_option("--ukey", arguments.opening.ukey, "Your auditor UKEY, where a file is sealed to it: the folder of a soft UKEY, or the .toml file of a reader for any other token");
    app.add_option("--pin-fd", arguments.opening.pin_fds, "auditor=N: read its PIN from descriptor N; otherwise it is asked for")->type_name("ROLE=N")->allow_extra_args(false);
    app.add_option("--tokenhost", arguments.opening.tokenhost, "The kmp-tokenhost program; default: beside kmp-audit");
    CLI::App* verify_command = app.add_subcommand("verify", "check a log: its tree, its signatures and the rules; '-' reads from standard input");
    verify_command->add_option("FILE", arguments.files, "the export; or archived segments and an export of what came after them, in any order, as one log")->required();
    verify_command->add_option("--certificate", arguments.trust.certificate, "PEM file of the trust anchor you have from the ceremony");
    verify_command->add_option("--checkpoint", arguments.trust.checkpoint, "a checkpoint you kept, as a file or scanned from its QR code: the log must still contain it");
    verify_command->add_option("--witness", arguments.witnesses, "the key of a witness that must have cosigned the checkpoint of the export, or a file with it; as often as there are");
    CLI::App* diff_command = app.add_subcommand("diff", "is NEW the same log as OLD, with nothing but additions? Verify both as well");
    diff_command->add_option("OLD", arguments.file, "the older export")->required();
    diff_command->add_option("NEW", arguments.newer, "the newer export")->required();
    CLI::App* proof_command = app.add_subcommand("verify-proof", "check a proof file, with nothing but the key: that one event is in a log, or that a log only grew between two checkpoints");
    proof_command->add_option("FILE", arguments.file, "as 'kmpctl audit prove', 'kmp-audit prove' and 'kmp-vend orders prove' write it")->required();
    proof_command->add_option("--key", arguments.proof.keys, "a key of the log's checkpoints, as 'kmpctl audit checkpoint --key' prints it, or a file with it; once for each that the log has had")
        ->required()
        ->allow_extra_args(false);
    proof_command->add_option("--leaf-hash", arguments.proof.leaf, "of the record that it must be about, in hex, as its receipt says");
    CLI::App* prove_command = app.add_subcommand("prove", "take the proof of one event out of an export, for somebody who is to see no other");
    prove_command->add_option("EXPORT", arguments.file, "the export; '-' reads from standard input")->required();
    prove_command->add_option("INDEX", arguments.proof.index, "of the event")->required();
    prove_command->add_option("-o,--output", arguments.proof.output, "file that takes it [standard output]");
    CLI::App* decrypt_command = app.add_subcommand("decrypt", "write what is in a sealed file in clear, for an archive that outlives the UKEY");
    decrypt_command->add_option("FILE", arguments.file, "the sealed file; - for standard input")->required();
    decrypt_command->add_option("-o,--output", arguments.to, "where it goes, for its owner alone; - for standard output")->required();
    CLI::App* convert_command = app.add_subcommand("convert", "write an export as JSON Lines or CSV, for other programs. Verify it as well: rows prove nothing");
    convert_command->add_option("FILE", arguments.file, "the export, sealed or not; - for standard input")->required();
    convert_command->add_option("--format", arguments.format, "jsonl or csv")->required();
    convert_command->add_option("-o,--output", arguments.to, "where it goes")->default_str("-")->default_val("-");
    CLI::App* reconcile_command = app.add_subcommand("reconcile", "hold a vending system's ledger against the orders that an export says were signed; the export is verified first");
    reconcile_command->add_option("EXPORT", arguments.file, "the export")->required();
    audit::add_reconcile_options(*reconcile_command, arguments.reconcile);
    if (const auto ended = cli::parse(app, argc, argv)) return *ended;
    if (reconcile_command->parsed()) return reconcile(arguments);
    if (decrypt_command->parsed()) return decrypt(arguments);
    if (convert_command->parsed()) return convert(arguments);
    if (proof_command->parsed()) {
        const auto done = audit::verify_proof_command(arguments.file, arguments.proof, arguments.json);
        return done ? cli::kDone : fail(done.error());
    }
    if (prove_command->parsed()) return prove(arguments);
    return verify_command->parsed() ? verify(arguments) : diff(arguments);
}

}  // namespace

int main(int argc, char** argv) {
    base::forbid_dumps();
    std::signal(SIGPIPE, SIG_IGN);
    return cli::run("kmp-audit", [&] { return start(argc, argv); });
}
