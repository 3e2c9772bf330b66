#include "base/digest.h"

#include <openssl/evp.h>

#include <memory>
#include <new>

namespace base {

Digest sha256(std::initializer_list<ByteView> parts) {
    // One context a thread: creating and fetching costs more than hashing a short message.
    struct Free {
        void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
        void operator()(EVP_MD* m) const { EVP_MD_free(m); }
    };
    thread_local std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    thread_local std::unique_ptr<EVP_MD, Free> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    Digest out;
    if (!context || !algorithm || EVP_DigestInit_ex2(context.get(), algorithm.get(), nullptr) != 1) throw std::bad_alloc();
    for (ByteView part : parts) EVP_DigestUpdate(context.get(), part.data(), part.size());
    EVP_DigestFinal_ex(context.get(), out.data(), nullptr);
    return out;
}

}  // namespace base
