#include "base/digest.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <new>

#include "base/fd.h"

namespace base {

namespace {
struct Free {
    void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
    void operator()(EVP_MD* m) const { EVP_MD_free(m); }
};
}  // namespace

Digest sha256(std::initializer_list<ByteView> parts) {
    // One context a thread: creating and fetching costs more than hashing a short message.
    thread_local std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    thread_local std::unique_ptr<EVP_MD, Free> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    Digest out;
    if (!context || !algorithm || EVP_DigestInit_ex2(context.get(), algorithm.get(), nullptr) != 1) throw std::bad_alloc();
    for (ByteView part : parts) EVP_DigestUpdate(context.get(), part.data(), part.size());
    EVP_DigestFinal_ex(context.get(), out.data(), nullptr);
    return out;
}

Result<Digest> sha256_of_file(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) return errno_error("cannot open " + path, errno);
    struct stat about {};
    if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) return {Code::io_failed, path + " is not a file"};
    const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    if (!context || EVP_DigestInit_ex2(context.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
    Bytes piece(1u << 20);
    for (;;) {
        const ssize_t got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno_error("cannot read " + path, errno);
        if (got == 0) break;
        EVP_DigestUpdate(context.get(), piece.data(), static_cast<std::size_t>(got));
    }
    Digest out;
    EVP_DigestFinal_ex(context.get(), out.data(), nullptr);
    return out;
}

}  // namespace base
