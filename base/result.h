#pragma once
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"

namespace base {

/// A value, or the Error that says why there is none. Test it before use: `if (!r) return r.error();`
template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}          // NOLINT: implicit by design
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}      // NOLINT
    Result(Code code, std::string message, std::int64_t raw = 0)
        : state_(std::in_place_index<1>, Error{code, std::move(message), raw}) {}

    explicit operator bool() const noexcept { return state_.index() == 0; }
    bool ok() const noexcept { return state_.index() == 0; }

    /// Precondition: ok(). Asking a failed result for its value is a bug and throws std::bad_variant_access.
    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    /// Precondition: !ok().
    const Error& error() const& { return std::get<1>(state_); }
    Error&& error() && { return std::get<1>(std::move(state_)); }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design
    Result(Code code, std::string message, std::int64_t raw = 0) : error_(Error{code, std::move(message), raw}) {}

    explicit operator bool() const noexcept { return !error_; }
    bool ok() const noexcept { return !error_; }
    const Error& error() const& { return *error_; }
    Error&& error() && { return std::move(*error_); }

private:
    std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace base

#define KMP_JOIN_(a, b) a##b
#define KMP_JOIN(a, b) KMP_JOIN_(a, b)

/// KMP_TRY(auto x, f()); declares x from the value of f(), or returns its error from the enclosing function.
#define KMP_TRY(declaration, ...)                                                     \
    auto KMP_JOIN(kmp_try_, __LINE__) = (__VA_ARGS__);                                \
    if (!KMP_JOIN(kmp_try_, __LINE__)) return std::move(KMP_JOIN(kmp_try_, __LINE__)).error(); \
    declaration = std::move(KMP_JOIN(kmp_try_, __LINE__)).value()

/// KMP_CHECK(f()); returns the error of f() from the enclosing function, if there is one.
#define KMP_CHECK(...)                                             \
    do {                                                           \
        auto kmp_check_ = (__VA_ARGS__);                           \
        if (!kmp_check_) return std::move(kmp_check_).error();     \
    } while (false)
