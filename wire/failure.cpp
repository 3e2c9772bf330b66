#include "wire/failure.h"

#include <optional>

#include "wire/pb.h"

namespace wire {
namespace {

std::optional<base::Code> code_called(std::string_view text) noexcept {
    for (unsigned c = 0; c <= static_cast<unsigned>(base::Code::internal); ++c)
        if (const auto code = static_cast<base::Code>(c); base::name(code) == text) return code;
    return std::nullopt;
}

}  // namespace

void set_failure(pb::Failure& out, const base::Error& error, std::uint32_t retry_after_ms) {
    out.set_code(std::string(base::name(error.code)));
    std::size_t cut = std::min(error.message.size(), kMaxFailureText);
    // Not in the middle of a UTF-8 character: protobuf's strings must stay valid.
    while (cut < error.message.size() && cut > 0 && (static_cast<unsigned char>(error.message[cut]) & 0xC0) == 0x80) --cut;
    out.set_message(error.message.substr(0, cut));
    out.set_retry_after_ms(retry_after_ms);
}

base::Error error_of(const pb::Failure& failure) {
    const auto code = code_called(failure.code());
    if (!code) return {base::Code::internal, failure.message() + " (" + failure.code() + ")"};
    return {*code, failure.message(), *code == base::Code::busy ? static_cast<std::int64_t>(failure.retry_after_ms()) : 0};
}

}  // namespace wire
