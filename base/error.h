#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace base {

/// What kind of trouble it is. A caller decides by code; a person reads the message.
/// Foreign codes (CK_RV, errno, SQLite) are translated into these once, at the border.
enum class Code : std::uint8_t {
    invalid_argument,  ///< the caller's value is out of its stated range
    malformed,         ///< bytes that do not parse (frame, message, file, reply)
    not_found,
    already_exists,
    conflict,         ///< same id, other content
    denied,           ///< who you are does not allow it (role, session, peer)
    refused,          ///< a rule says no (grant, cap, transition, state)
    wrong_pin,
    pin_locked,
    sealed,           ///< the service has not been unsealed
    uninitialised,    ///< no ceremony has been held in this home
    busy,             ///< try again shortly
    timeout,
    cancelled,
    token_removed,    ///< the UKEY was pulled out; retry after insertion
    token_failed,     ///< the PKCS#11 module answered with an error
    token_unsuitable, ///< the token cannot do the job; the message names what is missing
    key_missing,      ///< the UKEY does not hold the class, version or state asked for
    key_invalid,      ///< a wrapped key, a signature or a MAC does not hold
    outcome_unknown,  ///< it may have happened: reconcile
    storage_full,
    storage_failed,
    tampered,         ///< stored bytes are not what was written: alarm
    expired,
    unsupported,
    io_failed,
    internal,         ///< a bug; the message says where
};

/// The stable lower-case name of a code, as used in JSON, logs and the wire schema.
std::string_view name(Code code) noexcept;

/// Why something did not happen. `message` is one line for a person: what happened, to what, and what to do next.
struct Error {
    Code code = Code::internal;
    std::string message;
    std::int64_t raw = 0;  ///< the CK_RV, errno or SQLite code it came from; 0 where there is none

    /// The same error with `context: ` in front of its message.
    Error in(std::string_view context) &&;
};

/// An Error whose message ends in the text of `errnum` and whose code fits it (ENOSPC is storage_full).
Error errno_error(std::string_view what, int errnum);

}  // namespace base
