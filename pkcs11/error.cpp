#include "pkcs11/error.h"

#include <array>

namespace pkcs11 {
namespace {

using base::Code;

struct Line {
    CK_RV rv;
    std::string_view name;
    Code code;
    std::string_view advice;
};

constexpr std::string_view kReinsert = "insert the UKEY again and retry";
constexpr std::string_view kLogin = "log in first";
constexpr std::string_view kReport = "report this as a fault of the platform";
constexpr std::string_view kModule = "check the UKEY and its PKCS#11 module";
constexpr std::string_view kCannot = "use a UKEY that supports it";
constexpr std::string_view kLoginAgain = "log in again: the UKEY was logged out or pulled";

// The one place where Cryptoki's codes become ours. SoftHSM2 answers GENERAL_ERROR for a folder that was moved away, for a second
// writer and for a tampered blob alike: callers that know better (unwrap, probe) say so in their own words.
constexpr std::array kLines{
    Line{CKR_CANCEL, "CKR_CANCEL", Code::cancelled, "start again"},
    Line{CKR_HOST_MEMORY, "CKR_HOST_MEMORY", Code::token_failed, "free memory on this machine"},
    Line{CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID", Code::token_removed, kReinsert},
    Line{CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR", Code::token_failed, kModule},
    Line{CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED", Code::token_failed, kModule},
    Line{CKR_ARGUMENTS_BAD, "CKR_ARGUMENTS_BAD", Code::internal, kReport},
    Line{CKR_NEED_TO_CREATE_THREADS, "CKR_NEED_TO_CREATE_THREADS", Code::token_unsuitable, kCannot},
    Line{CKR_CANT_LOCK, "CKR_CANT_LOCK", Code::token_unsuitable, kCannot},
    Line{CKR_ATTRIBUTE_READ_ONLY, "CKR_ATTRIBUTE_READ_ONLY", Code::refused, "the UKEY does not let this be changed"},
    Line{CKR_ATTRIBUTE_SENSITIVE, "CKR_ATTRIBUTE_SENSITIVE", Code::refused, "the UKEY never shows this value"},
    Line{CKR_ATTRIBUTE_TYPE_INVALID, "CKR_ATTRIBUTE_TYPE_INVALID", Code::token_unsuitable, kCannot},
    Line{CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID", Code::token_unsuitable, kCannot},
    Line{CKR_DATA_INVALID, "CKR_DATA_INVALID", Code::invalid_argument, kReport},
    Line{CKR_DATA_LEN_RANGE, "CKR_DATA_LEN_RANGE", Code::invalid_argument, kReport},
    Line{CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", Code::token_failed, kModule},
    Line{CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY", Code::storage_full, "the UKEY is full: use one with more room"},
    Line{CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", Code::token_removed, kReinsert},
    Line{CKR_ENCRYPTED_DATA_INVALID, "CKR_ENCRYPTED_DATA_INVALID", Code::key_invalid, "the bytes were changed or belong to another UKEY"},
    Line{CKR_ENCRYPTED_DATA_LEN_RANGE, "CKR_ENCRYPTED_DATA_LEN_RANGE", Code::key_invalid, "the bytes were changed or belong to another UKEY"},
    Line{CKR_FUNCTION_CANCELED, "CKR_FUNCTION_CANCELED", Code::cancelled, "start again"},
    Line{CKR_FUNCTION_NOT_PARALLEL, "CKR_FUNCTION_NOT_PARALLEL", Code::internal, kReport},
    Line{CKR_FUNCTION_NOT_SUPPORTED, "CKR_FUNCTION_NOT_SUPPORTED", Code::token_unsuitable, kCannot},
    Line{CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID", Code::token_removed, kLoginAgain},
    Line{CKR_KEY_SIZE_RANGE, "CKR_KEY_SIZE_RANGE", Code::token_unsuitable, kCannot},
    Line{CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT", Code::token_unsuitable, kCannot},
    Line{CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED", Code::refused, "the key may not be used for this"},
    Line{CKR_KEY_NOT_WRAPPABLE, "CKR_KEY_NOT_WRAPPABLE", Code::refused, "the key leaves the UKEY only under a trusted key"},
    Line{CKR_KEY_UNEXTRACTABLE, "CKR_KEY_UNEXTRACTABLE", Code::refused, "the key never leaves the UKEY"},
    Line{CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", Code::token_unsuitable, kCannot},
    Line{CKR_MECHANISM_PARAM_INVALID, "CKR_MECHANISM_PARAM_INVALID", Code::token_unsuitable, kCannot},
    Line{CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID", Code::token_removed, kLoginAgain},
    Line{CKR_OPERATION_ACTIVE, "CKR_OPERATION_ACTIVE", Code::internal, kReport},
    Line{CKR_OPERATION_NOT_INITIALIZED, "CKR_OPERATION_NOT_INITIALIZED", Code::internal, kReport},
    Line{CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT", Code::wrong_pin, "try the right PIN"},
    Line{CKR_PIN_INVALID, "CKR_PIN_INVALID", Code::wrong_pin, "try the right PIN"},
    Line{CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE", Code::wrong_pin, "try the right PIN"},
    Line{CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED", Code::expired, "set a new PIN"},
    Line{CKR_PIN_LOCKED, "CKR_PIN_LOCKED", Code::pin_locked, "have an officer unblock the UKEY"},
    Line{CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", Code::token_removed, kReinsert},
    Line{CKR_SESSION_COUNT, "CKR_SESSION_COUNT", Code::busy, "close other programs that use the UKEY"},
    Line{CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID", Code::token_removed, kReinsert},
    Line{CKR_SESSION_READ_ONLY, "CKR_SESSION_READ_ONLY", Code::internal, kReport},
    Line{CKR_SESSION_EXISTS, "CKR_SESSION_EXISTS", Code::busy, "close other programs that use the UKEY"},
    Line{CKR_SIGNATURE_INVALID, "CKR_SIGNATURE_INVALID", Code::key_invalid, "the signature does not hold"},
    Line{CKR_SIGNATURE_LEN_RANGE, "CKR_SIGNATURE_LEN_RANGE", Code::key_invalid, "the signature does not hold"},
    Line{CKR_TEMPLATE_INCOMPLETE, "CKR_TEMPLATE_INCOMPLETE", Code::token_unsuitable, kCannot},
    Line{CKR_TEMPLATE_INCONSISTENT, "CKR_TEMPLATE_INCONSISTENT", Code::token_unsuitable, kCannot},
    Line{CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", Code::token_removed, kReinsert},
    Line{CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED", Code::token_failed, kModule},
    Line{CKR_TOKEN_WRITE_PROTECTED, "CKR_TOKEN_WRITE_PROTECTED", Code::denied, "remove the write protection"},
    Line{CKR_UNWRAPPING_KEY_HANDLE_INVALID, "CKR_UNWRAPPING_KEY_HANDLE_INVALID", Code::token_removed, kLoginAgain},
    Line{CKR_USER_ALREADY_LOGGED_IN, "CKR_USER_ALREADY_LOGGED_IN", Code::conflict, "log out first"},
    Line{CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", Code::denied, kLogin},
    Line{CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED", Code::refused, "initialise the UKEY"},
    Line{CKR_USER_TYPE_INVALID, "CKR_USER_TYPE_INVALID", Code::internal, kReport},
    Line{CKR_USER_ANOTHER_ALREADY_LOGGED_IN, "CKR_USER_ANOTHER_ALREADY_LOGGED_IN", Code::conflict, "log out first"},
    Line{CKR_WRAPPED_KEY_INVALID, "CKR_WRAPPED_KEY_INVALID", Code::key_invalid, "the bytes were changed or belong to another UKEY"},
    Line{CKR_WRAPPED_KEY_LEN_RANGE, "CKR_WRAPPED_KEY_LEN_RANGE", Code::key_invalid, "the bytes were changed or belong to another UKEY"},
    Line{CKR_WRAPPING_KEY_HANDLE_INVALID, "CKR_WRAPPING_KEY_HANDLE_INVALID", Code::token_removed, kLoginAgain},
    Line{CKR_RANDOM_NO_RNG, "CKR_RANDOM_NO_RNG", Code::token_unsuitable, kCannot},
    Line{CKR_BUFFER_TOO_SMALL, "CKR_BUFFER_TOO_SMALL", Code::internal, kReport},
    Line{CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED", Code::internal, kReport},
    Line{CKR_CRYPTOKI_ALREADY_INITIALIZED, "CKR_CRYPTOKI_ALREADY_INITIALIZED", Code::internal, kReport},
    Line{CKR_MUTEX_BAD, "CKR_MUTEX_BAD", Code::internal, kReport},
};

const Line* find(CK_RV rv) noexcept {
    for (const Line& line : kLines)
        if (line.rv == rv) return &line;
    return nullptr;
}

}  // namespace

std::string_view name(CK_RV rv) noexcept {
    if (rv == CKR_OK) return "CKR_OK";
    if (const Line* line = find(rv)) return line->name;
    return rv >= CKR_VENDOR_DEFINED ? "CKR_VENDOR_DEFINED" : "CKR_UNKNOWN";
}

base::Code code(CK_RV rv) noexcept {
    const Line* line = find(rv);
    return line != nullptr ? line->code : Code::token_failed;
}

base::Error error(CK_RV rv, std::string_view what) {
    const Line* line = find(rv);
    std::string text(what);
    text.append(": ").append(name(rv)).append("; ").append(line != nullptr ? line->advice : kModule);
    return {code(rv), std::move(text), static_cast<std::int64_t>(rv)};
}

base::Error nonsense(std::string_view what) {
    return {base::Code::token_failed, std::string(what) + ": the PKCS#11 module says OK and answers with rubbish; repair it or use another UKEY", 0};
}

}  // namespace pkcs11
