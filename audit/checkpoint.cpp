#include "audit/checkpoint.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <charconv>
#include <memory>
#include <vector>

namespace audit {
namespace {

using base::Code;

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // U+2014 and a space
constexpr std::uint8_t kEd25519 = 1;                 // C2SP signed-note, signature types
constexpr std::uint8_t kEcdsa = 2;
constexpr std::size_t kEd25519Bytes = 32;
constexpr std::size_t kMaxSignatures = 16;

struct Free {
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
    void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;

base::Error malformed(std::string what) { return {Code::malformed, "checkpoint: " + std::move(what)}; }

base::Result<Key> parse_key(base::ByteView spki) {
    const unsigned char* at = spki.data();
    Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    if (!key || at != spki.data() + spki.size()) return {Code::malformed, "a checkpoint key that is not a public key"};
    char curve[32] = "";
    if (EVP_PKEY_is_a(key.get(), "EC") == 1) EVP_PKEY_get_group_name(key.get(), curve, sizeof curve, nullptr);
    if (EVP_PKEY_is_a(key.get(), "ED25519") != 1 && std::string_view(curve) != "prime256v1")
        return {Code::unsupported, "a checkpoint key that is neither Ed25519 nor ECDSA P-256"};
    return key;
}

bool is_ed25519(const Key& key) { return EVP_PKEY_is_a(key.get(), "ED25519") == 1; }

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

bool holds(const Key& key, std::string_view body, base::ByteView signature) {
    std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    return context && EVP_DigestVerifyInit(context.get(), nullptr, is_ed25519(key) ? nullptr : EVP_sha256(), nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), base::as_bytes(body).data(), body.size()) == 1;
}

base::Status check_origin(std::string_view origin) {
    if (origin.empty() || origin.size() > 128) return malformed("an origin has 1 to 128 characters");
    for (char c : origin)
        if (c <= ' ' || c > '~' || c == '+') return malformed("an origin has printable ASCII without space and '+'");
    return {};
}

struct Signature {
    std::string_view name;
    std::uint32_t id = 0;
    base::Bytes value;
};
struct Note {
    std::string_view body;
    std::vector<Signature> signatures;
};

base::Result<Note> parse_note(std::string_view note) {
    if (note.size() > kMaxNoteBytes) return malformed("a note that is too long");
    const std::size_t blank = note.rfind("\n\n");
    if (blank == std::string_view::npos) return malformed("a note without a blank line before its signatures");
    Note out;
    out.body = note.substr(0, blank + 1);
    std::string_view rest = note.substr(blank + 2);
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos || !rest.starts_with(kDash)) return malformed("a signature line that does not start with a dash, or is not ended");
        const std::string_view line = rest.substr(kDash.size(), end - kDash.size());
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos || space == 0) return malformed("a signature line without a name");
        auto value = base::from_base64(line.substr(space + 1));
        if (!value || value->size() < 5) return malformed("a signature that is not base64 of a key id and a signature");
        Signature s;
        s.name = line.substr(0, space);
        for (std::size_t i = 0; i < 4; ++i) s.id = s.id << 8 | (*value)[i];
        s.value.assign(value->begin() + 4, value->end());
        out.signatures.push_back(std::move(s));
        if (out.signatures.size() > kMaxSignatures) return malformed("a note with too many signatures");
        rest.remove_prefix(end + 1);
    }
    if (out.signatures.empty()) return malformed("a note without a signature");
    return out;
}

