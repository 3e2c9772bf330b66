// A key whose private half is elsewhere, as OpenSSL sees it: a provider with one kind of key and one kind of signature. The default provider could not sign with it,
// so it is refused an export of the private half and OpenSSL comes here. source: provider-keymgmt(7), provider-signature(7)
#include <openssl/core_names.h>
#include <openssl/params.h>

#include <cstring>
#include <new>

#include "tls/library.h"

namespace tls {
namespace {

constexpr std::size_t kPoint = 65;         // uncompressed, SEC 1
constexpr std::size_t kMaxSignature = 72;  // DER of two numbers of 32 bytes
constexpr const char* kGroup = "prime256v1";

struct Key {
    std::array<std::uint8_t, kPoint> point{};
    const RemoteSign* sign = nullptr;
};
Key& key(void* data) { return *static_cast<Key*>(data); }
const Key& key(const void* data) { return *static_cast<const Key*>(data); }

// ---- the key

void* key_new(void*) { return new (std::nothrow) Key; }
void key_free(void* data) { delete static_cast<Key*>(data); }
int key_has(const void* data, int) { return data != nullptr && key(data).sign != nullptr ? 1 : 0; }
int key_match(const void* a, const void* b, int) { return key(a).point == key(b).point ? 1 : 0; }

int key_import(void* data, int, const OSSL_PARAM params[]) {
    const OSSL_PARAM* point = OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_PUB_KEY);
    const OSSL_PARAM* signer = OSSL_PARAM_locate_const(params, kSignerParameter);
    std::uint64_t address = 0;
    if (point == nullptr || signer == nullptr || point->data_size != kPoint || OSSL_PARAM_get_uint64(signer, &address) != 1) return 0;
    std::memcpy(key(data).point.data(), point->data, kPoint);
    key(data).sign = reinterpret_cast<const RemoteSign*>(static_cast<std::uintptr_t>(address));
    return 1;
}
const OSSL_PARAM* key_import_types(int) {
    static const OSSL_PARAM types[] = {OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0), OSSL_PARAM_uint64(kSignerParameter, nullptr), OSSL_PARAM_END};
    return types;
}

/// Only what everybody may see leaves: so that the key can be compared with a certificate's.
int key_export(void* data, int selection, OSSL_CALLBACK* callback, void* argument) {
    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) return 0;
    char group[] = "prime256v1";
    OSSL_PARAM fields[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0), OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, key(data).point.data(), kPoint),
                           OSSL_PARAM_construct_end()};
    return callback(fields, argument);
}
const OSSL_PARAM* key_export_types(int) {
    static const OSSL_PARAM types[] = {OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0), OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0), OSSL_PARAM_END};
    return types;
}

int key_get(void* data, OSSL_PARAM params[]) {
    const auto number = [&](const char* name, int value) {
        OSSL_PARAM* p = OSSL_PARAM_locate(params, name);
        return p == nullptr || OSSL_PARAM_set_int(p, value) == 1;
    };
    const auto text = [&](const char* name, const char* value) {
        OSSL_PARAM* p = OSSL_PARAM_locate(params, name);
        return p == nullptr || OSSL_PARAM_set_utf8_string(p, value) == 1;
    };
    const auto point = [&](const char* name) {
        OSSL_PARAM* p = OSSL_PARAM_locate(params, name);
        return p == nullptr || OSSL_PARAM_set_octet_string(p, key(data).point.data(), kPoint) == 1;
    };
    return number(OSSL_PKEY_PARAM_BITS, 256) && number(OSSL_PKEY_PARAM_SECURITY_BITS, 128) && number(OSSL_PKEY_PARAM_MAX_SIZE, static_cast<int>(kMaxSignature)) &&
           text(OSSL_PKEY_PARAM_GROUP_NAME, kGroup) && text(OSSL_PKEY_PARAM_DEFAULT_DIGEST, "SHA256") && text(OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") &&
           point(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY) && point(OSSL_PKEY_PARAM_PUB_KEY);
}
const OSSL_PARAM* key_gettable(void*) {
    static const OSSL_PARAM types[] = {OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr),
                                       OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
                                       OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
                                       OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
                                       OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, nullptr, 0),
                                       OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, nullptr, 0),
                                       OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, nullptr, 0),
                                       OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0),
                                       OSSL_PARAM_END};
    return types;
}
const char* key_operation(int operation) { return operation == OSSL_OP_SIGNATURE ? "ECDSA" : nullptr; }

