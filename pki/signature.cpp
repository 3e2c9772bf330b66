#include "pki/openssl.h"

namespace pki {

base::Status verify_signature(base::ByteView spki, base::ByteView message, base::ByteView signature) {
    constexpr std::size_t kHalf = 32;
    KMP_TRY(const KeyType type, key_type_of(spki));
    if (type == KeyType::rsa) return {base::Code::unsupported, "RSA keys sign nothing here"};
    if (signature.size() != 2 * kHalf) return {base::Code::key_invalid, "a signature of " + std::to_string(signature.size()) + " bytes instead of 64"};
    KMP_TRY(const PublicKeyOwner key, parse_spki(spki));
    base::Bytes encoded = base::to_bytes(signature);
    if (type == KeyType::p256) {
        const Owned<ECDSA_SIG, ECDSA_SIG_free> pair(ECDSA_SIG_new());
        BIGNUM* r = BN_bin2bn(signature.data(), kHalf, nullptr);
        BIGNUM* s = BN_bin2bn(signature.data() + kHalf, kHalf, nullptr);
        must(pair && r != nullptr && s != nullptr && ECDSA_SIG_set0(pair.get(), r, s) == 1, "ECDSA_SIG_set0");
        encoded = der_of(pair.get(), i2d_ECDSA_SIG);
    }
    const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    const EVP_MD* digest = type == KeyType::p256 ? EVP_sha256() : nullptr;
    must(context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key.get()) == 1, "EVP_DigestVerifyInit");
    if (EVP_DigestVerify(context.get(), encoded.data(), encoded.size(), message.data(), message.size()) != 1)
        return openssl_error(base::Code::key_invalid, "the signature does not hold");
    return {};
}

base::Status verify_statement(base::ByteView spki, std::string_view purpose, base::ByteView statement, base::ByteView signature) {
    base::ByteWriter message;
    message.text("kmp/v1/");
    message.text(purpose);
    message.u8(0);
    message.bytes(statement);
    return verify_signature(spki, message.view(), signature);
}

}  // namespace pki
