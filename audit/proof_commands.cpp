#include "audit/proof_commands.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "audit/consistency_file.h"
#include "audit/event.h"
#include "audit/export_proof.h"
#include "base/fd.h"

namespace audit {
namespace {

using base::Code;
using nlohmann::ordered_json;

constexpr std::size_t kMaxKeyFile = 65536;

base::Status print(const std::string& text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    if (!written) return {Code::io_failed, "standard output takes no text"};
    return {};
}

base::Status print(const ordered_json& document) { return print(document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n"); }

/// Where `text` is no key itself it names a file that holds one.
base::Result<VerifierKey> key_of(const std::string& text) {
    if (text.find('+') != std::string::npos) return parse_verifier_key(text);
    KMP_TRY(const base::Bytes file, base::read_file(text, kMaxKeyFile));
    std::string_view line = base::as_text(file);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    auto key = parse_verifier_key(line);
    if (!key) return std::move(key).error().in(text);
    return key;
}

/// The event of a proof, as a person reads it.
struct Told {
    base::Millis time = 0;
    std::string type;
    std::string words;
    std::string json;
};
/// malformed: the record is none that this program knows, or says another index than the proof.
base::Result<Told> tell(const ProofFile& file) {
    KMP_TRY(const Record record, Record::decode(file.record));
    if (record.index() != file.index) return {Code::malformed, "proof: its record says that it is number " + std::to_string(record.index()) + ", the proof is of number " + std::to_string(file.index)};
    return Told{record.time(), std::string(name(record.type())), to_text(record), to_json(record)};
}

base::Status verify_event(std::string_view text, std::span<const VerifierKey> keys, const ProofArguments& arguments, bool json) {
    KMP_TRY(const ProofFile file, ProofFile::parse(text));
    const std::string leaf = base::to_hex(file.leaf);
    if (!arguments.leaf.empty() && arguments.leaf != leaf) return {Code::conflict, "it is about another record, with leaf hash " + leaf};
    KMP_TRY(const Checkpoint checkpoint, verify_proof(file, keys));
    std::optional<Told> told;
    if (!file.record.empty()) {
        KMP_TRY(told, tell(file));
    }
    if (json) {
        ordered_json out{{"holds", true}, {"kind", "event"}, {"origin", checkpoint.origin}, {"index", file.index}, {"leaf_hash", leaf}, {"size", checkpoint.size}, {"root", base::to_hex(checkpoint.root)}};
        if (told) out["event"] = ordered_json::parse(told->json);
        if (told) out["text"] = told->words;
        return print(out);
    }
    std::string out = "Record " + std::to_string(file.index) + ", leaf hash " + leaf + ", is in the log " + checkpoint.origin + " of " + std::to_string(checkpoint.size) + " records.\n";
    if (told) out += base::to_rfc3339(told->time) + "  " + told->type + "  " + told->words + "\n";
    return print(out);
}

base::Status verify_two(std::string_view text, std::span<const VerifierKey> keys, const ProofArguments& arguments, bool json) {
    if (!arguments.leaf.empty()) return {Code::invalid_argument, "--leaf-hash: this proof is about two checkpoints, not about a record"};
    KMP_TRY(const ConsistencyFile file, ConsistencyFile::parse(text));
    KMP_TRY(const Growth growth, verify_growth(file, keys));
    if (json)
        return print(ordered_json{{"holds", true}, {"kind", "consistency"}, {"origin", growth.newer.origin}, {"older_size", growth.older.size}, {"older_root", base::to_hex(growth.older.root)},
                                  {"newer_size", growth.newer.size}, {"newer_root", base::to_hex(growth.newer.root)}});
    return print("The log " + growth.newer.origin + " of " + std::to_string(growth.newer.size) + " records holds all that it held when it had " + std::to_string(growth.older.size) + ": nothing of that was changed, removed or put in between.\n");
}

}  // namespace

base::Status verify_proof_command(const std::string& file, const ProofArguments& arguments, bool json) {
    std::vector<VerifierKey> keys;
    for (const std::string& text : arguments.keys) {
        KMP_TRY(VerifierKey key, key_of(text));
        keys.push_back(std::move(key));
    }
    KMP_TRY(const base::Bytes bytes, base::read_file(file, std::max(kMaxProofFile, kMaxConsistencyFile)));
    const std::string_view text = base::as_text(bytes);
    const bool two = text.starts_with(kConsistencyHead);
    base::Status done = two ? verify_two(text, keys, arguments, json) : verify_event(text, keys, arguments, json);
    if (!done) return std::move(done).error().in(file);
    return {};
}

base::Status prove_command(const ByteSource& source, const ProofArguments& arguments, bool json) {
    if (json && arguments.output.empty()) return {Code::invalid_argument, "the proof and a JSON document cannot both go to standard output: name a file with -o"};
    KMP_TRY(const ExportedProof made, prove_from_export(source, arguments.index));
    KMP_TRY(const Told told, tell(made.file));
    KMP_TRY(const std::string key, verifier_key(made.key.name, made.key.spki));
    const std::string text = made.file.text();
    if (arguments.output.empty()) return print(text);
    KMP_CHECK(base::write_file_atomically(arguments.output, base::as_bytes(text), 0644));
    if (json) return print(ordered_json{{"file", arguments.output}, {"index", made.file.index}, {"leaf_hash", base::to_hex(made.file.leaf)}, {"text", told.words}, {"key", key}});
    return print("The proof is in " + arguments.output + ": " + told.words + "\nkmp-audit verify-proof " + arguments.output + " --key KEY checks it; this export names the key " + key + ", compare it with what you have from elsewhere.\n");
}

}  // namespace audit
