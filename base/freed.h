#pragma once

namespace base {

/// Frees what a C library made by the function that the library has for it: std::unique_ptr<X509, Freed<X509_free>>.
template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* p) const noexcept {
        Free(p);
    }
};

}  // namespace base
