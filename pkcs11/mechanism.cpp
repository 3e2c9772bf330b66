#include "pkcs11/mechanism.h"

namespace pkcs11 {

Mechanism Mechanism::oaep_sha1() noexcept {
    Mechanism out(CKM_RSA_PKCS_OAEP);
    constexpr CK_ULONG kDataSpecified = 1;  // CKZ_DATA_SPECIFIED, which p11-kit's header lacks
    out.parameter_ = Oaep{{CKM_SHA_1, CKG_MGF1_SHA1, kDataSpecified, nullptr, 0}};
    return out;
}

Mechanism Mechanism::aes_ecb_data(const std::array<std::uint8_t, 16>& block) noexcept {
    Mechanism out(CKM_AES_ECB_ENCRYPT_DATA);
    out.parameter_ = EcbData{block, {}};
    return out;
}

Mechanism Mechanism::aes_cbc(const std::array<std::uint8_t, 16>& iv) noexcept {
    Mechanism out(CKM_AES_CBC);
    out.parameter_ = Iv{iv};
    return out;
}

Mechanism Mechanism::aes_gcm(const std::array<std::uint8_t, 12>& iv, base::ByteView associated) {
    Mechanism out(CKM_AES_GCM);
    out.parameter_ = Gcm{iv, base::to_bytes(associated), {}};
    return out;
}

CK_MECHANISM* Mechanism::raw() noexcept {
    if (auto* oaep = std::get_if<Oaep>(&parameter_)) {
        raw_.pParameter = &oaep->params;
        raw_.ulParameterLen = sizeof oaep->params;
    } else if (auto* data = std::get_if<EcbData>(&parameter_)) {
        data->params = {data->block.data(), data->block.size()};
        raw_.pParameter = &data->params;
        raw_.ulParameterLen = sizeof data->params;
    } else if (auto* iv = std::get_if<Iv>(&parameter_)) {
        raw_.pParameter = iv->bytes.data();
        raw_.ulParameterLen = iv->bytes.size();
    } else if (auto* gcm = std::get_if<Gcm>(&parameter_)) {
        gcm->params = {gcm->iv.data(), gcm->iv.size(), gcm->iv.size() * 8, gcm->associated.data(), gcm->associated.size(), 128};
        raw_.pParameter = &gcm->params;
        raw_.ulParameterLen = sizeof gcm->params;
    }
    return &raw_;
}

std::string mechanism_name(CK_MECHANISM_TYPE type) {
    switch (type) {
        case CKM_AES_CMAC: return "CKM_AES_CMAC";
        case CKM_SHA256_HMAC: return "CKM_SHA256_HMAC";
        case CKM_AES_KEY_WRAP: return "CKM_AES_KEY_WRAP";
        case CKM_AES_KEY_GEN: return "CKM_AES_KEY_GEN";
        case CKM_ECDSA: return "CKM_ECDSA";
        case CKM_EDDSA: return "CKM_EDDSA";
        case CKM_RSA_PKCS_OAEP: return "CKM_RSA_PKCS_OAEP";
        case CKM_RSA_PKCS_KEY_PAIR_GEN: return "CKM_RSA_PKCS_KEY_PAIR_GEN";
        case CKM_EC_KEY_PAIR_GEN: return "CKM_EC_KEY_PAIR_GEN";
        case CKM_EC_EDWARDS_KEY_PAIR_GEN: return "CKM_EC_EDWARDS_KEY_PAIR_GEN";
        case CKM_GENERIC_SECRET_KEY_GEN: return "CKM_GENERIC_SECRET_KEY_GEN";
        case CKM_AES_ECB_ENCRYPT_DATA: return "CKM_AES_ECB_ENCRYPT_DATA";
        case CKM_AES_CBC: return "CKM_AES_CBC";
        case CKM_AES_GCM: return "CKM_AES_GCM";
    }
    std::string text = "0x";
    bool leading = true;
    for (int shift = 60; shift >= 0; shift -= 4) {
        const auto digit = static_cast<std::size_t>(type >> shift & 15);
        if (digit == 0 && leading && shift != 0) continue;
        leading = false;
        text.push_back("0123456789abcdef"[digit]);
    }
    return text;
}

}  // namespace pkcs11
