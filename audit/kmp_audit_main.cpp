// kmp-audit: checks an exported log without the service, the database or a UKEY.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "audit/compare.h"
#include "audit/proof_file.h"
#include "audit/review_options.h"
#include "audit/verifier.h"
#include "base/fd.h"
#include "cli/command_line.h"

namespace {

constexpr std::size_t kMaxPemBytes = 65536;

struct Arguments {
    std::string file;
    std::string newer;
    audit::TrustArguments trust;
    audit::ReconcileArguments reconcile;
    std::string key;      ///< a verifier key, or a file with one
    std::string leaf;     ///< hex
    bool json = false;
};

int fail(const base::Error& error) { return cli::complain("kmp-audit", error, cli::kFailed); }

base::Result<base::Fd> open_file(const std::string& path) {
    if (path == "-") return base::Fd(dup(STDIN_FILENO));
    base::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return base::errno_error("cannot open " + path, errno);
    return fd;
}

audit::ByteSource source_of(const base::Fd& fd, const std::string& path) {
    return [&fd, path](std::span<std::uint8_t> out) -> base::Result<std::size_t> {
        for (;;) {
            const ssize_t n = read(fd.get(), out.data(), out.size());
            if (n >= 0) return static_cast<std::size_t>(n);
            if (errno != EINTR) return base::errno_error("cannot read " + path, errno);
        }
    };
}

nlohmann::ordered_json to_json(const audit::Verdict& v) {
    nlohmann::ordered_json out;
    out["sound"] = v.sound;
    out["origin"] = v.origin;
    out["first"] = v.first;
    out["size"] = v.size;
    out["root"] = base::to_hex(v.root);
    out["first_time"] = base::to_rfc3339(v.first_time);
    out["last_time"] = base::to_rfc3339(v.last_time);
    out["signed_by"] = v.signed_by;
    out["trust_anchor_sha256"] = v.anchor_fingerprint;
    out["trust_anchor_from_export"] = v.anchor_from_export;
    out["rules_replayed"] = v.rules_replayed;
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

void print(const audit::Verdict& v) {
    std::printf("log         %s\n", v.origin.c_str());
    if (v.first == 0)
        std::printf("records     %llu\n", static_cast<unsigned long long>(v.size));
    else
        std::printf("records     %llu up to %llu; the rules need a whole export and were not replayed\n", static_cast<unsigned long long>(v.first),
                    static_cast<unsigned long long>(v.size));
    std::printf("period      %s to %s\n", base::to_rfc3339(v.first_time).c_str(), base::to_rfc3339(v.last_time).c_str());
    std::printf("root        %s\n", base::to_hex(v.root).c_str());
    std::printf("signed by   %s\n", v.signed_by.empty() ? "unknown" : v.signed_by.c_str());
    std::printf("anchor      SHA-256 %s\n", v.anchor_fingerprint.c_str());
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
    const auto options = audit::verify_options(arguments.trust);
    if (!options) return fail(options.error());
    const auto fd = open_file(arguments.file);
    if (!fd) return fail(fd.error());
    const auto verdict = audit::verify_export(source_of(*fd, arguments.file), *options);
    if (!verdict) return fail(base::Error(verdict.error()).in(arguments.file));
    // Not an export with a flaw, but another file: of that there is nothing to tell.
    if (!verdict->has_head) return fail({base::Code::malformed, arguments.file + ": " + verdict->findings.front().message});
    if (arguments.json)
        std::printf("%s\n", to_json(*verdict).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
    else
        print(*verdict);
    if (verdict->sound) return 0;
    return fail({base::Code::tampered, arguments.file + ": " + std::to_string(verdict->finding_count) + (verdict->finding_count == 1 ? " finding" : " findings")});
}

int diff(const Arguments& arguments) {
    const auto older = open_file(arguments.file);
    if (!older) return fail(older.error());
    const auto newer = open_file(arguments.newer);
    if (!newer) return fail(newer.error());
    const auto result = audit::compare_exports(source_of(*older, arguments.file), source_of(*newer, arguments.newer));
    if (!result) return fail(result.error());
    if (arguments.json) {
        nlohmann::ordered_json out{{"extends", result->extends()}, {"older_size", result->older_size}, {"newer_size", result->newer_size}};
        if (result->differs_at) out["differs_at"] = *result->differs_at;
        std::printf("%s\n", out.dump(2).c_str());
    }
    if (!result->extends())
        return fail({base::Code::conflict, result->differs_at ? arguments.newer + " differs from " + arguments.file + " at record " + std::to_string(*result->differs_at)
                                                              : arguments.newer + " has " + std::to_string(result->newer_size) + " records, fewer than the " +
                                                                    std::to_string(result->older_size) + " of " + arguments.file});
    if (!arguments.json)
        std::printf("%s extends %s by %llu records\n", arguments.newer.c_str(), arguments.file.c_str(), static_cast<unsigned long long>(result->newer_size - result->older_size));
    return 0;
}

int reconcile(Arguments& arguments) {
    auto file = audit::ExportFile::open(arguments.file);
    if (!file) return fail(file.error());
    arguments.reconcile.json = arguments.json;
    const auto done = audit::reconcile_export(*file, arguments.reconcile);
    if (!done) return fail(done.error());
    std::fwrite(done->text.data(), 1, done->text.size(), stdout);
    return done->end ? 0 : fail(done->end.error());
}

/// Where `text` is no key itself it names a file that holds one.
base::Result<audit::VerifierKey> key_of(const std::string& text) {
    if (text.find('+') != std::string::npos) return audit::parse_verifier_key(text);
    KMP_TRY(const base::Bytes file, base::read_file(text, kMaxPemBytes));
    std::string_view line = base::as_text(file);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    auto key = audit::parse_verifier_key(line);
    if (!key) return std::move(key).error().in(text);
    return key;
}

int verify_proof(const Arguments& arguments) {
    const auto key = key_of(arguments.key);
    if (!key) return fail(key.error());
    const auto text = base::read_file(arguments.file, audit::kMaxProofFile);
    if (!text) return fail(text.error());
    const auto file = audit::ProofFile::parse(base::as_text(*text));
    if (!file) return fail(base::Error(file.error()).in(arguments.file));
    if (!arguments.leaf.empty() && arguments.leaf != base::to_hex(file->leaf))
        return fail({base::Code::conflict, arguments.file + ": it is about another record, with leaf hash " + base::to_hex(file->leaf)});
    const auto checkpoint = audit::verify_proof(*file, *key);
    if (!checkpoint) return fail(base::Error(checkpoint.error()).in(arguments.file));
    if (arguments.json) {
        const nlohmann::ordered_json out{{"holds", true}, {"origin", checkpoint->origin}, {"index", file->index}, {"leaf_hash", base::to_hex(file->leaf)}, {"size", checkpoint->size}, {"root", base::to_hex(checkpoint->root)}};
        std::printf("%s\n", out.dump(2).c_str());
    } else {
        std::printf("Record %llu, leaf hash %s, is in the log %s of %llu records.\n", static_cast<unsigned long long>(file->index), base::to_hex(file->leaf).c_str(), checkpoint->origin.c_str(),
                    static_cast<unsigned long long>(checkpoint->size));
    }
    return 0;
}

int start(int argc, char** argv) {
    CLI::App app("Checks exported audit logs, offline", "kmp-audit");
    app.require_subcommand(1);
    app.fallthrough();
    Arguments arguments;
    app.add_flag("--json", arguments.json, "one JSON document");
    CLI::App* verify_command = app.add_subcommand("verify", "check one export: its tree, its signatures and the rules; '-' reads from standard input");
    verify_command->add_option("FILE", arguments.file, "the export")->required();
    verify_command->add_option("--certificate", arguments.trust.certificate, "PEM file of the trust anchor you have from the ceremony");
    verify_command->add_option("--checkpoint", arguments.trust.checkpoint, "a checkpoint you kept: the log must still contain it");
    CLI::App* diff_command = app.add_subcommand("diff", "is NEW the same log as OLD, with nothing but additions? Verify both as well");
    diff_command->add_option("OLD", arguments.file, "the older export")->required();
    diff_command->add_option("NEW", arguments.newer, "the newer export")->required();
    CLI::App* proof_command = app.add_subcommand("verify-proof", "check a proof that one record is in a log, as 'kmp-vend orders prove' writes it");
    proof_command->add_option("FILE", arguments.file, "the proof")->required();
    proof_command->add_option("--key", arguments.key, "the key of the log's checkpoints, as 'kmpctl audit checkpoint --key' prints it, or a file with it")->required();
    proof_command->add_option("--leaf-hash", arguments.leaf, "of the record that it must be about, in hex, as its receipt says");
    CLI::App* reconcile_command = app.add_subcommand("reconcile", "hold a vending system's ledger against the orders that an export says were signed; the export is verified first");
    reconcile_command->add_option("EXPORT", arguments.file, "the export")->required();
    audit::add_reconcile_options(*reconcile_command, arguments.reconcile);
    if (const auto ended = cli::parse(app, argc, argv)) return *ended;
    if (reconcile_command->parsed()) return reconcile(arguments);
    if (proof_command->parsed()) return verify_proof(arguments);
    return verify_command->parsed() ? verify(arguments) : diff(arguments);
}

}  // namespace

int main(int argc, char** argv) {
    return cli::run("kmp-audit", [&] { return start(argc, argv); });
}
