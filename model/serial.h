#pragma once
#include <cstddef>
#include <string_view>

namespace model {

/// What the serial of a UKEY is made of behind "US-": Crockford's 32 letters, of which none is mistaken for another on paper.
inline constexpr std::string_view kSerialLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many of them.
inline constexpr std::size_t kSerialRandom = 8;
inline constexpr std::size_t kSerialSize = 3 + kSerialRandom;  ///< "US-J0WMHEW6"

/// Whether `text` has the shape of a serial that the platform gave.
constexpr bool is_serial(std::string_view text) {
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    return text.size() == kSerialSize && upper(text[0]) && upper(text[1]) && text[2] == '-' && text.substr(3).find_first_not_of(kSerialLetters) == std::string_view::npos;
}

}  // namespace model
