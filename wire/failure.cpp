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

/// The first `most` bytes of a text, or less: not cut in the middle of a UTF-8 character, as protobuf's strings must stay valid.
std::string beginning(const std::string& text, std::size_t most) {
    std::size_t cut = std::min(text.size(), most);
    while (cut < text.size() && cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
    return text.substr(0, cut);
}

}  // namespace

void set_failure(pb::Failure& out, const base::Error& error, std::uint32_t retry_after_ms) {
    out.set_code(std::string(base::name(error.code)));
    out.set_message(beginning(error.message, kMaxFailureText));
    out.set_retry_after_ms(retry_after_ms);
}

void shorten(pb::Failure& failure, std::size_t most) {
    constexpr std::string_view kLeftOut = "..";
    if (failure.message().size() > most) failure.set_message(beginning(failure.message(), most - kLeftOut.size()).append(kLeftOut));
}

base::Error error_of(const pb::Failure& failure) {
    const auto code = code_called(failure.code());
    if (!code) return {base::Code::internal, failure.message() + " (" + failure.code() + ")"};
    return {*code, failure.message(), *code == base::Code::busy ? static_cast<std::int64_t>(failure.retry_after_ms()) : 0};
}

bool worth_repeating(base::Code code) noexcept {
    using base::Code;
    switch (code) {
        case Code::sealed:
        case Code::busy:
        case Code::timeout:
        case Code::cancelled:
        case Code::token_removed:
        case Code::token_failed:
        case Code::outcome_unknown:
        case Code::storage_full:
        case Code::storage_failed:
        case Code::io_failed: return true;
        case Code::invalid_argument:
        case Code::malformed:
        case Code::not_found:
        case Code::already_exists:
        case Code::conflict:
        case Code::denied:
        case Code::refused:
        case Code::wrong_pin:
        case Code::pin_locked:
        case Code::uninitialised:
        case Code::token_unsuitable:
        case Code::key_missing:
        case Code::key_invalid:
        case Code::tampered:
        case Code::expired:
        case Code::unsupported:
        case Code::internal: return false;
    }
    return false;
}

}  // namespace wire
