#include "pkcs11/module.h"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>

namespace pkcs11 {
namespace {

template <std::size_t N>
std::string unpadded(const unsigned char (&field)[N]) {
    std::string text(std::begin(field), std::end(field));
    text.erase(std::find(text.begin(), text.end(), '\0'), text.end());
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

constexpr CK_ULONG kMost = 4096;  ///< slots or mechanisms that are believed

/// Every function that we call is there.
bool complete(const CK_FUNCTION_LIST& f) noexcept {
    return f.C_Initialize && f.C_Finalize && f.C_GetSlotList && f.C_GetTokenInfo && f.C_GetMechanismList && f.C_InitToken && f.C_InitPIN && f.C_SetPIN &&
           f.C_OpenSession && f.C_CloseSession && f.C_Login && f.C_Logout && f.C_CreateObject && f.C_CopyObject && f.C_DestroyObject && f.C_GetAttributeValue &&
           f.C_FindObjectsInit && f.C_FindObjects && f.C_FindObjectsFinal && f.C_EncryptInit && f.C_Encrypt && f.C_DecryptInit && f.C_Decrypt && f.C_SignInit &&
           f.C_Sign && f.C_GenerateKey && f.C_GenerateKeyPair && f.C_WrapKey && f.C_UnwrapKey && f.C_DeriveKey && f.C_GenerateRandom;
}

}  // namespace

base::Result<std::unique_ptr<Module>> Module::load(const std::string& path, std::string parameters) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored))
        return {base::Code::not_found, "there is no PKCS#11 module at " + path + "; install it or name another one"};
    // Never closed again: several modules leave threads or exit handlers behind that would then run in unmapped memory.
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        const char* why = dlerror();
        return {base::Code::token_unsuitable, path + " cannot be loaded as a PKCS#11 module: " + (why != nullptr ? why : "no reason given")};
    }
    const auto entry = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
    if (entry == nullptr) return {base::Code::token_unsuitable, path + " is a library but no PKCS#11 module: it has no C_GetFunctionList"};
    CK_FUNCTION_LIST* functions = nullptr;
    KMP_CHECK(check(entry(&functions), path + ": C_GetFunctionList"));
    if (functions == nullptr || !complete(*functions)) return {base::Code::token_unsuitable, path + " does not offer every function of PKCS#11 2.40; use another module"};
    std::unique_ptr<Module> module(new Module(library, functions, std::move(parameters)));
    KMP_CHECK(module->initialise());
    return module;
}

base::Status Module::initialise() {
    // No locking flags and no mutexes: one thread uses the module, and SoftHSM2 is faster without.
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.pReserved = parameters_.data();
    const CK_RV rv = functions_->C_Initialize(parameters_.empty() ? nullptr : &arguments);
    KMP_CHECK(check(rv, "starting the PKCS#11 module"));
    initialised_ = true;
    return {};
}

Module::~Module() {
    if (initialised_) functions_->C_Finalize(nullptr);
}

base::Status Module::reinitialise() {
    if (initialised_) {
        initialised_ = false;
        KMP_CHECK(check(functions_->C_Finalize(nullptr), "stopping the PKCS#11 module"));
    }
    return initialise();
}

base::Result<std::vector<Slot>> Module::slots() {
    CK_ULONG count = 0;
    KMP_CHECK(check(functions_->C_GetSlotList(CK_TRUE, nullptr, &count), "listing slots"));
    if (count > kMost) return nonsense("listing slots");
    std::vector<Slot> out(count);
    KMP_CHECK(check(functions_->C_GetSlotList(CK_TRUE, out.data(), &count), "listing slots"));
    out.resize(std::min<std::size_t>(count, out.size()));
    return out;
}

base::Result<TokenInfo> Module::token_info(Slot slot) {
    CK_TOKEN_INFO info{};
    KMP_CHECK(check(functions_->C_GetTokenInfo(slot, &info), "asking for the token"));
    TokenInfo out;
    out.label = unpadded(info.label);
    out.manufacturer = unpadded(info.manufacturerID);
    out.model = unpadded(info.model);
    out.serial = unpadded(info.serialNumber);
    out.initialised = (info.flags & CKF_TOKEN_INITIALIZED) != 0;
    out.user_pin_set = (info.flags & CKF_USER_PIN_INITIALIZED) != 0;
    out.login_required = (info.flags & CKF_LOGIN_REQUIRED) != 0;
    out.write_protected = (info.flags & CKF_WRITE_PROTECTED) != 0;
    if (info.ulMaxPinLen != CK_UNAVAILABLE_INFORMATION) out.longest_pin = info.ulMaxPinLen;
    return out;
}

base::Result<std::optional<Slot>> Module::find_by_serial(std::string_view serial) {
    KMP_TRY(const std::vector<Slot> all, slots());
    for (const Slot slot : all) {
        const base::Result<TokenInfo> info = token_info(slot);
        if (info && info->initialised && info->serial == serial) return std::optional<Slot>(slot);
    }
    return std::optional<Slot>();
}

base::Result<std::vector<CK_MECHANISM_TYPE>> Module::mechanisms(Slot slot) {
    CK_ULONG count = 0;
    KMP_CHECK(check(functions_->C_GetMechanismList(slot, nullptr, &count), "listing mechanisms"));
    if (count > kMost) return nonsense("listing mechanisms");
    std::vector<CK_MECHANISM_TYPE> out(count);
    KMP_CHECK(check(functions_->C_GetMechanismList(slot, out.data(), &count), "listing mechanisms"));
    out.resize(std::min<std::size_t>(count, out.size()));
    return out;
}

base::Status Module::initialise_token(Slot slot, const base::Secret& so_pin, std::string_view label) {
    std::array<unsigned char, 32> padded;
    padded.fill(' ');
    if (label.size() > padded.size()) return {base::Code::invalid_argument, "a token label has at most 32 characters"};
    std::copy(label.begin(), label.end(), padded.begin());
    const CK_RV rv = so_pin.reveal([&](base::ByteView pin) {
        return functions_->C_InitToken(slot, const_cast<unsigned char*>(pin.data()), pin.size(), padded.data());
    });
    return check(rv, "initialising the token");
}

}  // namespace pkcs11
