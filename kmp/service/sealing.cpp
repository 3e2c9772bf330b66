#include "kmp/service/sealing.h"

#include <openssl/evp.h>

#include <memory>

namespace kmp::service {
namespace {

using base::Code;
using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

constexpr std::size_t kIv = 12;
constexpr std::size_t kTag = 16;

int length(std::size_t n) { return static_cast<int>(n); }

}  // namespace

base::Result<base::Bytes> seal(const base::Secret& key, std::string_view context, const base::Secret& secret) {
    const base::Error failed{Code::internal, "cannot seal a secret"};
    if (key.size() != 32) return failed;
    base::Bytes out(kIv + secret.size() + kTag);
    base::Secret::random(kIv).reveal([&](base::ByteView iv) { std::copy(iv.begin(), iv.end(), out.begin()); });
    const Context c(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    const base::ByteView aad = base::as_bytes(context);
    int size = 0;
    const bool good = c && key.reveal([&](base::ByteView k) { return EVP_EncryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, k.data(), out.data()) == 1; }) &&
                      EVP_EncryptUpdate(c.get(), nullptr, &size, aad.data(), length(aad.size())) == 1 &&
                      secret.reveal([&](base::ByteView s) { return EVP_EncryptUpdate(c.get(), out.data() + kIv, &size, s.data(), length(s.size())) == 1; }) &&
                      EVP_EncryptFinal_ex(c.get(), out.data() + kIv + secret.size(), &size) == 1 &&
                      EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_GET_TAG, length(kTag), out.data() + kIv + secret.size()) == 1;
    if (!good) return failed;
    return out;
}

base::Result<base::Secret> unseal(const base::Secret& key, std::string_view context, base::ByteView sealed) {
    const base::Error failed{Code::key_invalid, "a sealed secret was changed, or belongs to another UKEY or quorum"};
    if (key.size() != 32 || sealed.size() <= kIv + kTag) return failed;
    const base::ByteView cipher = sealed.subspan(kIv, sealed.size() - kIv - kTag);
    base::Bytes tag = base::to_bytes(sealed.last(kTag));
    const Context c(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    const base::ByteView aad = base::as_bytes(context);
    base::Secret out(cipher.size());
    int size = 0;
    std::uint8_t none = 0;
    const bool good = c && key.reveal([&](base::ByteView k) { return EVP_DecryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, k.data(), sealed.data()) == 1; }) &&
                      EVP_DecryptUpdate(c.get(), nullptr, &size, aad.data(), length(aad.size())) == 1 &&
                      out.fill([&](std::span<std::uint8_t> o) { return EVP_DecryptUpdate(c.get(), o.data(), &size, cipher.data(), length(cipher.size())) == 1; }) &&
                      EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_SET_TAG, length(kTag), tag.data()) == 1 && EVP_DecryptFinal_ex(c.get(), &none, &size) == 1;
    if (!good) return failed;
    return out;
}

}  // namespace kmp::service
