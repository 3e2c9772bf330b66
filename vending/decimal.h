#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace vending {

/// "0.5283" with four places is 5283: digits, and at most `places` of them behind a point; eight in all, as a meter's registers have room for. Nothing:
/// anything else, a sign or a bare point among it.
std::optional<std::uint32_t> fixed_point(std::string_view text, unsigned places);

}  // namespace vending
