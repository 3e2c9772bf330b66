#pragma once
#include <algorithm>
#include <span>
#include <string_view>

namespace ui::parts {

/// A name of the wire or of the log, and what people read for it in English: marked with QT_TRANSLATE_NOOP, translated where it is shown.
struct Word {
    std::string_view name;
    const char* text;
};

/// nullptr: the table does not have it.
inline const char* text_of(std::span<const Word> words, std::string_view name) {
    const auto at = std::ranges::find(words, name, &Word::name);
    return at == words.end() ? nullptr : at->text;
}

}  // namespace ui::parts
