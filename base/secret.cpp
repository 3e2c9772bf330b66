#include "base/secret.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>

namespace base {
namespace {

std::atomic<bool> all_locked{true};

std::size_t page_size() noexcept {
    static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return size;
}

}  // namespace

Secret::Secret(std::size_t size) {
    if (size == 0) return;
    const std::size_t pages = (size + page_size() - 1) / page_size() * page_size();
    void* p = mmap(nullptr, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    if (mlock(p, pages) != 0) all_locked = false;
    madvise(p, pages, MADV_DONTDUMP);
    madvise(p, pages, MADV_DONTFORK);
    data_ = static_cast<std::uint8_t*>(p);
    size_ = size;
    mapped_ = pages;
}

Secret Secret::consume(std::span<std::uint8_t> source) {
    Secret out = copy_of(source);
    base::wipe(source);
    return out;
}

Secret Secret::consume(std::span<char> source) {
    return consume(std::span<std::uint8_t>(reinterpret_cast<std::uint8_t*>(source.data()), source.size()));
}

Secret Secret::copy_of(ByteView source) {
    Secret out(source.size());
    if (!source.empty()) std::memcpy(out.data_, source.data(), source.size());
    return out;
}

Secret Secret::random(std::size_t size) {
    Secret out(size);
    std::size_t done = 0;
    while (done < size) {
        const ssize_t n = getrandom(out.data_ + done, size - done, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) std::abort();  // a system without randomness must not go on
        done += static_cast<std::size_t>(n);
    }
    return out;
}

void Secret::wipe() noexcept {
    if (data_ == nullptr) return;
    explicit_bzero(data_, mapped_);
    munlock(data_, mapped_);
    munmap(data_, mapped_);
    data_ = nullptr;
    size_ = mapped_ = 0;
}

void Secret::shrink(std::size_t size) noexcept {
    if (size >= size_) return;
    explicit_bzero(data_ + size, size_ - size);
    size_ = size;
}

void wipe(std::span<std::uint8_t> bytes) noexcept {
    if (!bytes.empty()) explicit_bzero(bytes.data(), bytes.size());
}

void wipe(std::string& text) noexcept {
    if (!text.empty()) explicit_bzero(text.data(), text.size());
    text.clear();
}

void forbid_dumps() noexcept {
    prctl(PR_SET_DUMPABLE, 0);
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

bool secrets_are_locked() noexcept { return all_locked; }

}  // namespace base
