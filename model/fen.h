#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace model {

/// Money in units of 0.01 yuan. Sums are checked: an overflow is a refusal, never a wrap.
class Fen {
public:
    constexpr Fen() noexcept = default;
    constexpr explicit Fen(std::int64_t value) noexcept : value_(value) {}
    /// "12", "12.3" or "12.34" yuan, not negative, at most 21474836.47 (the meter's field has 4 bytes). invalid_argument otherwise.
    static base::Result<Fen> parse_yuan(std::string_view text);

    constexpr std::int64_t value() const noexcept { return value_; }
    /// "12.34"
    std::string yuan() const;
    /// refused when the sum does not fit.
    base::Result<Fen> plus(Fen other) const;
    constexpr Fen minus(Fen other) const noexcept { return Fen(value_ - other.value_); }
    constexpr auto operator<=>(const Fen&) const = default;

private:
    std::int64_t value_ = 0;
};

/// The most that one order can carry: amounts travel to a meter in 4 bytes, of which we use 31 bits.
inline constexpr Fen kMaxOrderAmount{0x7FFFFFFF};

}  // namespace model
