#include "tokens/host/injection.h"
#include "tokens/host/operations.h"

namespace tokens::host {

base::Status data_sign(Host& host, Call& call) {
    constexpr std::size_t kMaxMessage = 65536;
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

}  // namespace tokens::host
