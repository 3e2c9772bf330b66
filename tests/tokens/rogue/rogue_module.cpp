// A PKCS#11 module gone bad: SoftHSM2 behind a layer that misbehaves where it is told to. It keeps its token in the folder that its
// parameters name (pReserved of C_Initialize) and reads FOLDER/orders at every call: lines `C_Sign=hang`. The orders:
//   hang crash exit     never comes back; ends the process by a signal; ends it politely
//   ok                  says CKR_OK and does nothing
//   fail                CKR_DEVICE_ERROR
//   length              does it, and answers with a length beyond all memory
//   lie                 does it, and falsifies the answer (C_Sign, C_WrapKey, C_GenerateRandom: one bit; C_UnwrapKey: another key)
//   eat                 takes memory until there is none
//   noise               writes into every open file and closes it
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace {

CK_FUNCTION_LIST real{};
CK_FUNCTION_LIST ours{};
std::string folder;

std::string order_for(const std::string& call) {
    std::ifstream in(folder + "/orders");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(call + "=")) return line.substr(call.size() + 1);
    return {};
}

/// True when the call is over, with `rv`.
bool misbehaves(const std::string& order, CK_RV& rv) {
    if (order == "hang")
        for (;;) pause();
    if (order == "crash") raise(SIGSEGV);
    if (order == "exit") std::exit(0);
    if (order == "eat")
        for (std::vector<std::vector<char>> all;;) all.emplace_back(std::size_t{64} << 20, 'x');
    if (order == "noise")
        for (int fd = 3; fd < 64; ++fd) {
            if (write(fd, "this is no frame, and it goes on for a while", 44) < 0) continue;
            close(fd);
        }
    rv = order == "fail" ? CKR_DEVICE_ERROR : CKR_OK;
    return order == "ok" || order == "fail";
}

template <std::size_t N>
struct Name {
    constexpr Name(const char (&t)[N]) { std::copy_n(t, N, text); }
    char text[N];
};

template <Name kName, auto kMember>
struct Hook;
template <Name kName, class... A, CK_RV (*CK_FUNCTION_LIST::*kMember)(A...)>
struct Hook<kName, kMember> {
    static CK_RV call(A... arguments) {
        CK_RV rv = CKR_OK;
        if (misbehaves(order_for(kName.text), rv)) return rv;
        return (real.*kMember)(arguments...);
    }
};
template <Name kName, auto kMember>
void hook() {
    ours.*kMember = Hook<kName, kMember>::call;
}

constexpr CK_ULONG kBeyond = 1ul << 40;

void spoil(const std::string& order, CK_RV rv, unsigned char* out, CK_ULONG* size) {
    if (rv != CKR_OK || out == nullptr) return;
    if (order == "lie") out[0] = static_cast<unsigned char>(out[0] ^ 1);
    if (order == "length") *size = kBeyond;
}

CK_RV sign(CK_SESSION_HANDLE session, unsigned char* data, CK_ULONG size, unsigned char* out, CK_ULONG* out_size) {
    const std::string order = order_for("C_Sign");
    CK_RV rv = CKR_OK;
    if (misbehaves(order, rv)) return rv;
    rv = real.C_Sign(session, data, size, out, out_size);
    spoil(order, rv, out, out_size);
    return rv;
}

CK_RV wrap(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key, unsigned char* out, CK_ULONG* size) {
    const std::string order = order_for("C_WrapKey");
    CK_RV rv = CKR_OK;
    if (misbehaves(order, rv)) return rv;
    rv = real.C_WrapKey(session, mechanism, wrapping, key, out, size);
    spoil(order, rv, out, size);
    return rv;
}

CK_RV unwrap(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE unwrapping, unsigned char* data, CK_ULONG size, CK_ATTRIBUTE* attributes,
             CK_ULONG count, CK_OBJECT_HANDLE* key) {
    const std::string order = order_for("C_UnwrapKey");
    CK_RV rv = CKR_OK;
    if (misbehaves(order, rv)) return rv;
    if (order != "lie") return real.C_UnwrapKey(session, mechanism, unwrapping, data, size, attributes, count, key);
    std::vector<CK_ATTRIBUTE> with_length(attributes, attributes + count);
    CK_ULONG length = 16;
    with_length.push_back({CKA_VALUE_LEN, &length, sizeof length});
    CK_MECHANISM generate{CKM_AES_KEY_GEN, nullptr, 0};
    return real.C_GenerateKey(session, &generate, with_length.data(), with_length.size(), key);
}

