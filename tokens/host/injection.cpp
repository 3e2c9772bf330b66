#include "tokens/host/injection.h"

#include "tokens/host/operations.h"
#include "tokens/host/suite_aes128.h"

namespace tokens::host {
namespace {
constexpr std::string_view kCheckContext = "kmp/v1/check";
}  // namespace

base::Bytes injection_bytes(std::string_view receiver, const base::Digest& transport_spki, const MasterId& master, base::ByteView ciphertext,
                            base::ByteView check) {
    base::ByteWriter out;
    out.u8(2);
    out.sized16(receiver);
    out.bytes(transport_spki);
    out.u8(static_cast<std::uint8_t>(master.key_class));
    out.u8(static_cast<std::uint8_t>(master.state));
    out.u8(master.version);
    out.sized16(ciphertext);
    out.bytes(check);
    return std::move(out).take();
}

base::Result<base::Bytes> check_value(pkcs11::Session& session, const MasterId& id, pkcs11::SecretKey master) {
    const Block block = derivation_block({Level::check, id.key_class, Usage::mac, id.state, id.version, {}});
    pkcs11::Template attributes(CKO_SECRET_KEY, CKK_AES);
    attributes.flag(CKA_TOKEN, false).flag(CKA_PRIVATE, true).flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false).flag(CKA_SIGN, true);
    attributes.number(CKA_VALUE_LEN, 16);
    KMP_TRY(const pkcs11::SecretKey key, session.derive(pkcs11::Mechanism::aes_ecb_data(block), master, attributes));
    const pkcs11::Temporary owned(session, key);
    base::Bytes mac(16);
    KMP_TRY(const std::size_t size, session.sign(pkcs11::Mechanism::aes_cmac(), key, block, mac));
    if (size != mac.size()) return {base::Code::token_failed, "the UKEY's CMAC does not have 16 bytes"};
    mac.resize(kCheckSize);
    return mac;
}

base::Bytes key_injection_bytes(std::string_view receiver, const base::Digest& transport_spki, VaultKey key, base::ByteView ciphertext, base::ByteView check) {
    base::ByteWriter out;
    out.u8(3);
    out.sized16(receiver);
    out.bytes(transport_spki);
    out.sized16(name(key));
    out.sized16(ciphertext);
    out.bytes(check);
    return std::move(out).take();
}

base::Result<base::Bytes> key_check(Token& token, VaultKey key) {
    if (key == VaultKey::escrow) return seal_blob(token, kEscrow, base::as_bytes(kCheckContext), base::Secret(kCheckSize));
    KMP_TRY(const pkcs11::SecretKey pepper, token.secret_key(kPepper));
    base::Bytes mac(32);
    KMP_TRY(const std::size_t size, token.session().sign(pkcs11::Mechanism::sha256_hmac(), pepper, base::as_bytes(kCheckContext), mac));
    if (size != mac.size()) return {base::Code::token_failed, "the UKEY's HMAC does not have 32 bytes"};
    mac.resize(kCheckSize);
    return mac;
}

base::Status confirm_key(Token& token, VaultKey key, base::ByteView check) {
    const base::Error wrong{base::Code::token_failed, "the UKEY's " + std::string(name(key)) + " key is not the one that was sent to it; repair its module, or use another UKEY"};
    if (key == VaultKey::escrow) {
        const auto opened = open_blob(token, kEscrow, base::as_bytes(kCheckContext), check);
        return opened && opened->equals(base::Secret(kCheckSize)) ? base::Status() : wrong;
    }
    KMP_TRY(const base::Bytes own, key_check(token, key));
    return base::equal_constant_time(own, check) ? base::Status() : wrong;
}

base::Bytes statement_bytes(std::string_view purpose, base::ByteView statement) {
    base::ByteWriter out;
    out.text("kmp/v1/");
    out.text(purpose);
    out.u8(0);
    out.bytes(statement);
    return std::move(out).take();
}

}  // namespace tokens::host
