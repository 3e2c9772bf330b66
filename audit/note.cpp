#include "audit/note.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

#include "audit/checkpoint.h"

namespace audit {
namespace {

using base::Code;

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // U+2014 and a space
constexpr std::size_t kMaxSignatures = 16;

struct Free {
    void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
    void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
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

base::Result<NoteSignature> parse_line(std::string_view line) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || space == 0) return malformed("a signature line without a name");
    auto value = base::from_base64(line.substr(space + 1));
    if (!value || value->size() < 5) return malformed("a signature that is not base64 of a key id and a signature");
    NoteSignature out;
    out.name = line.substr(0, space);
    for (std::size_t i = 0; i < 4; ++i) out.id = out.id << 8 | (*value)[i];
    out.value.assign(value->begin() + 4, value->end());
    return out;
}

}  // namespace

std::string NoteSignature::line() const {
    base::ByteWriter all;
    all.u32(id);
    all.bytes(value);
    return std::string(kDash) + std::string(name) + " " + base::to_base64(all.view()) + "\n";
}

base::Result<std::vector<NoteSignature>> parse_signature_lines(std::string_view lines) {
    std::vector<NoteSignature> out;
    while (!lines.empty()) {
        const std::size_t end = lines.find('\n');
        if (end == std::string_view::npos || !lines.starts_with(kDash)) return malformed("a signature line that does not start with a dash, or is not ended");
        KMP_TRY(NoteSignature s, parse_line(lines.substr(kDash.size(), end - kDash.size())));
        out.push_back(std::move(s));
        if (out.size() > kMaxSignatures) return malformed("a note with too many signatures");
        lines.remove_prefix(end + 1);
    }
    if (out.empty()) return malformed("a note without a signature");
    return out;
}

base::Result<Note> parse_note(std::string_view note) {
    if (note.size() > kMaxNoteBytes) return malformed("a note that is too long");
    const std::size_t blank = note.rfind("\n\n");
    if (blank == std::string_view::npos) return malformed("a note without a blank line before its signatures");
    Note out;
    out.body = note.substr(0, blank + 1);
    KMP_TRY(out.signatures, parse_signature_lines(note.substr(blank + 2)));
    return out;
}

base::Status check_origin(std::string_view origin) {
    if (origin.empty() || origin.size() > 128) return malformed("an origin has 1 to 128 characters");
    for (char c : origin)
        if (c <= ' ' || c > '~' || c == '+') return malformed("an origin has printable ASCII without space and '+'");
    return {};
}

base::Result<std::uint32_t> key_id_as(SignatureType type, std::string_view name, base::ByteView spki) {
    KMP_TRY(const Key key, parse_key(spki));
    if (is_ed25519(key) == (type == SignatureType::ecdsa)) return {Code::unsupported, "a key of another type than its signatures are"};
    base::Digest hash{};
    if (type == SignatureType::ecdsa) {
        hash = base::sha256(spki);  // C2SP signed-note: the id of an ECDSA key is that of its SubjectPublicKeyInfo alone
    } else {
        std::uint8_t raw[32];
        std::size_t size = sizeof raw;
        if (EVP_PKEY_get_raw_public_key(key.get(), raw, &size) != 1 || size != sizeof raw) return {Code::unsupported, "an Ed25519 key without its 32 bytes"};
        const std::uint8_t between[] = {'\n', static_cast<std::uint8_t>(type)};
        hash = base::sha256({base::as_bytes(name), between, raw});
    }
    return static_cast<std::uint32_t>(hash[0]) << 24 | static_cast<std::uint32_t>(hash[1]) << 16 | static_cast<std::uint32_t>(hash[2]) << 8 | hash[3];
}

bool signature_holds(base::ByteView spki, std::string_view message, base::ByteView signature) {
    const auto key = parse_key(spki);
    if (!key) return false;
    std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    return context && EVP_DigestVerifyInit(context.get(), nullptr, is_ed25519(*key) ? nullptr : EVP_sha256(), nullptr, key->get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), base::as_bytes(message).data(), message.size()) == 1;
}

std::string mended_note(std::string_view text) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    if (last == std::string_view::npos) return {};
    std::string out;
    for (std::size_t i = 0; i <= last; ++i)
        if (text[i] != '\r' || text[i + 1] != '\n') out += text[i];
    return out + '\n';
}

}  // namespace audit
