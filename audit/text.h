#pragma once
#include <string>
#include <string_view>

namespace audit {

/// Well-formed UTF-8 (RFC 3629) without control characters other than a newline.
bool is_clean_text(std::string_view text) noexcept;

/// The same text with each byte that breaks that rule replaced by '?', and cut at a character boundary to `limit` bytes, "..."
/// at its end. Precondition: limit >= 3.
std::string clean_text(std::string_view text, std::size_t limit);
/// The same without a limit, on one line: newlines become spaces.
std::string clean_line(std::string_view text);

}  // namespace audit
