// Proof files of both kinds, checkpoints and verifier keys, as somebody hands them to kmp-audit.
#include <cstdlib>

#include "audit/consistency_file.h"
#include "audit/proof_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = base::as_text(base::ByteView(data, size));
    // What is read is written in one way only.
    if (const auto file = audit::ProofFile::parse(text); file && file->text() != text) std::abort();
    if (const auto file = audit::ConsistencyFile::parse(text); file && file->text() != text) std::abort();
    if (const auto key = audit::parse_verifier_key(text); key && *audit::verifier_key(key->name, key->spki) != text) std::abort();
    (void)audit::read_checkpoint(text);
    return 0;
}
