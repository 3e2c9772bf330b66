#include "base/error.h"

#include <cerrno>
#include <system_error>

namespace base {

std::string_view name(Code code) noexcept {
    switch (code) {
        case Code::invalid_argument: return "invalid_argument";
        case Code::malformed: return "malformed";
        case Code::not_found: return "not_found";
        case Code::already_exists: return "already_exists";
        case Code::conflict: return "conflict";
        case Code::denied: return "denied";
        case Code::refused: return "refused";
        case Code::wrong_pin: return "wrong_pin";
        case Code::pin_locked: return "pin_locked";
        case Code::sealed: return "sealed";
        case Code::uninitialised: return "uninitialised";
        case Code::busy: return "busy";
        case Code::timeout: return "timeout";
        case Code::cancelled: return "cancelled";
        case Code::token_removed: return "token_removed";
        case Code::token_failed: return "token_failed";
        case Code::token_unsuitable: return "token_unsuitable";
        case Code::key_missing: return "key_missing";
        case Code::key_invalid: return "key_invalid";
        case Code::outcome_unknown: return "outcome_unknown";
        case Code::storage_full: return "storage_full";
        case Code::storage_failed: return "storage_failed";
        case Code::tampered: return "tampered";
        case Code::expired: return "expired";
        case Code::unsupported: return "unsupported";
        case Code::io_failed: return "io_failed";
        case Code::internal: return "internal";
    }
    return "internal";
}

Error Error::in(std::string_view context) && {
    if (!context.empty()) message.insert(0, ": ").insert(0, context);
    return std::move(*this);
}

Error errno_error(std::string_view what, int errnum) {
    Code code = Code::io_failed;
    if (errnum == ENOSPC || errnum == EDQUOT) code = Code::storage_full;
    if (errnum == ENOENT) code = Code::not_found;
    if (errnum == EACCES || errnum == EPERM) code = Code::denied;
    if (errnum == ETIMEDOUT) code = Code::timeout;
    return {code, std::string(what) + ": " + std::generic_category().message(errnum), errnum};
}

}  // namespace base
