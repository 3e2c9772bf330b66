#include "vending/decimal.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace vending {

std::optional<std::uint32_t> fixed_point(std::string_view text, unsigned places) {
    constexpr std::size_t kDigits = 8;
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::string_view whole = text.substr(0, point);
    const std::string_view part = point == text.size() ? std::string_view() : text.substr(point + 1);
    if (whole.empty() || part.size() > places || (point != text.size() && part.empty()) || whole.size() + places > kDigits) return std::nullopt;
    std::string digits(whole);
    digits += part;
    digits.append(places - part.size(), '0');
    if (digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    std::uint32_t out = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return out;
}

}  // namespace vending