// ---- the signature: of a whole message only, so that whoever holds the key can see what it is about

struct Signing {
    const Key* with = nullptr;
};
void* signing_new(void*, const char*) { return new (std::nothrow) Signing; }
void signing_free(void* data) { delete static_cast<Signing*>(data); }

int signing_init(void* data, const char* digest, void* with, const OSSL_PARAM[]) {
    const std::string_view name = digest == nullptr ? "SHA256" : digest;
    if (name != "SHA256" && name != "SHA2-256" && name != "SHA-256") return 0;
    static_cast<Signing*>(data)->with = static_cast<const Key*>(with);
    return 1;
}

int signing_sign(void* data, unsigned char* out, std::size_t* size, std::size_t room, const unsigned char* message, std::size_t message_size) {
    if (out == nullptr) {
        *size = kMaxSignature;
        return 1;
    }
    const Key* with = static_cast<Signing*>(data)->with;
    if (with == nullptr) return 0;
    const auto signature = (*with->sign)(base::ByteView(message, message_size));
    if (!signature) {
        keep_signing_error(signature.error());
        return 0;
    }
    if (signature->size() > room) return 0;
    std::memcpy(out, signature->data(), signature->size());
    *size = signature->size();
    return 1;
}

// ---- what OpenSSL asks for

using Call = void (*)();
template <class F>
Call call(F* f) {
    return reinterpret_cast<Call>(f);
}

const OSSL_ALGORITHM* operations(void*, int operation, int* no_cache) {
    static const OSSL_DISPATCH kKeyFunctions[] = {{OSSL_FUNC_KEYMGMT_NEW, call(key_new)},
                                                  {OSSL_FUNC_KEYMGMT_FREE, call(key_free)},
                                                  {OSSL_FUNC_KEYMGMT_HAS, call(key_has)},
                                                  {OSSL_FUNC_KEYMGMT_MATCH, call(key_match)},
                                                  {OSSL_FUNC_KEYMGMT_IMPORT, call(key_import)},
                                                  {OSSL_FUNC_KEYMGMT_IMPORT_TYPES, call(key_import_types)},
                                                  {OSSL_FUNC_KEYMGMT_EXPORT, call(key_export)},
                                                  {OSSL_FUNC_KEYMGMT_EXPORT_TYPES, call(key_export_types)},
                                                  {OSSL_FUNC_KEYMGMT_GET_PARAMS, call(key_get)},
                                                  {OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, call(key_gettable)},
                                                  {OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, call(key_operation)},
                                                  {0, nullptr}};
    static const OSSL_DISPATCH kSignatureFunctions[] = {{OSSL_FUNC_SIGNATURE_NEWCTX, call(signing_new)},
                                                        {OSSL_FUNC_SIGNATURE_FREECTX, call(signing_free)},
                                                        {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, call(signing_init)},
                                                        {OSSL_FUNC_SIGNATURE_DIGEST_SIGN, call(signing_sign)},
                                                        {0, nullptr}};
    static const OSSL_ALGORITHM kKeys[] = {{"EC:id-ecPublicKey:1.2.840.10045.2.1", kOwnProvider, kKeyFunctions, nullptr}, {nullptr, nullptr, nullptr, nullptr}};
    static const OSSL_ALGORITHM kSignatures[] = {{"ECDSA", kOwnProvider, kSignatureFunctions, nullptr}, {nullptr, nullptr, nullptr, nullptr}};
    *no_cache = 0;
    if (operation == OSSL_OP_KEYMGMT) return kKeys;
    return operation == OSSL_OP_SIGNATURE ? kSignatures : nullptr;
}

}  // namespace

int start_remote_key_provider(const OSSL_CORE_HANDLE* core, const OSSL_DISPATCH*, const OSSL_DISPATCH** out, void** context) {
    static const OSSL_DISPATCH kFunctions[] = {{OSSL_FUNC_PROVIDER_QUERY_OPERATION, call(operations)}, {0, nullptr}};
    *out = kFunctions;
    *context = const_cast<OSSL_CORE_HANDLE*>(core);
    return 1;
}

}  // namespace tls
