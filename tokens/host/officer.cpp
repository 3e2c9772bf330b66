#include "tokens/host/operations.h"

namespace tokens::host {
namespace {

using base::Code;

constexpr std::size_t kValueSize = 32;

base::Error no_share() { return {Code::key_invalid, "this is no share for this officer UKEY: it was changed, or made for another"}; }

}  // namespace

base::Status open_share(Host& host, Call& call) {
    const std::string& blob = call.request.open_share().blob();
    if (blob.empty() || blob.size() > 1024) return {Code::malformed, "a share is one RSA block"};
    KMP_TRY(const pkcs11::PrivateKey key, host.token.private_key(kTransport));
    auto opened = host.token.session().decrypt(pkcs11::Mechanism::oaep_sha1(), key, view(blob));
    if (!opened) return no_share();
    // The prefix is what keeps this from being a way to decrypt whatever was encrypted to the transport key.
    const std::string prefix("kmp/v1/share\0", 13);
    return opened->reveal([&](base::ByteView plain) -> base::Status {
        if (plain.size() != prefix.size() + 5 + kValueSize || base::as_text(plain.first(prefix.size())) != prefix) return no_share();
        base::ByteReader reader(plain.subspan(prefix.size()));
        KMP_TRY(const std::uint32_t generation, reader.u32());
        KMP_TRY(const std::uint8_t place, reader.u8());
        KMP_TRY(const base::ByteView value, reader.bytes(kValueSize));
        call.reply_secrets.push_back({pb::SHARE, base::Secret::copy_of(value)});
        call.reply.mutable_share()->set_generation(generation);
        call.reply.mutable_share()->set_place(place);
        return {};
    });
}

}  // namespace tokens::host
