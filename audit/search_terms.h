#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "audit/filter.h"
#include "audit/search_words.h"

namespace audit {

/// A term is what the index knows of an event: a letter for its kind, then the value. Fields with few values have kinds of their own; meters, orders and all else are found by
/// their words. Terms may say too much (long ones are cut, amounts stand in classes), never too little: what they lead to is checked by `Filter::matches`.
enum class TermKind : char { actor = 'a', account = 'c', amount = 'f', ending = 'o', station = 's', type = 't', ukey = 'u', word = 'w' };

/// Of a word, bytes that are kept: the first 18 characters of a UUID of version 7 hold its time and 12 random bits.
inline constexpr std::size_t kWordBytes = 18;
/// Of another value. Also the most that a term has, but for its letter.
inline constexpr std::size_t kValueBytes = 64;

/// The class of an amount: four to each power of two, rising with it.
std::uint8_t amount_class(std::uint64_t fen) noexcept;
std::string make_term(TermKind kind, std::string_view value);

/// Calls on_term(std::string_view) with each term of an event; some come more than once.
template <class F>
void for_each_term(const Record& record, F on_term) {
    const auto give = [&](TermKind kind, std::string_view value) { on_term(std::string_view(make_term(kind, value))); };
    const std::uint16_t type = static_cast<std::uint16_t>(record.type());
    give(TermKind::type, std::string{static_cast<char>(type >> 8), static_cast<char>(type)});
    give(TermKind::ending, std::string(1, static_cast<char>(ending_of(record))));
    for (const Record::Item& item : record.items()) {
        const std::string_view text = base::as_text(item.value);
        if (item.field == Field::actor) give(TermKind::actor, text);
        if (item.field == Field::account) give(TermKind::account, text);
        if (item.field == Field::station) give(TermKind::station, text);
        if (item.field == Field::amount) give(TermKind::amount, std::string(1, static_cast<char>(amount_class(record.number(Field::amount)))));
        for (Field f : kUkeyFields)
            if (item.field == f) give(TermKind::ukey, text);
    }
    std::string term;
    for_each_text(record, [&](std::string_view text) {
        for (WordReader reader(text); reader.next();) {
            term.assign(1, static_cast<char>(TermKind::word));
            on_term(std::string_view(term.append(reader.word().substr(0, kWordBytes))));
        }
        return true;
    });
}

/// Terms from `first` up to `end`, which is not among them.
struct TermRange {
    std::string first;
    std::string end;
};
/// Any of these.
using TermClause = std::vector<TermRange>;
/// What terms an event must have to be worth looking at: one of each clause. The clause that most likely leaves the fewest stands first. None: any event is.
std::vector<TermClause> plan(const Filter& filter);

}  // namespace audit
