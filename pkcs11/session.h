#pragma once
#include <span>
#include <vector>

#include "pkcs11/mechanism.h"
#include "pkcs11/module.h"
#include "pkcs11/template.h"

namespace pkcs11 {

/// Any object in a session. 0 is no object (CK_INVALID_HANDLE).
struct Object {
    CK_OBJECT_HANDLE value = 0;
    explicit operator bool() const noexcept { return value != 0; }
    bool operator==(const Object&) const = default;
};
/// A key, of a kind the compiler tells apart.
template <class Tag>
struct Handle : Object {};
using SecretKey = Handle<struct SecretKeyTag>;
using PrivateKey = Handle<struct PrivateKeyTag>;
using PublicKey = Handle<struct PublicKeyTag>;
struct KeyPair {
    PublicKey public_key;
    PrivateKey private_key;
};

enum class User : std::uint8_t { user, security_officer };

/// An open read-write session; closed, its session objects destroyed, when it goes. The Module outlives it. One thread at a time.
///
/// Logging in is token-wide within a process: a logout in one session kills the handles of private objects in all of them,
/// even after a new login. Sign and encrypt are single calls here; an operation that a failed call left active is drained at
/// the next one (SoftHSM2 does not cancel by a null mechanism).
class Session {
public:
    static base::Result<Session> open(Module& module, Slot slot);
    Session(Session&& other) noexcept : module_(other.module_), handle_(std::exchange(other.handle_, 0)) {}
    Session& operator=(Session&& other) noexcept {
        if (this != &other) {
            close();
            module_ = other.module_;
            handle_ = std::exchange(other.handle_, 0);
        }
        return *this;
    }
    ~Session() { close(); }

    /// wrong_pin, pin_locked. conflict: somebody is logged in already; that the PIN was right does not follow.
    /// Tries three times on GENERAL_ERROR: two processes that start together can disturb each other in SoftHSM2.
    base::Status login(User user, const base::Secret& pin);
    base::Status logout();
    /// Needs the security officer's login.
    base::Status initialise_user_pin(const base::Secret& pin);
    /// Of whoever is logged in.
    base::Status change_pin(const base::Secret& old_pin, const base::Secret& new_pin);
    base::Status generate_random(std::span<std::uint8_t> out);

    /// At most `limit` objects that match. Linear in the number of objects: resolve once, keep the handles.
    base::Result<std::vector<Object>> find(Template pattern, std::size_t limit = 1024);
    /// One that matches, or an empty handle.
    base::Result<Object> find_one(Template pattern);
    base::Result<base::Bytes> bytes_of(Object object, CK_ATTRIBUTE_TYPE type);
    base::Result<CK_ULONG> number_of(Object object, CK_ATTRIBUTE_TYPE type);
    base::Result<Object> create(Template attributes);
    /// A session copy of a sensitive key stays sensitive. MODIFIABLE=false forbids it.
    base::Result<Object> copy(Object object, Template changes);
    base::Status destroy(Object object);

    base::Result<SecretKey> generate_key(Mechanism mechanism, Template attributes);
    base::Result<KeyPair> generate_key_pair(Mechanism mechanism, Template public_part, Template private_part);
    /// The template carries CKA_VALUE_LEN: SoftHSM2 derives nothing without.
    base::Result<SecretKey> derive(Mechanism mechanism, SecretKey from, Template& attributes);
    base::Result<base::Bytes> wrap(Mechanism mechanism, Object wrapping_key, SecretKey key);
    /// The template carries no CKA_VALUE_LEN. key_invalid: the blob was changed or is not for this key (SoftHSM2: GENERAL_ERROR).
    base::Result<SecretKey> unwrap(Mechanism mechanism, PrivateKey unwrapping_key, base::ByteView wrapped, Template attributes);

    /// Signs or MACs into `out` and returns how many bytes were written. internal: `out` is too small.
    base::Result<std::size_t> sign(Mechanism mechanism, Object key, base::ByteView data, std::span<std::uint8_t> out);
    base::Result<base::Bytes> encrypt(Mechanism mechanism, SecretKey key, base::ByteView data);
    /// key_invalid: an authenticated ciphertext does not hold.
    base::Result<base::Secret> decrypt(Mechanism mechanism, Object key, base::ByteView data);

private:
    Session(Module& module, CK_SESSION_HANDLE handle) : module_(&module), handle_(handle) {}
    CK_FUNCTION_LIST& api() noexcept { return module_->functions(); }
    void close() noexcept;
    CK_RV sign_init(CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key);

    Module* module_;
    CK_SESSION_HANDLE handle_;
};

/// A found object as the kind of key it is known to be.
template <class Key>
Key as(Object object) noexcept {
    return Key{object};
}

/// A session object that goes with its scope.
class Temporary {
public:
    Temporary(Session& session, Object object) noexcept : session_(&session), object_(object) {}
    Temporary(Temporary&& other) noexcept : session_(other.session_), object_(std::exchange(other.object_, {})) {}
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    Temporary& operator=(Temporary&&) = delete;
    ~Temporary() {
        if (object_) (void)session_->destroy(object_);
    }
    Object get() const noexcept { return object_; }

private:
    Session* session_;
    Object object_;
};

/// Logged in for a scope; logs out when it goes.
class Login {
public:
    static base::Result<Login> open(Session& session, User user, const base::Secret& pin);
    Login(Login&& other) noexcept : session_(std::exchange(other.session_, nullptr)) {}
    Login(const Login&) = delete;
    Login& operator=(const Login&) = delete;
    Login& operator=(Login&&) = delete;
    ~Login() {
        if (session_ != nullptr) (void)session_->logout();
    }

private:
    explicit Login(Session& session) noexcept : session_(&session) {}
    Session* session_;
};

}  // namespace pkcs11
