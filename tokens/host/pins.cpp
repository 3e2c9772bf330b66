#include "tokens/host/operations.h"

namespace tokens::host {
namespace {

/// What a sealed SO PIN is bound to: "kmp/v1/so-pin" 00 ukey.
base::Bytes so_pin_context(std::string_view ukey) {
    base::ByteWriter out;
    out.text("kmp/v1/so-pin");
    out.u8(0);
    out.text(ukey);
    return std::move(out).take();
}

}  // namespace

base::Status login(Host& host, Call& call) {
    KMP_TRY(base::Secret pin, take_secret(call.secrets, pb::USER_PIN));
    KMP_CHECK(host.token.log_in(std::move(pin)));
    call.reply.mutable_done();
    return {};
}

base::Status logout(Host& host, Call& call) {
    host.armed_so_pin.wipe();
    KMP_CHECK(host.token.log_out());
    call.reply.mutable_done();
    return {};
}

base::Status seal_so_pin(Host& host, Call& call) {
    const std::string& ukey = call.request.seal_so_pin().ukey();
    KMP_CHECK(base::check_name(ukey, "UKEY serial"));
    KMP_TRY(const base::Secret so_pin, take_secret(call.secrets, pb::SO_PIN));
    KMP_TRY(const base::Bytes blob, seal_blob(host.token, kEscrow, so_pin_context(ukey), so_pin));
    set(call.reply.mutable_sealed_so_pin()->mutable_blob(), blob);
    return {};
}

base::Status arm_so_pin(Host& host, Call& call) {
    const pb::ArmSoPin& request = call.request.arm_so_pin();
    if (request.ukey() != host.token.ukey()) return {base::Code::refused, "only this UKEY's own SO PIN can be armed; " + request.ukey() + " is another"};
    KMP_TRY(host.armed_so_pin, open_blob(host.token, kEscrow, so_pin_context(request.ukey()), view(request.blob())));
    call.reply.mutable_done();
    return {};
}

base::Status open_so_pin(Host& host, Call& call) {
    const pb::OpenSoPin& request = call.request.open_so_pin();
    if (request.ukey() == host.token.ukey()) return {base::Code::refused, "a master-control UKEY's own SO PIN does not leave it"};
    KMP_TRY(base::Secret so_pin, open_blob(host.token, kEscrow, so_pin_context(request.ukey()), view(request.blob())));
    call.reply_secrets.push_back({pb::SO_PIN, std::move(so_pin)});
    call.reply.mutable_done();
    return {};
}

base::Result<base::Bytes> seal_blob(Token& token, std::string_view key, base::ByteView associated, const base::Secret& secret) {
    KMP_TRY(const pkcs11::SecretKey handle, token.secret_key(key));
    std::array<std::uint8_t, 12> iv{};
    KMP_CHECK(token.session().generate_random(iv));
    KMP_TRY(const base::Bytes sealed, secret.reveal([&](base::ByteView plain) {
        return token.session().encrypt(pkcs11::Mechanism::aes_gcm(iv, associated), handle, plain);
    }));
    base::Bytes out(iv.begin(), iv.end());
    out.insert(out.end(), sealed.begin(), sealed.end());
    return out;
}

base::Result<base::Secret> open_blob(Token& token, std::string_view key, base::ByteView associated, base::ByteView blob) {
    KMP_TRY(const pkcs11::SecretKey handle, token.secret_key(key));
    std::array<std::uint8_t, 12> iv{};
    constexpr std::size_t kTag = 16;
    if (blob.size() <= iv.size() + kTag) return {base::Code::malformed, "a sealed secret is an IV, a ciphertext and a tag; this is too short"};
    std::copy_n(blob.begin(), iv.size(), iv.begin());
    auto opened = token.session().decrypt(pkcs11::Mechanism::aes_gcm(iv, associated), handle, blob.subspan(iv.size()));
    if (!opened && opened.error().code == base::Code::key_invalid)
        return {base::Code::key_invalid, "the sealed secret was changed, or belongs to another UKEY or name", opened.error().raw};
    return opened;
}

}  // namespace tokens::host
