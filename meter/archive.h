#pragma once
#include <array>
#include <type_traits>
#include <vector>

#include "base/bytes.h"

/// Writes and reads a record by one and the same list of its fields: `template <class A> void fields(A& a, S& s) { a(s.x, s.y); }`.
/// Numbers are big-endian; a vector has its size (2 bytes) before it.
namespace meter::archive {

class Writer {
public:
    template <class... T>
    void operator()(T&... values) {
        (one(values), ...);
    }
    const base::Bytes& view() const noexcept { return out_; }

private:
    template <class T>
    void one(const T& value) {
        if constexpr (std::is_enum_v<T>) {
            one(static_cast<std::underlying_type_t<T>>(value));
        } else if constexpr (std::is_integral_v<T>) {
            const auto number = static_cast<std::uint64_t>(value);
            for (std::size_t i = sizeof(T); i-- > 0;) out_.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
        } else {
            fields(*this, const_cast<T&>(value));  // a writer leaves the fields as they are
        }
    }
    template <class T, std::size_t N>
    void one(const std::array<T, N>& values) {
        for (const T& value : values) one(value);
    }
    template <class T>
    void one(const std::vector<T>& values) {
        one(static_cast<std::uint16_t>(values.size()));
        for (const T& value : values) one(value);
    }
    base::Bytes out_;
};

/// The first field that is not there makes all later ones zero, and `whole` false.
class Reader {
public:
    explicit Reader(base::ByteView in) noexcept : in_(in) {}
    template <class... T>
    void operator()(T&... values) {
        (one(values), ...);
    }
    /// Everything was there, and nothing is left.
    bool whole() const noexcept { return good_ && in_.empty(); }

private:
    template <class T>
    void one(T& value) {
        if constexpr (std::is_enum_v<T>) {
            std::underlying_type_t<T> number{};
            one(number);
            value = static_cast<T>(number);
        } else if constexpr (std::is_integral_v<T>) {
            std::uint64_t number = 0;
            good_ = good_ && in_.size() >= sizeof(T);
            if (good_) {
                for (std::size_t i = 0; i < sizeof(T); ++i) number = number << 8 | in_[i];
                in_ = in_.subspan(sizeof(T));
            }
            value = static_cast<T>(number);
        } else {
            fields(*this, value);
        }
    }
    template <class T, std::size_t N>
    void one(std::array<T, N>& values) {
        for (T& value : values) one(value);
    }
    template <class T>
    void one(std::vector<T>& values) {
        std::uint16_t size = 0;
        one(size);
        values.clear();
        for (std::size_t i = 0; i < size && good_; ++i) {
            values.emplace_back();
            one(values.back());
        }
    }
    base::ByteView in_;
    bool good_ = true;
};

}  // namespace meter::archive
