#include "pkcs11/session.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace pkcs11 {
namespace {

// Cryptoki takes input through pointers to non-const and does not write there.
unsigned char* in(base::ByteView bytes) noexcept { return const_cast<unsigned char*>(bytes.data()); }

constexpr std::size_t kMaxAttribute = 65536;

/// ok when the module said OK and gave handles. A module that lies leaves them as they were: zero.
template <class... Handles>
base::Status made(CK_RV rv, std::string_view what, Handles... handles) {
    KMP_CHECK(check(rv, what));
    if ((!handles || ...)) return nonsense(what);
    return {};
}

}  // namespace

base::Result<Session> Session::open(Module& module, Slot slot) {
    CK_SESSION_HANDLE handle = 0;
    const CK_RV rv = module.functions().C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &handle);
    KMP_CHECK(made(rv, "opening a session", handle));
    return Session(module, handle);
}

void Session::close() noexcept {
    if (handle_ != 0) api().C_CloseSession(std::exchange(handle_, 0));
}

base::Status Session::login(User user, const base::Secret& pin) {
    const CK_USER_TYPE type = user == User::user ? CKU_USER : CKU_SO;
    CK_RV rv = CKR_OK;
    for (int attempt = 0; attempt < 3; ++attempt) {
        rv = pin.reveal([&](base::ByteView value) { return api().C_Login(handle_, type, in(value), value.size()); });
        if (rv != CKR_GENERAL_ERROR) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return check(rv, "logging in");
}

base::Status Session::logout() { return check(api().C_Logout(handle_), "logging out"); }

base::Status Session::initialise_user_pin(const base::Secret& pin) {
    const CK_RV rv = pin.reveal([&](base::ByteView value) { return api().C_InitPIN(handle_, in(value), value.size()); });
    return check(rv, "setting the user PIN");
}

base::Status Session::change_pin(const base::Secret& old_pin, const base::Secret& new_pin) {
    const CK_RV rv = old_pin.reveal([&](base::ByteView before) {
        return new_pin.reveal([&](base::ByteView after) { return api().C_SetPIN(handle_, in(before), before.size(), in(after), after.size()); });
    });
    return check(rv, "changing the PIN");
}

base::Status Session::generate_random(std::span<std::uint8_t> out) {
    return check(api().C_GenerateRandom(handle_, out.data(), out.size()), "drawing random bytes");
}

base::Result<std::vector<Object>> Session::find(Template pattern, std::size_t limit) {
    KMP_CHECK(check(api().C_FindObjectsInit(handle_, pattern.data(), pattern.size()), "searching objects"));
    std::vector<CK_OBJECT_HANDLE> raw(limit);
    CK_ULONG count = 0;
    const CK_RV rv = api().C_FindObjects(handle_, raw.data(), raw.size(), &count);
    api().C_FindObjectsFinal(handle_);
    KMP_CHECK(check(rv, "searching objects"));
    std::vector<Object> out;
    for (CK_ULONG i = 0; i < count && i < limit; ++i) {
        if (raw[i] == 0) return nonsense("searching objects");
        out.push_back({raw[i]});
    }
    return out;
}

base::Result<Object> Session::find_one(Template pattern) {
    KMP_TRY(const std::vector<Object> found, find(std::move(pattern), 1));
    return found.empty() ? Object{} : found.front();
}

base::Result<base::Bytes> Session::bytes_of(Object object, CK_ATTRIBUTE_TYPE type) {
    CK_ATTRIBUTE attribute{type, nullptr, 0};
    KMP_CHECK(check(api().C_GetAttributeValue(handle_, object.value, &attribute, 1), "reading an attribute"));
    if (attribute.ulValueLen > kMaxAttribute) return nonsense("reading an attribute");
    base::Bytes out(attribute.ulValueLen);
    attribute.pValue = out.data();
    KMP_CHECK(check(api().C_GetAttributeValue(handle_, object.value, &attribute, 1), "reading an attribute"));
    out.resize(std::min<std::size_t>(attribute.ulValueLen, out.size()));
    return out;
}

base::Result<CK_ULONG> Session::number_of(Object object, CK_ATTRIBUTE_TYPE type) {
    CK_ULONG value = 0;
    CK_ATTRIBUTE attribute{type, &value, sizeof value};
    KMP_CHECK(check(api().C_GetAttributeValue(handle_, object.value, &attribute, 1), "reading an attribute"));
    if (attribute.ulValueLen != sizeof value) return nonsense("reading an attribute");
    return value;
}

base::Result<Object> Session::create(Template attributes) {
    Object out;
    const CK_RV rv = api().C_CreateObject(handle_, attributes.data(), attributes.size(), &out.value);
    KMP_CHECK(made(rv, "creating an object", out.value));
    return out;
}

base::Result<Object> Session::copy(Object object, Template changes) {
    Object out;
    const CK_RV rv = api().C_CopyObject(handle_, object.value, changes.data(), changes.size(), &out.value);
    KMP_CHECK(made(rv, "copying an object", out.value));
    return out;
}

base::Status Session::destroy(Object object) { return check(api().C_DestroyObject(handle_, object.value), "destroying an object"); }

base::Result<SecretKey> Session::generate_key(Mechanism mechanism, Template attributes) {
    SecretKey out;
    const CK_RV rv = api().C_GenerateKey(handle_, mechanism.raw(), attributes.data(), attributes.size(), &out.value);
    KMP_CHECK(made(rv, "generating a key", out.value));
    return out;
}

base::Result<KeyPair> Session::generate_key_pair(Mechanism mechanism, Template public_part, Template private_part) {
    KeyPair out;
    const CK_RV rv = api().C_GenerateKeyPair(handle_, mechanism.raw(), public_part.data(), public_part.size(), private_part.data(), private_part.size(),
                                             &out.public_key.value, &out.private_key.value);
    KMP_CHECK(made(rv, "generating a key pair", out.public_key.value, out.private_key.value));
    return out;
}

base::Result<SecretKey> Session::derive(Mechanism mechanism, SecretKey from, Template& attributes) {
    SecretKey out;
    const CK_RV rv = api().C_DeriveKey(handle_, mechanism.raw(), from.value, attributes.data(), attributes.size(), &out.value);
    KMP_CHECK(made(rv, "deriving a key", out.value));
    return out;
}

base::Result<base::Bytes> Session::wrap(Mechanism mechanism, Object wrapping_key, SecretKey key) {
    base::Bytes out(1024);  // RSA-8192 fits
    CK_ULONG size = out.size();
    KMP_CHECK(check(api().C_WrapKey(handle_, mechanism.raw(), wrapping_key.value, key.value, out.data(), &size), "wrapping a key"));
    if (size > out.size()) return nonsense("wrapping a key");
    out.resize(size);
    return out;
}

base::Result<SecretKey> Session::unwrap(Mechanism mechanism, PrivateKey unwrapping_key, base::ByteView wrapped, Template attributes) {
    SecretKey out;
    const CK_RV rv = api().C_UnwrapKey(handle_, mechanism.raw(), unwrapping_key.value, in(wrapped), wrapped.size(), attributes.data(),
                                       attributes.size(), &out.value);
    if (rv == CKR_GENERAL_ERROR)
        return {base::Code::key_invalid, "unwrapping a key: CKR_GENERAL_ERROR; the blob was changed or is for another UKEY", static_cast<std::int64_t>(rv)};
    KMP_CHECK(made(rv, "unwrapping a key", out.value));
    return out;
}

CK_RV Session::sign_init(CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
    CK_RV rv = api().C_SignInit(handle_, mechanism, key);
    if (rv == CKR_OPERATION_ACTIVE) {
        std::array<unsigned char, 1024> drain{};
        CK_ULONG size = drain.size();
        api().C_Sign(handle_, drain.data(), 16, drain.data() + 512, &size);
        base::wipe(drain);
        rv = api().C_SignInit(handle_, mechanism, key);
    }
    return rv;
}

base::Result<std::size_t> Session::sign(Mechanism mechanism, Object key, base::ByteView data, std::span<std::uint8_t> out) {
    KMP_CHECK(check(sign_init(mechanism.raw(), key.value), "signing"));
    CK_ULONG size = out.size();
    KMP_CHECK(check(api().C_Sign(handle_, in(data), data.size(), out.data(), &size), "signing"));
    if (size > out.size()) return nonsense("signing");
    return std::size_t{size};
}

base::Result<base::Bytes> Session::encrypt(Mechanism mechanism, SecretKey key, base::ByteView data) {
    KMP_CHECK(check(api().C_EncryptInit(handle_, mechanism.raw(), key.value), "encrypting"));
    base::Bytes out(data.size() + 64);
    CK_ULONG size = out.size();
    KMP_CHECK(check(api().C_Encrypt(handle_, in(data), data.size(), out.data(), &size), "encrypting"));
    if (size > out.size()) return nonsense("encrypting");
    out.resize(size);
    return out;
}

base::Result<base::Secret> Session::decrypt(Mechanism mechanism, Object key, base::ByteView data) {
    KMP_CHECK(check(api().C_DecryptInit(handle_, mechanism.raw(), key.value), "decrypting"));
    base::Secret out(data.size() + 64);
    CK_ULONG size = out.size();
    const CK_RV rv = out.fill([&](std::span<std::uint8_t> room) { return api().C_Decrypt(handle_, in(data), data.size(), room.data(), &size); });
    if (rv == CKR_GENERAL_ERROR)
        return {base::Code::key_invalid, "decrypting: CKR_GENERAL_ERROR; the bytes were changed or belong to another UKEY", static_cast<std::int64_t>(rv)};
    KMP_CHECK(check(rv, "decrypting"));
    if (size > out.size()) return nonsense("decrypting");
    out.shrink(size);
    return out;
}

base::Result<Login> Login::open(Session& session, User user, const base::Secret& pin) {
    KMP_CHECK(session.login(user, pin));
    return Login(session);
}

}  // namespace pkcs11
