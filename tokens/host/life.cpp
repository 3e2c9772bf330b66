#include "tokens/host/operations.h"

namespace tokens::host {
namespace {

constexpr std::string_view kNonceLabel = "kmp:nonce";
constexpr std::size_t kNonceSize = 16;

base::Result<std::vector<pkcs11::Object>> nonces(Token& token) {
    pkcs11::Template pattern;
    pattern.number(CKA_CLASS, CKO_DATA).text(CKA_LABEL, kNonceLabel);
    return token.session().find(pattern);
}

}  // namespace

base::Status change_pin(Host& host, Call& call) {
    KMP_TRY(base::Secret old_pin, take_secret(call.secrets, pb::USER_PIN));
    KMP_TRY(base::Secret fresh, take_secret(call.secrets, pb::NEW_USER_PIN));
    KMP_CHECK(host.token.change_pin(std::move(old_pin), std::move(fresh)));
    call.reply.mutable_done();
    return {};
}

base::Status reset_pin(Host& host, Call& call) {
    KMP_TRY(const base::Secret so_pin, take_secret(call.secrets, pb::SO_PIN));
    KMP_TRY(const base::Secret fresh, take_secret(call.secrets, pb::NEW_USER_PIN));
    host.armed_so_pin.wipe();
    KMP_CHECK(host.token.reset_pin(so_pin, fresh));
    call.reply.mutable_done();
    return {};
}

base::Status change_so_pin(Host& host, Call& call) {
    KMP_TRY(const base::Secret so_pin, take_secret(call.secrets, pb::SO_PIN));
    KMP_TRY(const base::Secret fresh, take_secret(call.secrets, pb::NEW_SO_PIN));
    host.armed_so_pin.wipe();
    KMP_CHECK(host.token.change_so_pin(so_pin, fresh));
    call.reply.mutable_done();
    return {};
}

base::Status erase(Host& host, Call& call) {
    KMP_TRY(const base::Secret so_pin, take_secret(call.secrets, pb::SO_PIN));
    host.armed_so_pin.wipe();
    KMP_CHECK(host.token.erase(so_pin));
    call.reply.mutable_done();
    return {};
}

base::Status nonce(Host& host, Call& call) {
    const std::string& fresh = call.request.nonce().fresh();
    if (!fresh.empty() && fresh.size() != kNonceSize) return {base::Code::invalid_argument, "a nonce has 16 bytes"};
    pkcs11::Session& session = host.token.session();
    pb::NonceReply& reply = *call.reply.mutable_nonce();
    KMP_TRY(const auto old, nonces(host.token));
    if (fresh.empty()) {
        for (const pkcs11::Object object : old) {
            KMP_TRY(const base::Bytes value, session.bytes_of(object, CKA_VALUE));
            set(reply.add_values(), value);
        }
        reply.set_held(!old.empty());
        return {};
    }
    pkcs11::Template object;
    object.number(CKA_CLASS, CKO_DATA).flag(CKA_TOKEN, true).flag(CKA_PRIVATE, true).text(CKA_LABEL, kNonceLabel).bytes(CKA_VALUE, view(fresh));
    // A module without data objects holds none: then only two copies at once are noticed.
    if (!session.create(object)) return {};
    // The new one stands before the old one goes: a pull in between leaves two, and the next renewal clears up.
    for (const pkcs11::Object object_before : old) KMP_CHECK(session.destroy(object_before));
    reply.set_held(true);
    reply.add_values(fresh);
    return {};
}

}  // namespace tokens::host
