#include "audit/cosignature.h"

#include <algorithm>

namespace audit {
namespace {

using base::Code;

constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kEd25519Signature = 64;

/// The time that it says. key_invalid: it does not hold.
base::Result<std::uint64_t> check(const NoteSignature& s, const VerifierKey& witness, std::string_view body) {
    const base::Error wrong{Code::key_invalid, "the cosignature of the witness " + witness.name + " does not hold"};
    if (s.value.size() != kTimeBytes + kEd25519Signature) return wrong;
    base::ByteReader in(s.value);
    KMP_TRY(const std::uint64_t time, in.u64());
    if (time > INT64_MAX) return wrong;  // the timestamp MUST NOT exceed 2^63 - 1
    KMP_TRY(const base::ByteView signature, in.bytes(kEd25519Signature));
    if (!signature_holds(witness.spki, cosigned_bytes(time, body), signature)) return wrong;
    return time;
}

base::Result<std::uint32_t> id_of(const VerifierKey& witness) {
    if (witness.type != SignatureType::cosignature)
        return {Code::unsupported, "the key of " + witness.name + " is not a witness's: those are of signature type 4, as 'kmpctl audit checkpoint --witness-key' prints it"};
    return key_id_as(SignatureType::cosignature, witness.name, witness.spki);
}

}  // namespace

std::string cosigned_bytes(std::uint64_t time, std::string_view body) { return "cosignature/v1\ntime " + std::to_string(time) + "\n" + std::string(body); }

base::Result<std::string> cosignature_line(const VerifierKey& witness, std::uint64_t time, std::string_view body, base::ByteView signature) {
    KMP_CHECK(check_origin(witness.name));
    NoteSignature s;
    s.name = witness.name;
    KMP_TRY(s.id, id_of(witness));
    base::ByteWriter value;
    value.u64(time);
    value.bytes(signature);
    s.value = std::move(value).take();
    KMP_TRY([[maybe_unused]] const std::uint64_t held, check(s, witness, body));
    return s.line();
}

base::Result<Cosigned> verify_cosignature(std::string_view note, const VerifierKey& witness) {
    KMP_TRY(const std::uint32_t id, id_of(witness));
    KMP_TRY(const Note parsed, parse_note(note));
    Cosigned out;
    KMP_TRY(out.checkpoint, Checkpoint::parse_body(parsed.body));
    bool found = false;
    for (const NoteSignature& s : parsed.signatures) {
        if (s.name != witness.name || s.id != id) continue;
        KMP_TRY(const std::uint64_t time, check(s, witness, parsed.body));
        out.time = std::max(out.time, time);
        found = true;
    }
    if (!found) return {Code::key_invalid, "the checkpoint over " + std::to_string(out.checkpoint.size) + " records has no cosignature of the witness " + witness.name};
    return out;
}

base::Result<std::string> with_cosignatures(std::string_view note, std::string_view lines, const VerifierKey& witness) {
    KMP_TRY(const std::uint32_t id, id_of(witness));
    KMP_TRY(const Note parsed, parse_note(note));
    KMP_TRY(const auto offered, parse_signature_lines(lines));
    const auto its = [&](const NoteSignature& s) { return s.name == witness.name && s.id == id; };
    std::string out = std::string(parsed.body) + "\n";
    for (const NoteSignature& s : parsed.signatures)
        if (!its(s)) out += s.line();
    for (const NoteSignature& s : offered)
        if (its(s)) out += s.line();
    KMP_TRY([[maybe_unused]] const Cosigned held, verify_cosignature(out, witness));
    return out;
}

}  // namespace audit
