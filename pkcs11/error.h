#pragma once
#include <p11-kit/pkcs11.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace pkcs11 {

/// "CKR_PIN_INCORRECT"; "CKR_VENDOR_DEFINED" or "CKR_UNKNOWN" for what the table does not know.
std::string_view name(CK_RV rv) noexcept;

/// The base::Code of a return value that is not CKR_OK.
base::Code code(CK_RV rv) noexcept;

/// One line: what was done, the CKR name, and what to do next. `raw` holds the CK_RV.
base::Error error(CK_RV rv, std::string_view what);

/// A module said OK and answered with what cannot be: a length beyond all bounds, no handle, no function. token_failed.
base::Error nonsense(std::string_view what);

/// ok for CKR_OK, else error(rv, what).
inline base::Status check(CK_RV rv, std::string_view what) {
    if (rv == CKR_OK) return {};
    return error(rv, what);
}

}  // namespace pkcs11