base::Result<std::uint32_t> key_id_of(std::string_view name, base::ByteView spki, const Key& key) {
    Digest hash{};
    if (is_ed25519(key)) {
        std::uint8_t raw[32];
        std::size_t size = sizeof raw;
        if (EVP_PKEY_get_raw_public_key(key.get(), raw, &size) != 1 || size != sizeof raw) return {Code::unsupported, "an Ed25519 key without its 32 bytes"};
        const std::uint8_t between[] = {'\n', kEd25519};
        hash = base::sha256({base::as_bytes(name), between, raw});
    } else {
        hash = base::sha256(spki);  // C2SP signed-note: the id of an ECDSA key is that of its SubjectPublicKeyInfo alone
    }
    return static_cast<std::uint32_t>(hash[0]) << 24 | static_cast<std::uint32_t>(hash[1]) << 16 | static_cast<std::uint32_t>(hash[2]) << 8 | hash[3];
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

base::Result<std::uint32_t> key_id(std::string_view name, base::ByteView spki) {
    KMP_TRY(const Key key, parse_key(spki));
    return key_id_of(name, spki, key);
}

base::Result<std::string> verifier_key(std::string_view name, base::ByteView spki) {
    KMP_CHECK(check_origin(name));
    KMP_TRY(const Key key, parse_key(spki));
    KMP_TRY(const std::uint32_t id, key_id_of(name, spki, key));
    base::ByteWriter id_bytes, bytes;
    id_bytes.u32(id);
    bytes.u8(is_ed25519(key) ? kEd25519 : kEcdsa);
    if (is_ed25519(key)) bytes.bytes(spki.last(kEd25519Bytes));
    else bytes.bytes(spki);
    return std::string(name) + "+" + base::to_hex(id_bytes.view()) + "+" + base::to_base64(bytes.view());
}

base::Result<VerifierKey> parse_verifier_key(std::string_view text) {
    // DER of SubjectPublicKeyInfo up to the 32 bytes of an Ed25519 key. source: RFC 8410, 4
    constexpr std::array<std::uint8_t, 12> kEd25519Head{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    const base::Error wrong{Code::malformed, "not a verifier key: it is a name, a key id and a key, with '+' between, as 'kmpctl audit checkpoint --key' prints it"};
    const std::size_t first = text.find('+');
    const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos) return wrong;
    const auto bytes = base::from_base64(text.substr(second + 1));
    if (!bytes || bytes->empty()) return wrong;
    VerifierKey out{std::string(text.substr(0, first)), {}};
    if (bytes->front() == kEd25519 && bytes->size() == 1 + kEd25519Bytes) out.spki.assign(kEd25519Head.begin(), kEd25519Head.end());
    else if (bytes->front() != kEcdsa) return {Code::unsupported, "a verifier key that is neither Ed25519 nor ECDSA P-256"};
    out.spki.insert(out.spki.end(), bytes->begin() + 1, bytes->end());
    KMP_TRY(const std::string again, verifier_key(out.name, out.spki));
    if (again != text) return wrong;
    return out;
}

base::Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, CheckpointSigner& signer) {
    KMP_CHECK(check_origin(checkpoint.origin));
    const std::string body = checkpoint.body();
    KMP_TRY(const base::Bytes spki, signer.public_key());
    KMP_TRY(const Key key, parse_key(spki));
    KMP_TRY(base::Bytes signature, signer.sign(base::as_bytes(body)));
    if (!is_ed25519(key)) signature = ecdsa_der(std::move(signature));
    if (!holds(key, body, signature)) return {Code::key_invalid, "the checkpoint signature does not hold with the platform's own public key"};
    KMP_TRY(const std::uint32_t id, key_id_of(checkpoint.origin, spki, key));
    base::ByteWriter value;
    value.u32(id);
    value.bytes(signature);
    return body + "\n" + std::string(kDash) + checkpoint.origin + " " + base::to_base64(value.view()) + "\n";
}

base::Result<Checkpoint> verify_checkpoint(std::string_view note, base::ByteView spki) {
    KMP_TRY(const Note parsed, parse_note(note));
    KMP_TRY(Checkpoint checkpoint, Checkpoint::parse_body(parsed.body));
    KMP_TRY(const Key key, parse_key(spki));
    KMP_TRY(const std::uint32_t id, key_id_of(checkpoint.origin, spki, key));
    bool signed_by_key = false;
    for (const Signature& s : parsed.signatures) {
        if (s.name != checkpoint.origin || s.id != id) continue;
        if (!holds(key, parsed.body, s.value)) return {Code::key_invalid, "the signature of the checkpoint over " + std::to_string(checkpoint.size) + " records does not hold"};
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

}  // namespace audit
