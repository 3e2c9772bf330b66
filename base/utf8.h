#pragma once
#include <cstddef>
#include <string_view>

namespace base {

/// How many bytes the well-formed character at the start of `text` has (RFC 3629, section 4: no overlong forms, no surrogates, nothing
/// beyond U+10FFFF); 0: there is none. Precondition: not empty.
std::size_t utf8_character(std::string_view text) noexcept;

/// Well-formed from end to end.
bool is_utf8(std::string_view text) noexcept;

}  // namespace base
