// A PKCS#11 module that says OK and offers no functions.
#include <p11-kit/pkcs11.h>

extern "C" CK_RV C_GetFunctionList(CK_FUNCTION_LIST** out) {
    static CK_FUNCTION_LIST hollow{};
    *out = &hollow;
    return CKR_OK;
}
