#pragma once
#include <p11-kit/pkcs11.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "pkcs11/error.h"

namespace pkcs11 {

/// What C_GetTokenInfo tells, without the padding.
struct TokenInfo {
    std::string label;
    std::string manufacturer;
    std::string model;
    std::string serial;
    bool initialised = false;       ///< has been through C_InitToken
    bool user_pin_set = false;
    bool login_required = false;
    bool write_protected = false;   ///< no UKEY: some modules show a read-only slot for plain cryptography beside their token
    std::size_t longest_pin = 0;    ///< bytes; 0: the module does not say
};

using Slot = CK_SLOT_ID;

/// A loaded and initialised PKCS#11 module; finalised when it goes. One per module and process, one thread at a time: it is
/// initialised without locking. Let it go before main returns: modules do not survive static destructors.
/// After loading one, a process forks no more.
class Module {
public:
    /// `parameters` is what some modules want in C_Initialize's pReserved (NSS softokn: where its database lies); empty for all others.
    /// not_found: no such library. token_unsuitable: not a PKCS#11 module. Otherwise what C_Initialize answers.
    static base::Result<std::unique_ptr<Module>> load(const std::string& path, std::string parameters = {});
    ~Module();
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;

    /// C_Finalize and C_Initialize: SoftHSM2 sees tokens made by another process, or brought back, in no other way.
    /// Every session, slot and handle from before is dead.
    base::Status reinitialise();

    CK_FUNCTION_LIST& functions() noexcept { return *functions_; }
    /// Slots with a token in them. Their ids change when a token is initialised: look up by serial, keep none.
    base::Result<std::vector<Slot>> slots();
    /// Also the probe for a pulled token: SoftHSM2 answers GENERAL_ERROR then, never DEVICE_REMOVED.
    base::Result<TokenInfo> token_info(Slot slot);
    /// Nothing when no present token has this serial.
    base::Result<std::optional<Slot>> find_by_serial(std::string_view serial);
    base::Result<std::vector<CK_MECHANISM_TYPE>> mechanisms(Slot slot);
    /// C_InitToken. The token gets a new serial, and a new slot at the next reinitialise().
    base::Status initialise_token(Slot slot, const base::Secret& so_pin, std::string_view label);

private:
    Module(void* library, CK_FUNCTION_LIST* functions, std::string parameters)
        : library_(library), functions_(functions), parameters_(std::move(parameters)) {}
    base::Status initialise();

    void* library_;
    CK_FUNCTION_LIST* functions_;
    std::string parameters_;
    bool initialised_ = false;
};

}  // namespace pkcs11
