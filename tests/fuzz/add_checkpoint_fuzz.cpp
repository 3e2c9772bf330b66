// What strangers send to a witness, and witnesses to a log: whatever parses is written again as it was, and nothing unsigned is cosigned.
#include <cstdlib>

#include "audit/cosignature.h"
#include "audit/witness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // C2SP signed-note, "Example".
    static const audit::VerifierKey log = *audit::parse_verifier_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    static const audit::VerifierKey witness = {"example.com/foo", log.spki, audit::SignatureType::cosignature};
    const std::string_view text = base::as_text({data, size});
    if (const auto request = audit::AddCheckpoint::parse(text)) {
        if (request->text() != text) std::abort();
        audit::Checkpoint point;
        if (audit::judge(*request, log, {}, point).status == 200) std::abort();
        if (audit::verify_cosignature(request->note, witness)) std::abort();
    }
    if (audit::with_cosignatures("o\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xE2\x80\x94 o AAAAAAA=\n", text, witness)) std::abort();
    (void)audit::parse_tree_size(text);
    const std::string mended = audit::mended_note(text);
    if (audit::mended_note(mended) != mended && mended.find('\r') == std::string::npos && !mended.starts_with("\xEF\xBB\xBF")) std::abort();
    return 0;
}
