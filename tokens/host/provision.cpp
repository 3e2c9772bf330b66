#include <algorithm>

#include "tokens/host/operations.h"
#include "tokens/host/x509.h"

namespace tokens::host {
namespace {

using model::UkeyKind;
using pkcs11::Mechanism;
using pkcs11::Template;

enum class Make : std::uint8_t {
    p256,         ///< ECDSA P-256
    ed25519,      ///< or P-256 where the token has no Ed25519; the SPKI says which
    rsa_unwrap,   ///< takes masters in
    rsa_decrypt,  ///< takes in what people's programs encrypt to it: shares, exports. Never on a UKEY that takes masters in
    aes_gcm,
    aes_cmac,
    vault_gcm,    ///< of the vault: extractable under a trusted key, for a second master-control UKEY
    vault_hmac,
};

struct KeyLine {
    UkeyKind kind;
    std::string_view name;
    Make make;
};

// What each kind of UKEY holds (design 3). Within a kind identity comes last: its existence says that all is there.
constexpr std::array kKeys{
    KeyLine{UkeyKind::master_control, kIssuing, Make::p256},
    KeyLine{UkeyKind::master_control, kTransport, Make::rsa_unwrap},
    KeyLine{UkeyKind::master_control, kRecovery, Make::rsa_decrypt},
    KeyLine{UkeyKind::master_control, kEscrow, Make::vault_gcm},
    KeyLine{UkeyKind::master_control, kPepper, Make::vault_hmac},
    KeyLine{UkeyKind::master_control, kIdentity, Make::p256},
    KeyLine{UkeyKind::officer, kTransport, Make::rsa_decrypt},
    KeyLine{UkeyKind::officer, kIdentity, Make::p256},
    KeyLine{UkeyKind::key, kTransport, Make::rsa_unwrap},
    KeyLine{UkeyKind::key, kIdentity, Make::p256},
    KeyLine{UkeyKind::user, kEncrypt, Make::aes_gcm},
    KeyLine{UkeyKind::user, kMac, Make::aes_cmac},
    KeyLine{UkeyKind::user, kSigning, Make::p256},
    KeyLine{UkeyKind::user, kTransport, Make::rsa_unwrap},
    KeyLine{UkeyKind::user, kIdentity, Make::p256},
    KeyLine{UkeyKind::auditor, kTransport, Make::rsa_decrypt},
    KeyLine{UkeyKind::auditor, kIdentity, Make::p256},
    KeyLine{UkeyKind::platform, kCheckpoint, Make::ed25519},
    KeyLine{UkeyKind::platform, kDatabase, Make::aes_gcm},
    KeyLine{UkeyKind::platform, kTransport, Make::rsa_unwrap},
    KeyLine{UkeyKind::platform, kTls, Make::p256},
    KeyLine{UkeyKind::platform, kIdentity, Make::p256},
};

// RSA-3072 takes 0.63 s on average in SoftHSM2 on the slow machine it was measured on (0.91 s at worst; 2048 bits: 0.23 s). It happens
// once in a UKEY's life.
constexpr CK_ULONG kRsaBits = 3072;

/// PrintableString "edwards25519": what PKCS#11 3.0 names beside the OID, and SoftHSM2 takes either.
constexpr std::array<std::uint8_t, 14> kEd25519Name{0x13, 0x0c, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9'};

constexpr std::array kAllUses{CKA_SIGN, CKA_VERIFY, CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP, CKA_DERIVE};
constexpr std::array kPrivateUses{CKA_SIGN, CKA_DECRYPT, CKA_UNWRAP};

/// Sets exactly the named uses and clears the others of `all`.
template <std::size_t N>
void uses(Template& out, const std::array<unsigned long, N>& all, std::initializer_list<CK_ATTRIBUTE_TYPE> wanted) {
    for (const CK_ATTRIBUTE_TYPE use : all) out.flag(use, std::find(wanted.begin(), wanted.end(), use) != wanted.end());
}

Template named(const KeyLine& line, bool is_private) {
    Template out;
    out.flag(CKA_TOKEN, true).flag(CKA_PRIVATE, is_private).text(CKA_LABEL, key_label(line.name)).text(CKA_ID, key_id(line.kind, line.name));
    if (is_private) out.flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false);
    return out;
}

base::Status make_secret(Token& token, const KeyLine& line, CK_MECHANISM_TYPE generator, std::initializer_list<CK_ATTRIBUTE_TYPE> wanted) {
    Template key = named(line, true);
    key.number(CKA_VALUE_LEN, 32);
    uses(key, kAllUses, wanted);
    const auto made = token.session().generate_key(Mechanism(generator), key);
    if (!made) return made.error();
    return {};
}

base::Status make_vault_key(Token& token, VaultKey key, CK_MECHANISM_TYPE generator) {
    Template object = vault_key_object(key, UkeyKind::master_control);
    object.number(CKA_VALUE_LEN, 32);
    const auto made = token.session().generate_key(Mechanism(generator), object);
    if (!made) return made.error();
    return {};
}

struct PairShape {
    CK_MECHANISM_TYPE generator;
    base::ByteView curve;  ///< empty: RSA
    CK_ATTRIBUTE_TYPE public_use;
    CK_ATTRIBUTE_TYPE private_use;
    bool narrow = true;  ///< the private key may do nothing else
};

base::Status try_pair(Token& token, const KeyLine& line, const PairShape& shape) {
    Template public_part = named(line, false);
    Template private_part = named(line, true);
    if (shape.curve.empty()) {
        constexpr std::array<std::uint8_t, 3> kExponent{1, 0, 1};
        public_part.number(CKA_MODULUS_BITS, kRsaBits).bytes(CKA_PUBLIC_EXPONENT, kExponent);
    } else {
        public_part.bytes(CKA_EC_PARAMS, shape.curve);
    }
    // What a public key may do is no secret's fence, and tpm2-pkcs11 does not let it be narrowed.
    public_part.flag(shape.public_use, true);
    if (shape.narrow)
        uses(private_part, kPrivateUses, {shape.private_use});
    else
        private_part.flag(shape.private_use, true);
    const auto made = token.session().generate_key_pair(Mechanism(shape.generator), std::move(public_part), std::move(private_part));
    if (!made) return made.error();
    return {};
}

/// tpm2-pkcs11 gives keys the uses that a TPM knows and lets none be taken away. An officer or auditor UKEY may have such keys: it holds
/// no masters, and the host has no operation that puts them to another use.
base::Status make_pair(Token& token, const KeyLine& line, PairShape shape) {
    const base::Status narrow = try_pair(token, line, shape);
    if (narrow || (line.kind != UkeyKind::officer && line.kind != UkeyKind::auditor)) return narrow;
    shape.narrow = false;
    return try_pair(token, line, shape);
}

base::Status make(Token& token, const KeyLine& line) {
    switch (line.make) {
        case Make::p256: return make_pair(token, line, {CKM_EC_KEY_PAIR_GEN, kP256Oid, CKA_VERIFY, CKA_SIGN});
        case Make::ed25519: {
            KMP_TRY(const auto mechanisms, token.mechanisms());
            const bool has = std::find(mechanisms.begin(), mechanisms.end(), CKM_EC_EDWARDS_KEY_PAIR_GEN) != mechanisms.end();
            if (!has) return make_pair(token, line, {CKM_EC_KEY_PAIR_GEN, kP256Oid, CKA_VERIFY, CKA_SIGN});
            return make_pair(token, line, {CKM_EC_EDWARDS_KEY_PAIR_GEN, kEd25519Name, CKA_VERIFY, CKA_SIGN});
        }
        case Make::rsa_unwrap: return make_pair(token, line, {CKM_RSA_PKCS_KEY_PAIR_GEN, {}, CKA_WRAP, CKA_UNWRAP});
        case Make::rsa_decrypt: return make_pair(token, line, {CKM_RSA_PKCS_KEY_PAIR_GEN, {}, CKA_ENCRYPT, CKA_DECRYPT});
        case Make::aes_gcm: return make_secret(token, line, CKM_AES_KEY_GEN, {CKA_ENCRYPT, CKA_DECRYPT});
        case Make::aes_cmac: return make_secret(token, line, CKM_AES_KEY_GEN, {CKA_SIGN, CKA_VERIFY});
        case Make::vault_gcm: return make_vault_key(token, VaultKey::escrow, CKM_AES_KEY_GEN);
        case Make::vault_hmac: return make_vault_key(token, VaultKey::pepper, CKM_GENERIC_SECRET_KEY_GEN);
    }
    return {base::Code::internal, "a key of no known make"};
}

/// Version 1 of the private state is drawn in the token; the factory set is published and brought in.
base::Status fill_vault(Token& token) {
    for (const model::KeyClass key_class : model::kAllClasses) {
        Template drawn = vault_master({key_class, model::KeyState::production, 1});
        drawn.number(CKA_VALUE_LEN, 16);
        const auto made = token.session().generate_key(Mechanism(CKM_AES_KEY_GEN), drawn);
        if (!made) return made.error();
        Template published = vault_master({key_class, model::KeyState::factory, 0});
        published.bytes(CKA_VALUE, factory_master(key_class));
        const auto stored = token.session().create(published);
        if (!stored) return stored.error();
    }
    return {};
}

/// What an interrupted Provision left behind. A token whose identity key exists never comes here.
base::Status clear_leftovers(Token& token) {
    for (const CK_OBJECT_CLASS object_class : {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY, CKO_SECRET_KEY}) {
        Template all;
        all.number(CKA_CLASS, object_class).flag(CKA_TOKEN, true);
        KMP_TRY(const auto found, token.session().find(all));
        for (const pkcs11::Object object : found) {
            KMP_TRY(const base::Bytes label, token.session().bytes_of(object, CKA_LABEL));
            if (base::as_text(label).starts_with("kmp:")) KMP_CHECK(token.session().destroy(object));
        }
    }
    return {};
}

base::Result<base::Bytes> read_spki(Token& token, std::string_view name) {
    KMP_TRY(const pkcs11::PublicKey key, token.public_key(name));
    KMP_TRY(const CK_ULONG type, token.session().number_of(key, CKA_KEY_TYPE));
    if (type == CKK_RSA) {
        KMP_TRY(const base::Bytes modulus, token.session().bytes_of(key, CKA_MODULUS));
        KMP_TRY(const base::Bytes exponent, token.session().bytes_of(key, CKA_PUBLIC_EXPONENT));
        return rsa_spki(modulus, exponent);
    }
    KMP_TRY(const base::Bytes point, token.session().bytes_of(key, CKA_EC_POINT));
    return type == CKK_EC_EDWARDS ? ed25519_spki(point) : p256_spki(point);
}

bool has_public_half(const KeyLine& line) {
    return line.make == Make::p256 || line.make == Make::ed25519 || line.make == Make::rsa_unwrap || line.make == Make::rsa_decrypt;
}

/// The key is there and does its work. A module that says OK to everything is found out here, before anybody relies on it.
base::Status prove(Token& token, const KeyLine& line) {
    pkcs11::Session& session = token.session();
    if (!has_public_half(line)) {
        KMP_TRY(const pkcs11::SecretKey key, token.secret_key(line.name));
        if (line.make == Make::aes_gcm || line.make == Make::vault_gcm) return prove_seals(session, key);
        return prove_macs(session, key, line.make == Make::vault_hmac ? Mechanism::sha256_hmac() : Mechanism::aes_cmac());
    }
    KMP_TRY(const pkcs11::PrivateKey key, token.private_key(line.name));
    KMP_TRY(const base::Bytes spki, spki_of(token, line.name));
    if (line.make == Make::rsa_unwrap) return prove_unwraps(session, key, spki);
    if (line.make == Make::rsa_decrypt) return prove_decrypts(session, key, spki);
    return prove_signs(session, key, spki);
}

/// A token that cannot serve becomes blank again: its SO PIN would be known to nobody, and it would be lost for other work.
base::Status suits_or_blank(Host& host, UkeyKind kind, const base::Secret& so_pin) {
    const base::Status suitable = suits(host.token, host.abilities, kind);
    if (suitable || suitable.error().code != base::Code::token_unsuitable) return suitable;
    const base::Status undone = host.token.undo_create(so_pin);
    if (undone) return suitable;
    // tpm2-pkcs11 initialises a token once.
    base::Error both = suitable.error();
    both.message += "; nor could it be made blank again (" + undone.error().message + "): reset it with its maker's tool";
    return both;
}

/// For each kind, what this token lacks.
base::Status say_suitability(Host& host, pb::ProbeReply& reply) {
    reply.set_tried(host.token.logged_in());
    for (const UkeyKind kind : {UkeyKind::master_control, UkeyKind::officer, UkeyKind::key, UkeyKind::user, UkeyKind::auditor, UkeyKind::platform}) {
        KMP_TRY(const auto missing, reply.tried() ? host.abilities.missing(host.token, kind) : Abilities::unlisted(host.token, kind));
        pb::Suitability& line = *reply.add_suitability();
        line.set_kind(std::string(model::name(kind)));
        for (const std::string& name : missing) line.add_missing(name);
    }
    if (!reply.tried()) return {};
    KMP_TRY(const auto cautions, Abilities::cautions(host.token));
    for (const std::string& caution : cautions) reply.add_cautions(caution);
    return {};
}

}  // namespace

base::Status probe(Host& host, Call& call) {
    KMP_TRY(const Token::Presence presence, host.token.look());
    pb::ProbeReply& reply = *call.reply.mutable_probe();
    reply.set_present(presence.present);
    // Without a user PIN it is nobody's UKEY: the rest of an initialisation that broke off or was undone, or as its maker delivers it.
    reply.set_initialised(presence.initialised && presence.info.user_pin_set);
    reply.set_label(presence.info.label);
    reply.set_token_serial(presence.info.serial);
    reply.set_manufacturer(presence.info.manufacturer);
    reply.set_model(presence.info.model);
    reply.set_ukey(host.token.ukey());
    reply.set_logged_in(host.token.logged_in());
    if (presence.present && !host.token.kind()) KMP_CHECK(say_suitability(host, reply));
    return {};
}

base::Status initialise(Host& host, Call& call) {
    const std::string& ukey = call.request.initialise().ukey();
    KMP_TRY(const base::UkeySerial serial, base::UkeySerial::parse(ukey));
    constexpr std::size_t kLabelSize = 32;
    if (serial.text().size() > kLabelSize) return {base::Code::invalid_argument, "a UKEY serial has at most 32 characters: it is the token's label"};
    KMP_TRY(base::Secret so_pin, take_secret(call.secrets, pb::SO_PIN));
    KMP_TRY(base::Secret user_pin, take_secret(call.secrets, pb::USER_PIN));
    std::optional<UkeyKind> kind;
    if (!call.request.initialise().kind().empty()) {
        KMP_TRY(kind, model::parse_ukey_kind(call.request.initialise().kind()));
    }
    if (kind) {
        KMP_CHECK(host.token.look());
        KMP_CHECK(may_suit(host.token, *kind));
    }
    host.abilities.forget();
    KMP_CHECK(host.token.create(ukey, so_pin.duplicate(), std::move(user_pin)));
    if (kind) KMP_CHECK(suits_or_blank(host, *kind, so_pin));
    KMP_TRY(const Token::Presence made, host.token.look());
    call.reply.mutable_initialise()->set_token_serial(made.info.serial);
    return {};
}

base::Status provision(Host& host, Call& call) {
    KMP_TRY(const UkeyKind kind, model::parse_ukey_kind(call.request.provision().kind()));
    Token& token = host.token;
    KMP_CHECK(suits(token, host.abilities, kind));
    KMP_TRY(const bool decrypts, host.abilities.has(token, kind == UkeyKind::auditor ? Ability::decrypt : Ability::sign));
    const bool empty_vault = call.request.provision().empty_vault();
    if (empty_vault && kind != UkeyKind::master_control) return {base::Code::invalid_argument, "only a master-control UKEY has a vault"};
    std::vector<KeyLine> wanted;
    for (const KeyLine& line : kKeys) {
        const bool of_vault = line.make == Make::vault_gcm || line.make == Make::vault_hmac;
        if (line.kind == kind && (line.make != Make::rsa_decrypt || decrypts) && !(of_vault && empty_vault)) wanted.push_back(line);
    }
    KMP_CHECK(clear_leftovers(token));
    if (kind == UkeyKind::master_control && !empty_vault) KMP_CHECK(fill_vault(token));
    for (const KeyLine& line : wanted) {
        const base::Status made = make(token, line);
        if (!made) return base::Error(made.error()).in("making the " + std::string(line.name) + " key");
    }
    KMP_CHECK(token.resolve());
    for (const KeyLine& line : wanted) {
        const base::Status works = prove(token, line);
        if (!works) return base::Error(works.error()).in("trying the new " + std::string(line.name) + " key");
        if (!has_public_half(line)) continue;
        KMP_TRY(const base::Bytes spki, spki_of(token, line.name));
        pb::PublicKey& key = *call.reply.mutable_public_keys()->add_keys();
        key.set_name(std::string(line.name));
        set(key.mutable_spki(), spki);
    }
    return {};
}

base::Result<base::Bytes> spki_of(Token& token, std::string_view name) {
    if (const auto known = token.known_spki().find(name); known != token.known_spki().end()) return known->second;
    KMP_TRY(base::Bytes spki, read_spki(token, name));
    token.known_spki()[std::string(name)] = spki;
    return spki;
}

}  // namespace tokens::host
