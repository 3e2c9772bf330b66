#include "audit/search_words.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace audit {
namespace {

enum class Sort : std::uint8_t { apart, inner, letter, wide };

constexpr std::array<Sort, 128> ascii_sorts() {
    std::array<Sort, 128> out{};
    for (char c = '0'; c <= '9'; ++c) out[static_cast<std::size_t>(c)] = Sort::letter;
    for (char c = 'a'; c <= 'z'; ++c) out[static_cast<std::size_t>(c)] = out[static_cast<std::size_t>(c - 'a' + 'A')] = Sort::letter;
    for (char c : {'-', '_', '.'}) out[static_cast<std::size_t>(c)] = Sort::inner;
    return out;
}
constexpr std::array<Sort, 128> kAscii = ascii_sorts();

struct Range {
    char32_t first, last;
};
// Unicode's blocks: ideographs and their extensions, kana, Hangul.
constexpr Range kWide[] = {{0x3040, 0x30FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0x20000, 0x3FFFF}};
// Latin-1 signs, general punctuation, CJK punctuation, fullwidth punctuation.
constexpr Range kApart[] = {{0x80, 0xBF}, {0x2000, 0x206F}, {0x3000, 0x303F}, {0xFF00, 0xFF0F}, {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}};

template <std::size_t N>
bool within(char32_t c, const Range (&ranges)[N]) {
    return std::ranges::any_of(ranges, [c](const Range& r) { return c >= r.first && c <= r.last; });
}

struct Character {
    std::size_t size;
    Sort sort;
};

Character character(std::string_view text) noexcept {
    const auto lead = static_cast<std::uint8_t>(text[0]);
    if (lead < 0x80) return {1, kAscii[lead]};
    const std::size_t size = base::utf8_character(text);
    if (size == 0) return {1, Sort::apart};
    char32_t c = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) c = c << 6 | (static_cast<std::uint8_t>(text[i]) & 0x3F);
    return {size, within(c, kWide) ? Sort::wide : within(c, kApart) ? Sort::apart : Sort::letter};
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool WordReader::next() {
    word_.clear();
    wide_ = false;
    while (at_ < text_.size()) {
        const Character c = character(text_.substr(at_));
        if (c.sort == Sort::wide && !word_.empty()) return true;
        if (c.sort == Sort::wide) {
            word_ = text_.substr(at_, c.size);
            at_ += c.size;
            return wide_ = true;
        }
        const bool joins = c.sort == Sort::inner && !word_.empty() && at_ + 1 < text_.size() && character(text_.substr(at_ + 1)).sort == Sort::letter;
        if (c.sort == Sort::letter || joins) {
            for (std::size_t i = 0; i < c.size; ++i) word_.push_back(lower(text_[at_ + i]));
        } else if (!word_.empty()) {
            return true;
        }
        at_ += c.size;
    }
    return !word_.empty();
}

bool is_searched(FieldKind kind) noexcept {
    switch (kind) {
        case FieldKind::meter:
        case FieldKind::customer:
        case FieldKind::operation:
        case FieldKind::ukey_kind:
        case FieldKind::ukey_state:
        case FieldKind::ukey_action:
        case FieldKind::account_change:
        case FieldKind::key_state:
        case FieldKind::classes:
        case FieldKind::outcome:
        case FieldKind::relay:
        case FieldKind::order_kind:
        case FieldKind::channel:
        case FieldKind::identifier:
        case FieldKind::text:
        case FieldKind::uuid: return true;
        case FieldKind::number:
        case FieldKind::fen:
        case FieldKind::time:
        case FieldKind::day_offset:
        case FieldKind::flag:
        case FieldKind::digest:
        case FieldKind::bytes: return false;
    }
    return false;
}

}  // namespace audit
