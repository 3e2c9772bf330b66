// What was encrypted to a key of this UKEY by RSA-OAEP: an officer's share, the database key for a master-control UKEY, and the
// content key of an export for an auditor UKEY. Each begins with what it is, and that is what keeps these operations from being a way to decrypt whatever else was encrypted to the key.
#include "tokens/host/operations.h"

namespace tokens::host {
namespace {

using base::Code;

constexpr std::size_t kValueSize = 32;

/// What stands behind `prefix` in a blob of just that size.
base::Result<base::Secret> opened(Host& host, std::string_view key, const std::string& blob, const std::string& prefix, std::size_t size, const base::Error& wrong) {
    if (blob.empty() || blob.size() > 1024) return {Code::malformed, "what was encrypted to a UKEY is one RSA block"};
    KMP_TRY(const pkcs11::PrivateKey handle, host.token.private_key(key));
    auto plain = host.token.session().decrypt(pkcs11::Mechanism::oaep_sha1(), handle, view(blob));
    if (!plain) return wrong;
    return plain->reveal([&](base::ByteView bytes) -> base::Result<base::Secret> {
        if (bytes.size() != prefix.size() + size || base::as_text(bytes.first(prefix.size())) != prefix) return wrong;
        return base::Secret::copy_of(bytes.subspan(prefix.size()));
    });
}

}  // namespace

base::Status open_share(Host& host, Call& call) {
    const base::Error wrong{Code::key_invalid, "this is no share for this officer UKEY: it was changed, or made for another"};
    KMP_TRY(const base::Secret share, opened(host, kTransport, call.request.open_share().blob(), std::string("kmp/v1/share\0", 13), 5 + kValueSize, wrong));
    return share.reveal([&](base::ByteView bytes) -> base::Status {
        base::ByteReader reader(bytes);
        KMP_TRY(const std::uint32_t generation, reader.u32());
        KMP_TRY(const std::uint8_t place, reader.u8());
        KMP_TRY(const base::ByteView value, reader.bytes(kValueSize));
        call.reply_secrets.push_back({pb::SHARE, base::Secret::copy_of(value)});
        call.reply.mutable_share()->set_generation(generation);
        call.reply.mutable_share()->set_place(place);
        return {};
    });
}

base::Status recover_database_key(Host& host, Call& call) {
    const base::Error wrong{Code::key_invalid, "this is no database key for this master-control UKEY: it was changed, or sealed to another"};
    KMP_TRY(base::Secret key, opened(host, kRecovery, call.request.recover_database_key().blob(), std::string("kmp/v1/database-key\0", 20), kValueSize, wrong));
    call.reply_secrets.push_back({pb::DATABASE_KEY, std::move(key)});
    call.reply.mutable_done();
    return {};
}

base::Status open_export_key(Host& host, Call& call) {
    if (!host.token.private_key(kTransport))
        return {Code::token_unsuitable, "this auditor UKEY opens no sealed exports: its token cannot decrypt, so it was issued without a transport key"};
    const base::Error wrong{Code::key_invalid, "this is no key of an export for this auditor UKEY: it was changed, or sealed to another"};
    KMP_TRY(base::Secret key, opened(host, kTransport, call.request.open_export_key().blob(), std::string("kmp/v1/export\0", 14), kValueSize, wrong));
    call.reply_secrets.push_back({pb::EXPORT_KEY, std::move(key)});
    call.reply.mutable_done();
    return {};
}

}  // namespace tokens::host
