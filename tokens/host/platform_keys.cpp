#include "tokens/host/operations.h"

namespace tokens::host {
namespace {

constexpr std::string_view kDatabaseContext = "kmp/v1/database-key";
constexpr std::size_t kKeySize = 32;

}  // namespace

base::Status pepper(Host& host, Call& call) {
    const std::string& ukey = call.request.pepper().ukey();
    KMP_CHECK(base::check_name(ukey, "UKEY serial"));
    KMP_TRY(const base::Secret stretched, take_secret(call.secrets, pb::STRETCHED));
    if (stretched.size() != kKeySize) return {base::Code::invalid_argument, "a stretched PIN has 32 bytes"};
    KMP_TRY(const pkcs11::SecretKey key, host.token.secret_key(kPepper));

    constexpr std::string_view kContext = "kmp/v1/pin";
    base::Secret message(kContext.size() + 1 + ukey.size() + 1 + kKeySize);
    message.fill([&](std::span<std::uint8_t> out) {
        auto at = std::copy(kContext.begin(), kContext.end(), out.begin());
        *at++ = 0;
        at = std::copy(ukey.begin(), ukey.end(), at);
        *at++ = 0;
        stretched.reveal([&](base::ByteView bytes) { std::copy(bytes.begin(), bytes.end(), at); });
    });
    base::Secret peppered(kKeySize);
    KMP_TRY(const std::size_t size, message.reveal([&](base::ByteView in) {
        return peppered.fill([&](std::span<std::uint8_t> out) { return host.token.session().sign(pkcs11::Mechanism::sha256_hmac(), key, in, out); });
    }));
    if (size != kKeySize) return {base::Code::token_failed, "the UKEY's HMAC does not have 32 bytes"};
    call.reply_secrets.push_back({pb::PEPPERED, std::move(peppered)});
    call.reply.mutable_done();
    return {};
}

base::Status wrap_database_key(Host& host, Call& call) {
    KMP_TRY(const base::Secret key, take_secret(call.secrets, pb::DATABASE_KEY));
    if (key.size() != kKeySize) return {base::Code::invalid_argument, "a database key has 32 bytes"};
    KMP_TRY(const base::Bytes blob, seal_blob(host.token, kDatabase, base::as_bytes(kDatabaseContext), key));
    set(call.reply.mutable_wrapped_database_key()->mutable_blob(), blob);
    return {};
}

base::Status unwrap_database_key(Host& host, Call& call) {
    KMP_TRY(base::Secret key, open_blob(host.token, kDatabase, base::as_bytes(kDatabaseContext), view(call.request.unwrap_database_key().blob())));
    if (key.size() != kKeySize) return {base::Code::key_invalid, "what the UKEY opened is no database key"};
    call.reply_secrets.push_back({pb::DATABASE_KEY, std::move(key)});
    call.reply.mutable_done();
    return {};
}

}  // namespace tokens::host
