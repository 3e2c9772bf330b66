#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace meter::dlt645 {

/// The communication address of a frame: twelve decimal digits, or a pattern with AA for bytes that do not matter.
/// Text and `bytes()` have the most significant digit first; the line carries the bytes in reverse.
/// source: DL/T 645-2007, 5.2.2
class Address {
public:
    using Raw = std::array<std::uint8_t, 6>;
    /// 000000000000, which is a number like any other.
    Address() noexcept : raw_{} {}
    /// AA x 6: any meter answers a reading.
    static Address wildcard() noexcept;
    /// 99 x 6: every meter listens, none answers.
    static Address broadcast() noexcept;
    /// Twelve digits, or two letters `AA` in the place of two digits. invalid_argument otherwise.
    static base::Result<Address> parse(std::string_view text);
    /// Six bytes, most significant first. malformed: a byte that is neither two decimal digits nor AA.
    static base::Result<Address> from_bytes(base::ByteView six);

    const Raw& bytes() const noexcept { return raw_; }
    /// "123456789012", "AAAAAAAAAAAA".
    std::string text() const;
    bool is_broadcast() const noexcept;
    /// True when any byte is AA.
    bool has_wildcard() const noexcept;
    /// True for the same number, and where this address says AA for whatever stands there. A broadcast matches all.
    bool matches(const Address& number) const noexcept;
    auto operator<=>(const Address&) const = default;

private:
    Raw raw_;
};

}  // namespace meter::dlt645
