#include "meter/aes.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>
#include <stdexcept>

namespace meter::aes {
namespace {

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

void require(bool holds, const char* what) {
    if (!holds) throw std::logic_error(what);  // no memory, or a bug: OpenSSL refuses nothing else here
}

Cipher start(const EVP_CIPHER* algorithm, base::ByteView key, const std::uint8_t* iv, bool encrypt) {
    require(key.size() == 16, "an AES-128 key has 16 bytes");
    Cipher context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    require(context != nullptr, "no memory for a cipher");
    EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    require(EVP_CipherInit_ex2(context.get(), algorithm, key.data(), iv, encrypt ? 1 : 0, nullptr) == 1, "cannot start a cipher");
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    return context;
}

}  // namespace

base::Secret derive(base::ByteView key, const Block& block) {
    const Cipher context = start(EVP_aes_128_ecb(), key, nullptr, true);
    base::Secret out(block.size());
    out.fill([&](std::span<std::uint8_t> bytes) {
        int size = 0;
        require(EVP_CipherUpdate(context.get(), bytes.data(), &size, block.data(), static_cast<int>(block.size())) == 1 && size == 16,
                "cannot encrypt a block");
    });
    return out;
}

Block cmac(base::ByteView key, base::ByteView message) {
    require(key.size() == 16, "an AES-128 key has 16 bytes");
    const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> algorithm(EVP_MAC_fetch(nullptr, "CMAC", nullptr), EVP_MAC_free);
    const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(EVP_MAC_CTX_new(algorithm.get()), EVP_MAC_CTX_free);
    char name[] = "AES-128-CBC";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0), OSSL_PARAM_construct_end()};
    Block out{};
    std::size_t size = 0;
    require(context != nullptr && EVP_MAC_init(context.get(), key.data(), key.size(), parameters) == 1 &&
                EVP_MAC_update(context.get(), message.data(), message.size()) == 1 &&
                EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1 && size == out.size(),
            "cannot compute a CMAC");
    return out;
}

base::Result<base::Secret> unwrap(base::ByteView key, base::ByteView wrapped) {
    const base::Error wrong{base::Code::key_invalid, "a wrapped key does not hold"};
    if (wrapped.size() < 24 || wrapped.size() % 8 != 0) return wrong;
    const Cipher context = start(EVP_aes_128_wrap(), key, nullptr, false);
    base::Secret out(wrapped.size());
    const int size = out.fill([&](std::span<std::uint8_t> bytes) {
        int written = 0;
        const int rc = EVP_CipherUpdate(context.get(), bytes.data(), &written, wrapped.data(), static_cast<int>(wrapped.size()));
        return rc == 1 ? written : -1;
    });
    if (size != static_cast<int>(wrapped.size()) - 8) return wrong;
    out.shrink(static_cast<std::size_t>(size));
    return out;
}

base::Result<base::Bytes> cbc_decrypt(base::ByteView key, base::ByteView ciphertext) {
    if (ciphertext.empty() || ciphertext.size() % 16 != 0) return {base::Code::malformed, "a ciphertext is not whole blocks"};
    const Block zero{};
    const Cipher context = start(EVP_aes_128_cbc(), key, zero.data(), false);
    base::Bytes out(ciphertext.size());
    int size = 0;
    require(EVP_CipherUpdate(context.get(), out.data(), &size, ciphertext.data(), static_cast<int>(ciphertext.size())) == 1 &&
                static_cast<std::size_t>(size) == out.size(),
            "cannot decrypt");
    return out;
}

}  // namespace meter::aes
