#include "audit/text.h"

#include <algorithm>
#include <cstdint>

#include "base/utf8.h"

namespace audit {
namespace {

/// How many bytes the good character at the start of `text` has; 0: it is not a good one.
std::size_t character(std::string_view text) noexcept {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    if (at(0) < 0x20 ? text[0] != '\n' : at(0) == 0x7F) return 0;
    if (at(0) == 0xC2 && text.size() > 1 && at(1) < 0xA0) return 0;  // U+0080 to U+009F are control characters
    return base::utf8_character(text);
}

}  // namespace

bool is_clean_text(std::string_view text) noexcept {
    // Nearly all of it is printable ASCII.
    if (std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) return true;
    while (!text.empty()) {
        const std::size_t n = character(text);
        if (n == 0) return false;
        text.remove_prefix(n);
    }
    return true;
}

std::string clean_text(std::string_view text, std::size_t limit) {
    std::string out;
    std::size_t cut = 0;  // the last boundary that leaves room for the dots
    while (!text.empty()) {
        const std::size_t n = character(text);
        const std::size_t taken = n == 0 ? 1 : n;
        if (out.size() + taken > limit) {
            out.resize(cut);
            return out + "...";
        }
        if (n == 0)
            out.push_back('?');
        else
            out.append(text.substr(0, n));
        text.remove_prefix(taken);
        if (out.size() + 3 <= limit) cut = out.size();
    }
    return out;
}

std::string clean_line(std::string_view text) {
    std::string out = clean_text(text, std::max<std::size_t>(text.size(), 3));  // no longer than it was
    std::ranges::replace(out, '\n', ' ');
    return out;
}

}  // namespace audit
