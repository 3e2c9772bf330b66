#pragma once
#include <p11-kit/pkcs11.h>

#include <array>
#include <variant>

#include "base/bytes.h"

namespace pkcs11 {

/// A mechanism together with the parameter that it needs. Copies are independent of each other.
class Mechanism {
public:
    /// One that takes no parameter.
    explicit Mechanism(CK_MECHANISM_TYPE type) noexcept : raw_{type, nullptr, 0} {}

    static Mechanism aes_cmac() noexcept { return Mechanism(CKM_AES_CMAC); }
    static Mechanism sha256_hmac() noexcept { return Mechanism(CKM_SHA256_HMAC); }
    static Mechanism aes_key_wrap() noexcept { return Mechanism(CKM_AES_KEY_WRAP); }
    /// Over a digest that the caller made; answers r || s.
    static Mechanism ecdsa() noexcept { return Mechanism(CKM_ECDSA); }
    static Mechanism ed25519() noexcept { return Mechanism(CKM_EDDSA); }
    /// SHA-1, MGF1-SHA1, no label: SoftHSM2 accepts no other.
    static Mechanism oaep_sha1() noexcept;
    /// derived = AES-ECB-encrypt(base, block). A base key must have CKA_ENCRYPT=false, and the block is never zero.
    static Mechanism aes_ecb_data(const std::array<std::uint8_t, 16>& block) noexcept;
    static Mechanism aes_cbc(const std::array<std::uint8_t, 16>& iv) noexcept;
    /// 16-byte tag, which follows the ciphertext.
    static Mechanism aes_gcm(const std::array<std::uint8_t, 12>& iv, base::ByteView associated);

    CK_MECHANISM_TYPE type() const noexcept { return raw_.mechanism; }
    /// For one call of a module; valid until this object moves or goes.
    CK_MECHANISM* raw() noexcept;

private:
    struct Oaep {
        CK_RSA_PKCS_OAEP_PARAMS params;
    };
    struct EcbData {
        std::array<std::uint8_t, 16> block;
        CK_KEY_DERIVATION_STRING_DATA params;
    };
    struct Iv {
        std::array<std::uint8_t, 16> bytes;
    };
    struct Gcm {
        std::array<std::uint8_t, 12> iv;
        base::Bytes associated;
        CK_GCM_PARAMS params;
    };
    CK_MECHANISM raw_;
    std::variant<std::monostate, Oaep, EcbData, Iv, Gcm> parameter_;
};

/// CKM_... of the mechanisms that the platform uses; "0x..." for others.
std::string mechanism_name(CK_MECHANISM_TYPE type);

}  // namespace pkcs11
