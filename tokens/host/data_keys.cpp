#include "tokens/host/injection.h"
#include "tokens/host/operations.h"

namespace tokens::host {
namespace {

constexpr std::size_t kMaxMessage = 65536;
constexpr std::size_t kMaxAssociated = 8192;
constexpr std::size_t kIv = 12;
constexpr std::size_t kTag = 16;

/// The caller's associated data, apart from whatever else these keys ever seal. source: SUITE.md 6
base::Bytes associated_bytes(const std::string& associated) { return statement_bytes("encrypt", view(associated)); }

base::Status check_sizes(std::size_t message, const std::string& associated) {
    if (message > kMaxMessage) return {base::Code::invalid_argument, "what is encrypted or opened has at most 65536 bytes"};
    if (associated.size() > kMaxAssociated) return {base::Code::invalid_argument, "associated data have at most 8192 bytes"};
    return {};
}

}  // namespace

base::Status data_sign(Host& host, Call& call) {
    const std::string& message = call.request.data_sign().message();
    if (message.size() > kMaxMessage) return {base::Code::invalid_argument, "a message to be signed has at most 65536 bytes"};
    // source: SUITE.md 6; the same prefix scheme as statements, under a key that signs nothing else
    KMP_TRY(const base::Bytes raw, sign_message(host.token, kSigning, statement_bytes("data", view(message))));
    set(call.reply.mutable_data_sign()->mutable_signature(), raw);
    return {};
}

base::Status data_random(Host& host, Call& call) {
    constexpr std::uint32_t kMaxRandom = 4096;
    const std::uint32_t size = call.request.data_random().size();
    if (size == 0 || size > kMaxRandom) return {base::Code::invalid_argument, "1 to 4096 random bytes can be asked for"};
    base::Bytes out(size);
    KMP_CHECK(host.token.session().generate_random(out));
    set(call.reply.mutable_data_random()->mutable_data(), out);
    return {};
}

base::Status data_mac(Host& host, Call& call) {
    const std::string& message = call.request.data_mac().message();
    if (message.size() > kMaxMessage) return {base::Code::invalid_argument, "a message has at most 65536 bytes"};
    KMP_TRY(const pkcs11::SecretKey key, host.token.secret_key(kMac));
    base::Bytes mac(kTag);
    KMP_TRY(const std::size_t size, host.token.session().sign(pkcs11::Mechanism::aes_cmac(), key, statement_bytes("mac", view(message)), mac));
    if (size != mac.size()) return {base::Code::token_failed, "the UKEY's CMAC does not have 16 bytes"};
    set(call.reply.mutable_data_mac()->mutable_mac(), mac);
    return {};
}

base::Status data_encrypt(Host& host, Call& call) {
    const pb::DataEncrypt& request = call.request.data_encrypt();
    KMP_CHECK(check_sizes(request.plaintext().size(), request.associated()));
    KMP_TRY(const pkcs11::SecretKey key, host.token.secret_key(kEncrypt));
    std::array<std::uint8_t, kIv> iv{};
    KMP_CHECK(host.token.session().generate_random(iv));
    KMP_TRY(const base::Bytes sealed, host.token.session().encrypt(pkcs11::Mechanism::aes_gcm(iv, associated_bytes(request.associated())), key, view(request.plaintext())));
    if (sealed.size() != request.plaintext().size() + kTag) return {base::Code::token_failed, "the UKEY's AES-GCM gives another length than plaintext and tag"};
    base::Bytes out(iv.begin(), iv.end());
    out.insert(out.end(), sealed.begin(), sealed.end());
    set(call.reply.mutable_data_encrypt()->mutable_sealed(), out);
    return {};
}

base::Status data_decrypt(Host& host, Call& call) {
    const pb::DataDecrypt& request = call.request.data_decrypt();
    const base::ByteView sealed = view(request.sealed());
    KMP_CHECK(check_sizes(sealed.size(), request.associated()));
    if (sealed.size() < kIv + kTag) return {base::Code::invalid_argument, "what is opened is a 12-byte IV, a ciphertext and a 16-byte tag; this is too short"};
    KMP_TRY(const pkcs11::SecretKey key, host.token.secret_key(kEncrypt));
    std::array<std::uint8_t, kIv> iv{};
    std::copy_n(sealed.begin(), kIv, iv.begin());
    auto opened = host.token.session().decrypt(pkcs11::Mechanism::aes_gcm(iv, associated_bytes(request.associated())), key, sealed.subspan(kIv));
    if (!opened && opened.error().code == base::Code::key_invalid)
        return {base::Code::key_invalid, "it was changed, or sealed by another UKEY or with other associated data", opened.error().raw};
    if (!opened) return std::move(opened).error();
    opened->reveal([&](base::ByteView plain) { set(call.reply.mutable_data_decrypt()->mutable_plaintext(), plain); });
    return {};
}

}  // namespace tokens::host
