#include "tokens/host/operations.h"

namespace tokens::host {
namespace {

constexpr std::string_view kDatabaseContext = "kmp/v1/database-key";
constexpr std::string_view kAttendedContext = "kmp/v1/attended";
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kMaxPin = 255;

/// Whose PIN it is, bound to what is sealed.
base::Result<base::Bytes> attended_context(const std::string& ukey) {
    KMP_CHECK(base::check_name(ukey, "UKEY serial"));
    base::Bytes out = base::to_bytes(base::as_bytes(kAttendedContext));
    out.push_back(0);
    out.insert(out.end(), ukey.begin(), ukey.end());
    return out;
}

}  // namespace

base::Status pepper(Host& host, Call& call) {
    // A UKEY and an account of the same name have nothing in common: the context tells them apart.
    const pb::PepperFor& request = call.request.pepper();
    const bool account = !request.account().empty();
    if (account && !request.ukey().empty()) return {base::Code::invalid_argument, "a pepper is for a UKEY or for an account, not for both"};
    const std::string& name = account ? request.account() : request.ukey();
    KMP_CHECK(base::check_name(name, account ? "account" : "UKEY serial"));
    KMP_TRY(const base::Secret stretched, take_secret(call.secrets, pb::STRETCHED));
    if (stretched.size() != kKeySize) return {base::Code::invalid_argument, "a stretched PIN has 32 bytes"};
    KMP_TRY(const pkcs11::SecretKey key, host.token.secret_key(kPepper));

    const std::string_view context = account ? "kmp/v1/account" : "kmp/v1/pin";
    base::Secret message(context.size() + 1 + name.size() + 1 + kKeySize);
    message.fill([&](std::span<std::uint8_t> out) {
        auto at = std::copy(context.begin(), context.end(), out.begin());
        *at++ = 0;
        at = std::copy(name.begin(), name.end(), at);
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

base::Status seal_pin(Host& host, Call& call) {
    KMP_TRY(const base::Bytes context, attended_context(call.request.seal_pin().ukey()));
    KMP_TRY(const base::Secret pin, take_secret(call.secrets, pb::USER_PIN));
    if (pin.empty() || pin.size() > kMaxPin) return {base::Code::invalid_argument, "a PIN has 1 to 255 bytes"};
    KMP_TRY(const base::Bytes blob, seal_blob(host.token, kDatabase, context, pin));
    set(call.reply.mutable_sealed_pin()->mutable_blob(), blob);
    return {};
}

base::Status open_pin(Host& host, Call& call) {
    KMP_TRY(const base::Bytes context, attended_context(call.request.open_pin().ukey()));
    KMP_TRY(base::Secret pin, open_blob(host.token, kDatabase, context, view(call.request.open_pin().blob())));
    call.reply_secrets.push_back({pb::USER_PIN, std::move(pin)});
    call.reply.mutable_done();
    return {};
}

}  // namespace tokens::host
