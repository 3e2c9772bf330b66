#include "audit/text.h"

#include <cstdint>

namespace audit {
namespace {

/// How many bytes the good character at the start of `text` has; 0: it is not a good one.
std::size_t character(std::string_view text) noexcept {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const auto follows = [&](std::size_t i, std::uint8_t low, std::uint8_t high) { return i < text.size() && at(i) >= low && at(i) <= high; };
    const std::uint8_t lead = at(0);
    if (lead < 0x80) return lead == '\n' || (lead >= 0x20 && lead != 0x7F) ? 1 : 0;
    // RFC 3629 section 4: the second byte's range keeps out overlong forms, surrogates and what lies beyond U+10FFFF.
    if (lead == 0xC2) return follows(1, 0xA0, 0xBF) ? 2 : 0;  // U+0080 to U+009F are control characters
    if (lead > 0xC2 && lead <= 0xDF) return follows(1, 0x80, 0xBF) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;
        const std::uint8_t high = lead == 0xED ? 0x9F : 0xBF;
        return follows(1, low, high) && follows(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
        const std::uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;
        return follows(1, low, high) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

}  // namespace

bool is_clean_text(std::string_view text) noexcept {
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

}  // namespace audit
