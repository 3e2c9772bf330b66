#include "tokens/host/objects.h"

#include "tokens/host/x509.h"

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

base::Result<pkcs11::Template> certificate_object(std::string_view label, std::string_view id, base::ByteView der) {
    KMP_TRY(const CertificateKeys certificate, read_certificate(der));
    pkcs11::Template out;
    out.number(CKA_CLASS, CKO_CERTIFICATE).number(CKA_CERTIFICATE_TYPE, CKC_X_509).flag(CKA_TOKEN, true).flag(CKA_PRIVATE, false);
    out.text(CKA_LABEL, label).text(CKA_ID, id).bytes(CKA_VALUE, der).bytes(CKA_SUBJECT, certificate.subject);
    // Optional, says PKCS#11; NSS softokn wants them.
    out.bytes(CKA_ISSUER, certificate.issuer).bytes(CKA_SERIAL_NUMBER, certificate.number);
    return out;
}

base::Status put_marker(pkcs11::Session& session, std::string_view ukey) {
    pkcs11::Template data;
    data.number(CKA_CLASS, CKO_DATA).flag(CKA_TOKEN, true).flag(CKA_PRIVATE, false).text(CKA_LABEL, kMarkerLabel).text(CKA_VALUE, ukey);
    if (!session.create(data)) {
        KMP_TRY(const base::Bytes der, nobodys_certificate(ukey));
        KMP_TRY(const pkcs11::Template certificate, certificate_object(kMarkerLabel, ukey, der));
        const auto made = session.create(certificate);
        if (!made) return base::Error(made.error()).in("marking the token as ours");
    }
    KMP_TRY(const std::string read, marked_serial(session));
    if (read != ukey) return {base::Code::token_failed, "the UKEY does not keep what is stored on it; check its module, or use another UKEY"};
    return {};
}

base::Result<std::string> marked_serial(pkcs11::Session& session) {
    struct Place {
        CK_OBJECT_CLASS object_class;
        CK_ATTRIBUTE_TYPE serial;
    };
    for (const Place place : {Place{CKO_DATA, CKA_VALUE}, Place{CKO_CERTIFICATE, CKA_ID}}) {
        pkcs11::Template pattern;
        pattern.number(CKA_CLASS, place.object_class).text(CKA_LABEL, kMarkerLabel);
        const auto found = session.find_one(pattern);
        if (!found || !*found) continue;  // a module may refuse to search a class that it does not know
        KMP_TRY(const base::Bytes serial, session.bytes_of(*found, place.serial));
        return base::to_string(serial);
    }
    return std::string();
}

std::string_view name(VaultKey key) noexcept { return key == VaultKey::escrow ? kEscrow : kPepper; }

std::optional<VaultKey> vault_key(std::string_view text) noexcept {
    for (const VaultKey key : {VaultKey::escrow, VaultKey::pepper})
        if (name(key) == text) return key;
    return std::nullopt;
}

pkcs11::Template vault_key_object(VaultKey key, model::UkeyKind on) {
    const bool seals = key == VaultKey::escrow;
    pkcs11::Template out(CKO_SECRET_KEY, seals ? CKK_AES : CKK_GENERIC_SECRET);
    out.flag(CKA_TOKEN, true).flag(CKA_PRIVATE, true).flag(CKA_SENSITIVE, true);
    for (const CK_ATTRIBUTE_TYPE use : {CKA_ENCRYPT, CKA_DECRYPT}) out.flag(use, seals);
    for (const CK_ATTRIBUTE_TYPE use : {CKA_SIGN, CKA_VERIFY}) out.flag(use, !seals);
    for (const CK_ATTRIBUTE_TYPE never : {CKA_WRAP, CKA_UNWRAP, CKA_DERIVE}) out.flag(never, false);
    out.text(CKA_LABEL, key_label(name(key))).text(CKA_ID, key_id(on, name(key)));
    const bool in_vault = on == model::UkeyKind::master_control;
    out.flag(CKA_EXTRACTABLE, in_vault);
    if (in_vault) out.flag(CKA_WRAP_WITH_TRUSTED, true).flag(CKA_MODIFIABLE, false);
    return out;
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
