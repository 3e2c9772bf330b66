#include "tokens/host/objects.h"

#include <charconv>

namespace tokens::host {
namespace {

constexpr std::string_view kIdPrefix = "kmp/v1/";

pkcs11::Template master(const MasterId& id) {
    pkcs11::Template out(CKO_SECRET_KEY, CKK_AES);
    out.flag(CKA_TOKEN, true).flag(CKA_PRIVATE, true).flag(CKA_SENSITIVE, true).flag(CKA_DERIVE, true);
    // A derived key is the ECB encryption of its block: a base key that encrypts would give its children away.
    for (const CK_ATTRIBUTE_TYPE never : {CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN, CKA_VERIFY, CKA_WRAP, CKA_UNWRAP}) out.flag(never, false);
    out.text(CKA_LABEL, label_of(id)).text(CKA_ID, label_of(id));
    return out;
}

std::optional<std::uint64_t> take_number(std::string_view& text, char end) {
    const std::size_t at = end == '\0' ? text.size() : text.find(end);
    if (at == std::string_view::npos || at == 0 || (at > 1 && text.front() == '0')) return std::nullopt;
    std::uint64_t out = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + at, out);
    if (error != std::errc() || stop != text.data() + at) return std::nullopt;
    text.remove_prefix(end == '\0' ? at : at + 1);
    return out;
}

}  // namespace

std::string label_of(const MasterId& id) {
    return std::string(kMasterLabel) + std::to_string(static_cast<unsigned>(id.key_class)) + ":" + std::to_string(static_cast<unsigned>(id.state)) + ":" +
           std::to_string(static_cast<unsigned>(id.version));
}

std::optional<MasterId> master_of_label(std::string_view label) {
    if (!label.starts_with(kMasterLabel)) return std::nullopt;
    label.remove_prefix(kMasterLabel.size());
    const auto key_class = take_number(label, ':');
    const auto state = key_class ? take_number(label, ':') : std::nullopt;
    const auto version = state ? take_number(label, '\0') : std::nullopt;
    if (!version) return std::nullopt;
    auto id = master_id(*key_class, *state, *version);
    if (!id) return std::nullopt;
    return *id;
}

base::Result<MasterId> master_id(std::uint64_t key_class, std::uint64_t state, std::uint64_t version) {
    KMP_TRY(const model::KeyClass c, model::key_class_from(key_class));
    KMP_TRY(const model::KeyState s, model::key_state_from(state));
    if (version > 255) return {base::Code::invalid_argument, "a key version is at most 255"};
    if ((s == model::KeyState::factory) != (version == 0))
        return {base::Code::invalid_argument, "the factory set has key version 0, private keys have 1 to 255"};
    return MasterId{c, s, static_cast<model::KeyVersion>(version)};
}

std::string key_label(std::string_view name) { return std::string(kKeyLabel).append(name); }

std::string key_id(model::UkeyKind kind, std::string_view name) {
    return std::string(kIdPrefix).append(model::name(kind)).append("/").append(name);
}

std::optional<model::UkeyKind> kind_of_identity(base::ByteView id) {
    std::string_view text = base::as_text(id);
    const std::string suffix = "/" + std::string(kIdentity);
    if (!text.starts_with(kIdPrefix) || !text.ends_with(suffix) || text.size() <= kIdPrefix.size() + suffix.size()) return std::nullopt;
    text.remove_prefix(kIdPrefix.size());
    text.remove_suffix(suffix.size());
    auto kind = model::parse_ukey_kind(text);
    if (!kind) return std::nullopt;
    return *kind;
}

pkcs11::Template vault_master(const MasterId& id) {
    pkcs11::Template out = master(id);
    out.flag(CKA_EXTRACTABLE, true).flag(CKA_WRAP_WITH_TRUSTED, true).flag(CKA_MODIFIABLE, false);
    return out;
}

pkcs11::Template receiver_master(const MasterId& id) {
    pkcs11::Template out = master(id);
    out.flag(CKA_EXTRACTABLE, false);
    return out;
}

}  // namespace tokens::host
