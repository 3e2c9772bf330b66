#include <algorithm>

#include "tokens/host/injection.h"
#include "tokens/host/operations.h"
#include "tokens/host/x509.h"

namespace tokens::host {
namespace {

using base::Code;
using model::UkeyKind;

constexpr int kMaxMasters = 256;
constexpr std::size_t kMaxCiphertext = 1024;

base::Result<MasterId> id_of(const pb::MasterName& name) { return master_id(name.key_class(), name.state(), name.version()); }

void put(pb::MasterName& out, const MasterId& id) {
    out.set_key_class(static_cast<std::uint32_t>(id.key_class));
    out.set_state(static_cast<std::uint32_t>(id.state));
    out.set_version(id.version);
}

/// Which masters a kind of UKEY may ever hold: with control it could rekey meters. Of the factory set a station needs that of class card alone, under
/// which a blank card is made a meter's.
base::Status check_class(UkeyKind kind, const MasterId& id) {
    if (kind == UkeyKind::key || kind == UkeyKind::master_control) return {};
    if (kind != UkeyKind::user) return {Code::refused, "only key, user and master-control UKEYs receive class masters, not " + model::one(kind)};
    if (id.key_class == model::KeyClass::control) return {Code::refused, "a user UKEY never receives the control class"};
    if (id.state == model::KeyState::factory && id.key_class != model::KeyClass::card) return {Code::refused, "of the factory set a user UKEY receives the card class alone"};
    return {};
}

/// Which keys of the vault, by name, a kind of UKEY may hold.
base::Result<VaultKey> check_key(UkeyKind kind, const std::string& named) {
    const auto key = vault_key(named);
    if (!key) return {Code::invalid_argument, "the vault hands out the keys escrow and pepper, and no '" + named.substr(0, 32) + "'"};
    const bool may = kind == UkeyKind::master_control || (kind == UkeyKind::platform && *key == VaultKey::pepper);
    if (!may) return {Code::refused, model::one(kind) + " never receives the " + named + " key"};
    return *key;
}

/// The trust anchor's key; none before there is one.
base::Result<std::optional<base::Bytes>> trust_anchor_spki(Token& token) {
    KMP_TRY(const auto all, certificates_on(token));
    for (const auto& [name, der] : all) {
        if (name != kTrustAnchor) continue;
        KMP_TRY(CertificateKeys keys, read_certificate(der));
        return std::optional(std::move(keys.spki));
    }
    return std::optional<base::Bytes>();
}

/// The issuing keys that this UKEY trusts, and with them the one in `certificate`, where it is given.
base::Status add_issuer(std::vector<base::Bytes>& trusted, base::ByteView certificate) {
    if (certificate.empty()) return {};
    KMP_TRY(base::Bytes other, read_issuer(certificate, trusted));
    trusted.push_back(std::move(other));
    return {};
}

struct Wanted {
    std::vector<MasterId> masters;
    std::vector<VaultKey> keys;
};

base::Status check_count(int masters, int keys) {
    if (masters < 0 || keys < 0 || masters + keys == 0 || masters > kMaxMasters || keys > 2) return {Code::invalid_argument, "1 to 256 masters can travel at a time"};
    return {};
}

base::Result<Wanted> checked(const Token& token, const pb::WrapMasters& request, const Receiver& receiver) {
    KMP_CHECK(check_count(request.masters_size(), request.keys_size()));
    Wanted out;
    for (const pb::MasterName& name : request.masters()) {
        KMP_TRY(const MasterId id, id_of(name));
        KMP_CHECK(check_class(receiver.kind, id));
        const auto master = token.master(id);
        if (!master) return master.error();
        out.masters.push_back(id);
    }
    for (const std::string& name : request.keys()) {
        KMP_TRY(const VaultKey key, check_key(receiver.kind, name));
        const auto held = token.secret_key(name);
        if (!held) return held.error();
        out.keys.push_back(key);
    }
    return out;
}

base::Status wrap_all(Host& host, const Receiver& receiver, const Wanted& wanted, pkcs11::PublicKey to, pb::WrappedMasters& reply) {
    const base::Digest spki_digest = base::sha256(receiver.spki);
    for (const MasterId& id : wanted.masters) {
        // Resolved again: the handles from before the change of hats are dead.
        KMP_TRY(const pkcs11::SecretKey master, host.token.master(id));
        KMP_TRY(const base::Bytes ciphertext, host.token.session().wrap(pkcs11::Mechanism::oaep_sha1(), to, master));
        KMP_TRY(const base::Bytes check, check_value(host.token.session(), id, master));
        const base::Bytes statement = statement_bytes(kInjectionPurpose, injection_bytes(receiver.serial, spki_digest, id, ciphertext, check));
        KMP_TRY(const base::Bytes signature, sign_message(host.token, kIssuing, statement));
        pb::WrappedMaster& out = *reply.add_masters();
        put(*out.mutable_name(), id);
        set(out.mutable_ciphertext(), ciphertext);
        set(out.mutable_signature(), signature);
        set(out.mutable_check(), check);
    }
    for (const VaultKey key : wanted.keys) {
        KMP_TRY(const pkcs11::SecretKey held, host.token.secret_key(name(key)));
        KMP_TRY(const base::Bytes ciphertext, host.token.session().wrap(pkcs11::Mechanism::oaep_sha1(), to, held));
        KMP_TRY(const base::Bytes check, key_check(host.token, key));
        const base::Bytes statement = statement_bytes(kInjectionPurpose, key_injection_bytes(receiver.serial, spki_digest, key, ciphertext, check));
        KMP_TRY(const base::Bytes signature, sign_message(host.token, kIssuing, statement));
        pb::WrappedKey& out = *reply.add_keys();
        out.set_name(std::string(name(key)));
        set(out.mutable_ciphertext(), ciphertext);
        set(out.mutable_signature(), signature);
        set(out.mutable_check(), check);
    }
    return {};
}

/// The master on this token is the one that was sent.
base::Status confirm(Token& token, const MasterId& id, pkcs11::SecretKey master, const pb::WrappedMaster& sent) {
    KMP_TRY(const base::Bytes check, check_value(token.session(), id, master));
    if (base::equal_constant_time(check, view(sent.check()))) return {};
    return {Code::token_failed, "the UKEY's master " + label_of(id) + " is not the one that was sent to it; repair its module, or use another UKEY"};
}

base::Status take_master(Host& host, const MasterId& id, const pb::WrappedMaster& wrapped) {
    if (const auto here = host.token.master(id)) return confirm(host.token, id, *here, wrapped);  // a repeated injection changes nothing
    KMP_TRY(const pkcs11::PrivateKey transport, host.token.private_key(kTransport));
    const pkcs11::Template object = host.token.kind() == UkeyKind::master_control ? vault_master(id) : receiver_master(id);
    const auto made = host.token.session().unwrap(pkcs11::Mechanism::oaep_sha1(), transport, view(wrapped.ciphertext()), object);
    if (!made) return made.error();
    const base::Status right = confirm(host.token, id, *made, wrapped);
    if (!right) (void)host.token.session().destroy(*made);  // what it is, nobody knows
    KMP_CHECK(right);
    host.token.adopt_master(id, *made);
    return {};
}

base::Status take_key(Host& host, VaultKey key, const pb::WrappedKey& wrapped) {
    if (host.token.secret_key(name(key))) return confirm_key(host.token, key, view(wrapped.check()));
    KMP_TRY(const pkcs11::PrivateKey transport, host.token.private_key(kTransport));
    const auto made = host.token.session().unwrap(pkcs11::Mechanism::oaep_sha1(), transport, view(wrapped.ciphertext()), vault_key_object(key, *host.token.kind()));
    if (!made) return made.error();
    host.token.adopt_key(name(key), *made);
    const base::Status right = confirm_key(host.token, key, view(wrapped.check()));
    if (right) return {};
    (void)host.token.session().destroy(*made);
    (void)host.token.resolve();
    return right;
}

base::Error not_for_us() { return {Code::key_invalid, "a wrapped master was changed, is for another UKEY, or comes from another master-control UKEY"}; }

}  // namespace

base::Status wrap_masters(Host& host, Call& call) {
    const pb::WrapMasters& request = call.request.wrap_masters();
    base::Secret so_pin = std::move(host.armed_so_pin);  // armed for one use, whatever comes of it
    if (so_pin.empty()) {
        auto given = take_secret(call.secrets, pb::SO_PIN);
        if (!given) return {Code::denied, "the SO PIN of the master-control UKEY is needed to mark the receiver's key trusted; arm it first"};
        so_pin = std::move(*given);
    }
    KMP_TRY(base::Bytes own, spki_of(host.token, kIssuing));
    std::vector<base::Bytes> trusted{std::move(own)};
    KMP_TRY(auto anchor, trust_anchor_spki(host.token));
    if (anchor) trusted.push_back(std::move(*anchor));
    KMP_CHECK(add_issuer(trusted, view(request.issuer())));
    KMP_TRY(const Receiver receiver, read_receiver(view(request.receiver_certificate()), trusted));
    KMP_TRY(const Wanted wanted, checked(host.token, request, receiver));
    KMP_TRY(const pkcs11::PublicKey to, host.token.import_trusted(so_pin, receiver.modulus, receiver.exponent));
    const pkcs11::Temporary key(host.token.session(), to);
    return wrap_all(host, receiver, wanted, to, *call.reply.mutable_wrapped_masters());
}

base::Status unwrap_masters(Host& host, Call& call) {
    const pb::UnwrapMasters& request = call.request.unwrap_masters();
    KMP_CHECK(check_count(request.masters_size(), request.keys_size()));
    KMP_TRY(auto anchor, trust_anchor_spki(host.token));
    if (!anchor) return {Code::refused, "this UKEY has no trust anchor yet; store the certificate of its master-control UKEY first"};
    std::vector<base::Bytes> trusted{std::move(*anchor)};
    KMP_CHECK(add_issuer(trusted, view(request.issuer())));
    KMP_TRY(const base::Bytes own_transport, spki_of(host.token, kTransport));
    const base::Digest own_digest = base::sha256(own_transport);
    const UkeyKind kind = *host.token.kind();
    const auto signed_by_master = [&](const base::Bytes& injection, const std::string& signature) {
        const base::Bytes statement = statement_bytes(kInjectionPurpose, injection);
        return std::any_of(trusted.begin(), trusted.end(), [&](const base::Bytes& spki) { return ecdsa_holds(spki, statement, view(signature)); });
    };

    // All signatures hold before anything is changed.
    std::vector<MasterId> ids;
    for (const pb::WrappedMaster& wrapped : request.masters()) {
        KMP_TRY(const MasterId id, id_of(wrapped.name()));
        KMP_CHECK(check_class(kind, id));
        if (wrapped.ciphertext().size() > kMaxCiphertext) return {Code::malformed, "a wrapped master of more than 1024 bytes"};
        const base::Bytes injection = injection_bytes(host.token.ukey(), own_digest, id, view(wrapped.ciphertext()), view(wrapped.check()));
        if (wrapped.check().size() != kCheckSize || !signed_by_master(injection, wrapped.signature())) return not_for_us();
        ids.push_back(id);
    }
    std::vector<VaultKey> keys;
    for (const pb::WrappedKey& wrapped : request.keys()) {
        KMP_TRY(const VaultKey key, check_key(kind, wrapped.name()));
        if (wrapped.ciphertext().size() > kMaxCiphertext || wrapped.check().size() > kMaxCiphertext) return {Code::malformed, "a wrapped key of more than 1024 bytes"};
        if (!signed_by_master(key_injection_bytes(host.token.ukey(), own_digest, key, view(wrapped.ciphertext()), view(wrapped.check())), wrapped.signature())) return not_for_us();
        keys.push_back(key);
    }
    for (std::size_t i = 0; i < ids.size(); ++i) KMP_CHECK(take_master(host, ids[i], request.masters(static_cast<int>(i))));
    for (std::size_t i = 0; i < keys.size(); ++i) KMP_CHECK(take_key(host, keys[i], request.keys(static_cast<int>(i))));
    call.reply.mutable_done();
    return {};
}

base::Status make_masters(Host& host, Call& call) {
    const pb::MakeMasters& request = call.request.make_masters();
    if (request.classes() == 0 || request.classes() >> model::kAllClasses.size() != 0) return {Code::invalid_argument, "no such key classes"};
    for (const model::KeyClass key_class : model::kAllClasses) {
        if ((request.classes() & model::class_bit(key_class)) == 0) continue;
        KMP_TRY(const MasterId id, master_id(static_cast<std::uint64_t>(key_class), static_cast<std::uint64_t>(model::KeyState::production), request.version()));
        if (host.token.master(id)) continue;  // made before a crash: a repeated rotation draws nothing twice
        pkcs11::Template drawn = vault_master(id);
        drawn.number(CKA_VALUE_LEN, 16);
        const auto made = host.token.session().generate_key(pkcs11::Mechanism(CKM_AES_KEY_GEN), drawn);
        if (!made) return made.error();
        host.token.adopt_master(id, *made);
    }
    call.reply.mutable_done();
    return {};
}

base::Status destroy_masters(Host& host, Call& call) {
    const pb::DestroyMasters& request = call.request.destroy_masters();
    if (request.masters_size() == 0 || request.masters_size() > kMaxMasters) return {Code::invalid_argument, "1 to 256 masters can be destroyed at a time"};
    std::vector<MasterId> ids;
    for (const pb::MasterName& name : request.masters()) {
        KMP_TRY(const MasterId id, id_of(name));
        if (id.state == model::KeyState::factory) return {Code::refused, "the factory set is not destroyed: new meters come with it"};
        ids.push_back(id);
    }
    for (const MasterId& id : ids) KMP_CHECK(host.token.drop_master(id));
    call.reply.mutable_done();
    return {};
}

base::Status list_masters(Host& host, Call& call) {
    pb::MasterNames& reply = *call.reply.mutable_master_names();
    for (const auto& [id, handle] : host.token.masters()) put(*reply.add_masters(), id);
    return {};
}

}  // namespace tokens::host
