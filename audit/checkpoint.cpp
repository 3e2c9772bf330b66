#include "audit/checkpoint.h"

#include <openssl/ecdsa.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <vector>

#include "base/fd.h"

namespace audit {
namespace {

using base::Code;

constexpr std::size_t kEd25519Bytes = 32;

struct Free {
    void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
};

base::Error malformed(std::string what) { return {Code::malformed, "checkpoint: " + std::move(what)}; }

/// What RFC 8410, 4 has before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo.
constexpr std::array<std::uint8_t, 12> kEd25519Head{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

bool is_ed25519(base::ByteView spki) {
    return spki.size() == kEd25519Head.size() + kEd25519Bytes && std::equal(kEd25519Head.begin(), kEd25519Head.end(), spki.begin());
}

SignatureType own_type(base::ByteView spki) { return is_ed25519(spki) ? SignatureType::ed25519 : SignatureType::ecdsa; }

/// r || s to DER; anything else is taken to be DER already.
base::Bytes ecdsa_der(base::Bytes signature) {
    if (signature.size() != 64) return signature;
    std::unique_ptr<ECDSA_SIG, Free> sig(ECDSA_SIG_new());
    BIGNUM* r = BN_bin2bn(signature.data(), 32, nullptr);
    BIGNUM* s = BN_bin2bn(signature.data() + 32, 32, nullptr);
    if (!sig || ECDSA_SIG_set0(sig.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        throw std::bad_alloc();
    }
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(sig.get(), &der);
    base::Bytes out(der, der + (size < 0 ? 0 : size));
    OPENSSL_free(der);
    return out;
}

}  // namespace

std::string Checkpoint::body() const { return origin + "\n" + std::to_string(size) + "\n" + base::to_base64(root) + "\n"; }

base::Result<Checkpoint> Checkpoint::parse_body(std::string_view body) {
    std::vector<std::string_view> lines;
    for (std::string_view rest = body; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) return malformed("a last line that is not ended");
        lines.push_back(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }
    if (lines.size() != 3) return malformed("it has " + std::to_string(lines.size()) + " lines instead of origin, size and root");
    Checkpoint out;
    KMP_CHECK(check_origin(lines[0]));
    out.origin = lines[0];
    const auto [end, fault] = std::from_chars(lines[1].data(), lines[1].data() + lines[1].size(), out.size);
    if (fault != std::errc() || end != lines[1].data() + lines[1].size()) return malformed("its size is not a number");
    const auto root = base::from_base64(lines[2]);
    if (!root || root->size() != out.root.size()) return malformed("its root is not 32 bytes in base64");
    std::copy(root->begin(), root->end(), out.root.begin());
    if (out.body() != body) return malformed("it is not written in the one way it can be");
    return out;
}

base::Result<std::uint32_t> key_id(std::string_view name, base::ByteView spki) { return key_id_as(own_type(spki), name, spki); }

base::Result<std::string> verifier_key(std::string_view name, base::ByteView spki) { return verifier_key_as(own_type(spki), name, spki); }

base::Result<std::string> verifier_key_as(SignatureType type, std::string_view name, base::ByteView spki) {
    KMP_CHECK(check_origin(name));
    KMP_TRY(const std::uint32_t id, key_id_as(type, name, spki));
    base::ByteWriter id_bytes, bytes;
    id_bytes.u32(id);
    bytes.u8(static_cast<std::uint8_t>(type));
    bytes.bytes(is_ed25519(spki) ? spki.last(kEd25519Bytes) : spki);
    return std::string(name) + "+" + base::to_hex(id_bytes.view()) + "+" + base::to_base64(bytes.view());
}

base::Result<VerifierKey> parse_verifier_key(std::string_view text) {
    const base::Error wrong{Code::malformed, "not a verifier key: it is a name, a key id and a key, with '+' between, as 'kmpctl audit checkpoint --key' prints it"};
    const std::size_t first = text.find('+');
    const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos) return wrong;
    const auto bytes = base::from_base64(text.substr(second + 1));
    if (!bytes || bytes->empty()) return wrong;
    VerifierKey out{std::string(text.substr(0, first)), {}, static_cast<SignatureType>(bytes->front())};
    const bool edwards = out.type == SignatureType::ed25519 || out.type == SignatureType::cosignature;
    if (!edwards && out.type != SignatureType::ecdsa) return {Code::unsupported, "a verifier key that is neither Ed25519 nor ECDSA P-256"};
    if (edwards && bytes->size() != 1 + kEd25519Bytes) return wrong;
    if (edwards) out.spki.assign(kEd25519Head.begin(), kEd25519Head.end());
    out.spki.insert(out.spki.end(), bytes->begin() + 1, bytes->end());
    KMP_TRY(const std::string again, verifier_key_as(out.type, out.name, out.spki));
    if (again != text) return wrong;
    return out;
}

base::Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, CheckpointSigner& signer) {
    KMP_CHECK(check_origin(checkpoint.origin));
    const std::string body = checkpoint.body();
    KMP_TRY(const base::Bytes spki, signer.public_key());
    NoteSignature own;
    own.name = checkpoint.origin;
    KMP_TRY(own.id, key_id(checkpoint.origin, spki));
    KMP_TRY(own.value, signer.sign(base::as_bytes(body)));
    if (!is_ed25519(spki)) own.value = ecdsa_der(std::move(own.value));
    if (!signature_holds(spki, body, own.value)) return {Code::key_invalid, "the checkpoint signature does not hold with the platform's own public key"};
    return body + "\n" + own.line();
}

base::Result<Checkpoint> verify_checkpoint(std::string_view note, base::ByteView spki) {
    KMP_TRY(const Note parsed, parse_note(note));
    KMP_TRY(Checkpoint checkpoint, Checkpoint::parse_body(parsed.body));
    KMP_TRY(const std::uint32_t id, key_id(checkpoint.origin, spki));
    bool signed_by_key = false;
    for (const NoteSignature& s : parsed.signatures) {
        if (s.name != checkpoint.origin || s.id != id) continue;
        if (!signature_holds(spki, parsed.body, s.value)) return {Code::key_invalid, "the signature of the checkpoint over " + std::to_string(checkpoint.size) + " records does not hold"};
        signed_by_key = true;
    }
    if (!signed_by_key) return {Code::key_invalid, "the checkpoint over " + std::to_string(checkpoint.size) + " records is not signed by the expected key"};
    return checkpoint;
}

base::Result<Checkpoint> verify_checkpoint(std::string_view note, std::span<const VerifierKey> keys) {
    KMP_TRY(const Checkpoint read, read_checkpoint(note));
    base::Error why{Code::key_invalid, "the checkpoint is of the log " + read.origin + ", and no key of that was given"};
    for (const VerifierKey& key : keys) {
        if (key.name != read.origin) continue;
        auto checkpoint = verify_checkpoint(note, key.spki);
        if (checkpoint) return checkpoint;
        why = std::move(checkpoint).error();
    }
    return why;
}

base::Result<Checkpoint> read_checkpoint(std::string_view note) {
    KMP_TRY(const Note parsed, parse_note(note));
    return Checkpoint::parse_body(parsed.body);
}

base::Result<std::string> kept_checkpoint(const std::string& path) {
    KMP_TRY(const base::Bytes bytes, base::read_file(path, kMaxNoteBytes));
    std::string note = mended_note(base::as_text(bytes));
    if (!read_checkpoint(note)) return {Code::malformed, path + " holds no checkpoint as 'kmpctl audit checkpoint FILE' writes it, or not all of one"};
    return note;
}

}  // namespace audit
