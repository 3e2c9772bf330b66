#pragma once
#include <string>
#include <string_view>

#include "audit/event.h"

namespace audit {

/// Cuts text into the words that a search goes by. A word is a run of letters and digits, with '-', '_' and '.' where they stand between two of these ("s-17",
/// "per_day", "50.00"); A to Z are lower case; each Chinese, Japanese or Korean character is a word of its own. All else separates.
class WordReader {
public:
    explicit WordReader(std::string_view text) noexcept : text_(text) {}
    /// false: there are no more.
    bool next();
    /// Until the next call.
    std::string_view word() const noexcept { return word_; }
    /// One such character.
    bool is_wide() const noexcept { return wide_; }
    /// What stands right behind the word, where it is ASCII; 0 otherwise, and at the end.
    char behind() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    /// How far it has read.
    std::size_t position() const noexcept { return at_; }

private:
    std::string_view text_;
    std::size_t at_ = 0;
    std::string word_;
    bool wide_ = false;
};

/// Whether a person would look for a field's value as words: texts, names, numbers of meters, customers and orders. Not hashes and bytes, plain numbers and times;
/// those that matter stand in the event's line.
bool is_searched(FieldKind kind) noexcept;

/// Calls on_text(std::string_view) -> bool with each text of an event that a search looks through, until one answers false: its line, the name of its type, and the fields of
/// `is_searched`. The one place that says what is looked through: the index and the exact check go by it.
template <class F>
void for_each_text(const Record& record, F on_text) {
    if (!on_text(std::string_view(to_text(record))) || !on_text(record.info().name)) return;
    for (const Record::Item& item : record.items()) {
        const FieldInfo* info = find_field(static_cast<std::uint8_t>(item.field));
        if (!is_searched(info->kind)) continue;
        if (info->kind == FieldKind::text ? !on_text(base::as_text(item.value)) : !on_text(std::string_view(value_in_words(item.field, item.value)))) return;
    }
}

}  // namespace audit
