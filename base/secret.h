#pragma once
#include <cstddef>
#include <functional>
#include <type_traits>

#include "base/bytes.h"

namespace base {

/// Bytes nobody may keep: a PIN, a key, a password. They lie on pages of their own that are locked where the
/// limit allows, left out of core dumps, not inherited by fork, and wiped when the object goes.
/// Move-only: no copy, no print, no comparison but the constant-time one. Seen only inside a callback.
class Secret {
public:
    Secret() noexcept = default;
    /// `size` zero bytes, to be filled through `fill`. Throws std::bad_alloc when there is no memory.
    explicit Secret(std::size_t size);
    /// Takes the bytes over and wipes the source.
    static Secret consume(std::span<std::uint8_t> source);
    static Secret consume(std::span<char> source);
    /// A copy of bytes that stay where they are; the caller wipes them.
    static Secret copy_of(ByteView source);
    /// `size` bytes from the operating system's generator.
    static Secret random(std::size_t size);

    Secret(Secret&& other) noexcept { swap(other); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe();
            swap(other);
        }
        return *this;
    }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { wipe(); }

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    /// Wipes and releases now.
    void wipe() noexcept;

    /// Shows the bytes to `f` for the length of the call and returns what `f` returns. `f` must not keep them.
    template <class F>
    auto reveal(F&& f) const -> std::invoke_result_t<F, ByteView> {
        return std::forward<F>(f)(ByteView(data_, size_));
    }
    template <class F>
    auto fill(F&& f) -> std::invoke_result_t<F, std::span<std::uint8_t>> {
        return std::forward<F>(f)(std::span<std::uint8_t>(data_, size_));
    }
    /// Shortens to `size` bytes; what is cut off is wiped. Precondition: size <= this->size().
    void shrink(std::size_t size) noexcept;
    /// A second Secret with the same bytes, where one is truly needed (a retry after a pull).
    Secret duplicate() const { return copy_of(ByteView(data_, size_)); }
    bool equals(const Secret& other) const noexcept {
        return equal_constant_time(ByteView(data_, size_), ByteView(other.data_, other.size_));
    }

private:
    void swap(Secret& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(mapped_, other.mapped_);
    }
    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t mapped_ = 0;
};

/// Overwrites memory in a way no optimiser removes.
void wipe(std::span<std::uint8_t> bytes) noexcept;
void wipe(std::string& text) noexcept;

/// Turns off core dumps and tracing by other users for this process. Call first in a _main.cpp that sees secrets.
void forbid_dumps() noexcept;

/// False once any Secret could not be locked into memory (RLIMIT_MEMLOCK): `status` warns then.
bool secrets_are_locked() noexcept;

}  // namespace base