CK_RV random_bytes(CK_SESSION_HANDLE session, unsigned char* out, CK_ULONG size) {
    const std::string order = order_for("C_GenerateRandom");
    CK_RV rv = CKR_OK;
    if (misbehaves(order, rv)) return rv;
    rv = real.C_GenerateRandom(session, out, size);
    if (order == "lie") std::fill_n(out, size, static_cast<unsigned char>(7));
    return rv;
}

CK_RV attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* attributes, CK_ULONG count) {
    const std::string order = order_for("C_GetAttributeValue");
    CK_RV rv = CKR_OK;
    if (misbehaves(order, rv)) return rv;
    rv = real.C_GetAttributeValue(session, object, attributes, count);
    if (order == "length") attributes[0].ulValueLen = kBeyond;
    return rv;
}

CK_RV slots(CK_BBOOL present, CK_SLOT_ID* out, CK_ULONG* count) {
    const std::string order = order_for("C_GetSlotList");
    CK_RV rv = CKR_OK;
    if (misbehaves(order, rv)) return rv;
    rv = real.C_GetSlotList(present, out, count);
    if (order == "length") *count = kBeyond;
    return rv;
}

CK_RV initialise(void* arguments) {
    const auto* given = static_cast<const CK_C_INITIALIZE_ARGS*>(arguments);
    if (given == nullptr || given->pReserved == nullptr) return CKR_ARGUMENTS_BAD;
    folder = static_cast<const char*>(given->pReserved);
    CK_RV rv = CKR_OK;
    if (misbehaves(order_for("C_Initialize"), rv)) return rv;
    mkdir((folder + "/tokens").c_str(), 0700);
    std::ofstream(folder + "/softhsm.conf") << "directories.tokendir = " << folder << "/tokens\nobjectstore.backend = file\nlog.level = ERROR\n";
    setenv("SOFTHSM2_CONF", (folder + "/softhsm.conf").c_str(), 1);
    return real.C_Initialize(nullptr);
}

}  // namespace

extern "C" CK_RV C_GetFunctionList(CK_FUNCTION_LIST** out) {
    void* softhsm = dlopen(KMP_SOFTHSM, RTLD_NOW | RTLD_LOCAL);
    const auto entry = softhsm != nullptr ? reinterpret_cast<CK_C_GetFunctionList>(dlsym(softhsm, "C_GetFunctionList")) : nullptr;
    CK_FUNCTION_LIST* list = nullptr;
    if (entry == nullptr || entry(&list) != CKR_OK) return CKR_GENERAL_ERROR;
    real = *list;
    ours = real;
    using F = CK_FUNCTION_LIST;
    hook<"C_Finalize", &F::C_Finalize>();
    hook<"C_GetTokenInfo", &F::C_GetTokenInfo>();
    hook<"C_GetMechanismList", &F::C_GetMechanismList>();
    hook<"C_InitToken", &F::C_InitToken>();
    hook<"C_InitPIN", &F::C_InitPIN>();
    hook<"C_OpenSession", &F::C_OpenSession>();
    hook<"C_Login", &F::C_Login>();
    hook<"C_CreateObject", &F::C_CreateObject>();
    hook<"C_FindObjects", &F::C_FindObjects>();
    hook<"C_Encrypt", &F::C_Encrypt>();
    hook<"C_Decrypt", &F::C_Decrypt>();
    hook<"C_GenerateKey", &F::C_GenerateKey>();
    hook<"C_GenerateKeyPair", &F::C_GenerateKeyPair>();
    hook<"C_DeriveKey", &F::C_DeriveKey>();
    ours.C_Initialize = initialise;
    ours.C_GetSlotList = slots;
    ours.C_GetAttributeValue = attribute;
    ours.C_Sign = sign;
    ours.C_WrapKey = wrap;
    ours.C_UnwrapKey = unwrap;
    ours.C_GenerateRandom = random_bytes;
    *out = &ours;
    return CKR_OK;
}
