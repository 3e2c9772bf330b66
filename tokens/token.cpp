#include "tokens/token.h"

namespace tokens {
namespace {

using base::Code;

/// Key generation on a slow card takes its time; a hung host is found all the same.
constexpr std::chrono::milliseconds kSlow{120000};

std::vector<RoleSecret> with(pb::SecretRole role, base::Secret value) {
    std::vector<RoleSecret> out;
    out.push_back({role, std::move(value)});
    return out;
}

void fill(pb::MasterName& out, const MasterName& m) {
    out.set_key_class(static_cast<std::uint32_t>(m.key_class));
    out.set_state(static_cast<std::uint32_t>(m.state));
    out.set_version(m.version);
}

base::Bytes bytes_of(const std::string& text) { return base::to_bytes(base::as_bytes(text)); }

}  // namespace

base::Result<HostAnswer> Token::ask(pb::HostRequest request, std::vector<RoleSecret> secrets, Effect effect) {
    auto answer = channel_->call_and_wait(std::move(request), std::move(secrets), kSlow, effect);
    if (!answer) return std::move(answer).error().in(who_);
    return answer;
}

base::Result<std::string> Token::initialise(const base::UkeySerial& serial, const base::Secret& so_pin, const base::Secret& user_pin,
                                            std::optional<model::UkeyKind> kind) {
    pb::HostRequest r;
    r.mutable_initialise()->set_ukey(serial.text());
    if (kind) r.mutable_initialise()->set_kind(std::string(model::name(*kind)));
    std::vector<RoleSecret> secrets = with(pb::SO_PIN, so_pin.duplicate());
    secrets.push_back({pb::USER_PIN, user_pin.duplicate()});
    KMP_TRY(const HostAnswer answer, ask(std::move(r), std::move(secrets), Effect::changes_token));
    return answer.reply.initialise().token_serial();
}

base::Result<PublicKeys> Token::provision(model::UkeyKind kind, bool empty_vault) {
    pb::HostRequest r;
    r.mutable_provision()->set_kind(std::string(model::name(kind)));
    r.mutable_provision()->set_empty_vault(empty_vault);
    KMP_TRY(const HostAnswer answer, ask(std::move(r), {}, Effect::changes_token));
    PublicKeys keys;
    for (const auto& key : answer.reply.public_keys().keys()) keys[key.name()] = bytes_of(key.spki());
    return keys;
}

base::Status Token::login(base::Secret user_pin) {
    pb::HostRequest r;
    r.mutable_login();
    KMP_CHECK(ask(std::move(r), with(pb::USER_PIN, std::move(user_pin)), Effect::none));
    return {};
}

base::Status Token::logout() {
    pb::HostRequest r;
    r.mutable_logout();
    KMP_CHECK(ask(std::move(r), {}, Effect::none));
    return {};
}

base::Result<base::Bytes> Token::sign_tbs(const std::string& key, base::ByteView tbs) {
    pb::HostRequest r;
    r.mutable_sign_tbs()->set_key(key);
    r.mutable_sign_tbs()->set_tbs(base::to_string(tbs));
    KMP_TRY(const HostAnswer answer, ask(std::move(r), {}, Effect::none));
    return bytes_of(answer.reply.signature().der());
}

base::Result<base::Bytes> Token::sign_statement(const std::string& purpose, base::ByteView statement) {
    pb::HostRequest r;
    r.mutable_sign_statement()->set_purpose(purpose);
    r.mutable_sign_statement()->set_statement(base::to_string(statement));
    KMP_TRY(const HostAnswer answer, ask(std::move(r), {}, Effect::none));
    return bytes_of(answer.reply.signature().raw());
}

base::Result<base::Bytes> Token::sign_checkpoint(std::string_view body) {
    pb::HostRequest r;
    r.mutable_sign_checkpoint()->set_body(std::string(body));
    KMP_TRY(const HostAnswer answer, ask(std::move(r), {}, Effect::none));
    return bytes_of(answer.reply.signature().raw());
}

base::Result<std::map<std::string, base::Bytes>> Token::certificates() {
    pb::HostRequest r;
    r.mutable_read_certificates();
    KMP_TRY(const HostAnswer answer, ask(std::move(r), {}, Effect::none));
    std::map<std::string, base::Bytes> out;
    for (const pb::Certificate& c : answer.reply.certificates().certificates()) out[c.name()] = bytes_of(c.der());
    return out;
}

base::Status Token::store_certificate(const std::string& name, base::ByteView der) {
    pb::HostRequest r;
    r.mutable_store_certificate()->set_name(name);
    r.mutable_store_certificate()->set_der(base::to_string(der));
    KMP_CHECK(ask(std::move(r), {}, Effect::changes_token));
    return {};
}

base::Result<pb::WrappedMasters> Token::wrap_masters(const base::UkeySerial& own, base::ByteView own_sealed_so_pin, const Shipment& shipment) {
    pb::HostRequest arm;
    arm.mutable_arm_so_pin()->set_blob(base::to_string(own_sealed_so_pin));
    arm.mutable_arm_so_pin()->set_ukey(own.text());
    KMP_CHECK(ask(std::move(arm), {}, Effect::none));
    return wrap_with({}, shipment);
}

base::Result<pb::WrappedMasters> Token::wrap_masters(base::Secret so_pin, const Shipment& shipment) { return wrap_with(with(pb::SO_PIN, std::move(so_pin)), shipment); }

base::Result<pb::WrappedMasters> Token::wrap_with(std::vector<RoleSecret> secrets, const Shipment& shipment) {
    pb::HostRequest r;
    auto& w = *r.mutable_wrap_masters();
    w.set_receiver_certificate(base::to_string(shipment.receiver));
    w.set_issuer(base::to_string(shipment.receiver_issuer));
    for (const MasterName& m : shipment.masters) fill(*w.add_masters(), m);
    for (const std::string& key : shipment.keys) w.add_keys(key);
    KMP_TRY(const HostAnswer answer, ask(std::move(r), std::move(secrets), Effect::none));
    return answer.reply.wrapped_masters();
}

base::Status Token::make_masters(model::ClassSet classes, model::KeyVersion version) {
    pb::HostRequest r;
    r.mutable_make_masters()->set_classes(classes);
    r.mutable_make_masters()->set_version(version);
    KMP_CHECK(ask(std::move(r), {}, Effect::changes_token));
    return {};
}

base::Status Token::destroy_masters(const std::vector<MasterName>& masters) {
    pb::HostRequest r;
    for (const MasterName& m : masters) fill(*r.mutable_destroy_masters()->add_masters(), m);
    KMP_CHECK(ask(std::move(r), {}, Effect::changes_token));
    return {};
}

base::Status Token::unwrap_masters(const pb::WrappedMasters& masters, base::ByteView sender) {
    pb::HostRequest r;
    *r.mutable_unwrap_masters()->mutable_masters() = masters.masters();
    *r.mutable_unwrap_masters()->mutable_keys() = masters.keys();
    r.mutable_unwrap_masters()->set_issuer(base::to_string(sender));
    KMP_CHECK(ask(std::move(r), {}, Effect::changes_token));
    return {};
}

base::Result<base::Bytes> Token::seal_so_pin(const base::UkeySerial& of, const base::Secret& so_pin) {
    pb::HostRequest r;
    r.mutable_seal_so_pin()->set_ukey(of.text());
    KMP_TRY(const HostAnswer answer, ask(std::move(r), with(pb::SO_PIN, so_pin.duplicate()), Effect::none));
    return bytes_of(answer.reply.sealed_so_pin().blob());
}

base::Result<base::Secret> Token::open_so_pin(const base::UkeySerial& of, base::ByteView sealed) {
    pb::HostRequest r;
    r.mutable_open_so_pin()->set_ukey(of.text());
    r.mutable_open_so_pin()->set_blob(base::to_string(sealed));
    KMP_TRY(HostAnswer answer, ask(std::move(r), {}, Effect::none));
    return host::take_secret(answer.secrets, pb::SO_PIN);
}

base::Result<base::Secret> Token::recover_database_key(base::ByteView blob) {
    pb::HostRequest r;
    r.mutable_recover_database_key()->set_blob(base::to_string(blob));
    KMP_TRY(HostAnswer answer, ask(std::move(r), {}, Effect::none));
    return host::take_secret(answer.secrets, pb::DATABASE_KEY);
}

base::Status Token::change_pin(base::Secret old_pin, base::Secret fresh) {
    pb::HostRequest r;
    r.mutable_change_pin();
    std::vector<RoleSecret> secrets = with(pb::USER_PIN, std::move(old_pin));
    secrets.push_back({pb::NEW_USER_PIN, std::move(fresh)});
    KMP_CHECK(ask(std::move(r), std::move(secrets), Effect::changes_token));
    return {};
}

base::Status Token::reset_pin(base::Secret so_pin, base::Secret fresh) {
    pb::HostRequest r;
    r.mutable_reset_pin();
    std::vector<RoleSecret> secrets = with(pb::SO_PIN, std::move(so_pin));
    secrets.push_back({pb::NEW_USER_PIN, std::move(fresh)});
    KMP_CHECK(ask(std::move(r), std::move(secrets), Effect::changes_token));
    return {};
}

base::Status Token::change_so_pin(base::Secret so_pin, base::Secret fresh) {
    pb::HostRequest r;
    r.mutable_change_so_pin();
    std::vector<RoleSecret> secrets = with(pb::SO_PIN, std::move(so_pin));
    secrets.push_back({pb::NEW_SO_PIN, std::move(fresh)});
    KMP_CHECK(ask(std::move(r), std::move(secrets), Effect::changes_token));
    return {};
}

base::Status Token::erase(base::Secret so_pin) {
    pb::HostRequest r;
    r.mutable_erase();
    KMP_CHECK(ask(std::move(r), with(pb::SO_PIN, std::move(so_pin)), Effect::changes_token));
    return {};
}

base::Result<std::pair<std::uint32_t, Share>> Token::open_share(base::ByteView blob) {
    pb::HostRequest r;
    r.mutable_open_share()->set_blob(base::to_string(blob));
    KMP_TRY(HostAnswer answer, ask(std::move(r), {}, Effect::none));
    KMP_TRY(base::Secret value, host::take_secret(answer.secrets, pb::SHARE));
    const pb::ShareReply& share = answer.reply.share();
    return std::pair(share.generation(), Share{static_cast<std::uint8_t>(share.place()), std::move(value)});
}

base::Result<base::Secret> Token::pepper(const base::UkeySerial& ukey, base::Secret stretched) {
    pb::HostRequest r;
    r.mutable_pepper()->set_ukey(ukey.text());
    KMP_TRY(HostAnswer answer, ask(std::move(r), with(pb::STRETCHED, std::move(stretched)), Effect::none));
    return host::take_secret(answer.secrets, pb::PEPPERED);
}

base::Result<base::Secret> Token::pepper_account(const std::string& account, base::Secret stretched) {
    pb::HostRequest r;
    r.mutable_pepper()->set_account(account);
    KMP_TRY(HostAnswer answer, ask(std::move(r), with(pb::STRETCHED, std::move(stretched)), Effect::none));
    return host::take_secret(answer.secrets, pb::PEPPERED);
}

base::Result<base::Bytes> Token::seal_pin(const base::UkeySerial& ukey, base::Secret token_pin) {
    pb::HostRequest r;
    r.mutable_seal_pin()->set_ukey(ukey.text());
    KMP_TRY(const HostAnswer answer, ask(std::move(r), with(pb::USER_PIN, std::move(token_pin)), Effect::none));
    return bytes_of(answer.reply.sealed_pin().blob());
}

base::Result<base::Bytes> Token::wrap_database_key(const base::Secret& key) {
    pb::HostRequest r;
    r.mutable_wrap_database_key();
    KMP_TRY(const HostAnswer answer, ask(std::move(r), with(pb::DATABASE_KEY, key.duplicate()), Effect::none));
    return bytes_of(answer.reply.wrapped_database_key().blob());
}

base::Result<base::Secret> Token::unwrap_database_key(base::ByteView blob) {
    pb::HostRequest r;
    r.mutable_unwrap_database_key()->set_blob(base::to_string(blob));
    KMP_TRY(HostAnswer answer, ask(std::move(r), {}, Effect::none));
    return host::take_secret(answer.secrets, pb::DATABASE_KEY);
}

}  // namespace tokens
