#include "audit/search_terms.h"

#include <algorithm>
#include <bit>

#include "audit/words.h"

namespace audit {
namespace {

TermRange exactly(std::string term) {
    std::string end = term + '\0';
    return {std::move(term), std::move(end)};
}

/// All that begin so. Precondition: the last byte is not FF; words are UTF-8, which has none.
TermRange beginning(std::string term) {
    std::string end = term;
    end.back() = static_cast<char>(static_cast<std::uint8_t>(end.back()) + 1);
    return {std::move(term), std::move(end)};
}

TermRange word(std::string_view text, bool prefix) {
    std::string term = make_term(TermKind::word, text);
    // What is as long as a term gets may be the beginning of several words as it stands.
    return prefix && text.size() < kWordBytes ? beginning(std::move(term)) : exactly(std::move(term));
}

template <class Values, class F>
void add(std::vector<TermClause>& plan, const Values& values, F range_of) {
    if (values.empty()) return;
    TermClause& clause = plan.emplace_back();
    for (const auto& value : values) clause.push_back(range_of(value));
}

void add_texts(std::vector<TermClause>& plan, TermKind kind, const std::vector<std::string>& values) {
    add(plan, values, [kind](const std::string& value) { return exactly(make_term(kind, value)); });
}

std::string uuid_in_words(const std::array<std::uint8_t, 16>& id) { return value_in_words(Field::order_id, id); }

void add_words(std::vector<TermClause>& plan, const Filter& filter) {
    std::vector<Filter::Word> words = filter.words;
    std::ranges::stable_sort(words, std::ranges::greater(), [](const Filter::Word& w) { return w.prefix ? 0 : w.text.size(); });
    for (const Filter::Word& w : words) plan.push_back({word(w.text, w.prefix)});
}

void add_amounts(std::vector<TermClause>& plan, const Filter& filter) {
    if (!filter.amount_from && !filter.amount_to) return;
    TermRange range;
    range.first = make_term(TermKind::amount, std::string(1, static_cast<char>(amount_class(filter.amount_from.value_or(0)))));
    range.end = make_term(TermKind::amount, std::string(1, static_cast<char>(amount_class(filter.amount_to.value_or(UINT64_MAX)) + 1)));
    plan.push_back({std::move(range)});
}

}  // namespace

std::uint8_t amount_class(std::uint64_t fen) noexcept {
    if (fen < 4) return static_cast<std::uint8_t>(fen);
    const int power = static_cast<int>(std::bit_width(fen)) - 1;
    return static_cast<std::uint8_t>(4 * power - 4 + static_cast<int>(fen >> (power - 2) & 3));
}

std::string make_term(TermKind kind, std::string_view value) {
    std::string out(1, static_cast<char>(kind));
    return out.append(value.substr(0, kind == TermKind::word ? kWordBytes : kValueBytes));
}

std::vector<TermClause> plan(const Filter& filter) {
    std::vector<TermClause> out;
    add(out, filter.orders, [](const auto& id) { return word(uuid_in_words(id), false); });
    add(out, filter.meters, [](std::uint64_t number) { return word(meter_text(number), false); });
    add_texts(out, TermKind::account, filter.accounts);
    add_texts(out, TermKind::ukey, filter.ukeys);
    add_texts(out, TermKind::station, filter.stations);
    add_texts(out, TermKind::actor, filter.actors);
    add_words(out, filter);
    add(out, filter.types, [](EventType type) {
        const auto number = static_cast<std::uint16_t>(type);
        return exactly(make_term(TermKind::type, std::string{static_cast<char>(number >> 8), static_cast<char>(number)}));
    });
    add_amounts(out, filter);
    add(out, filter.endings, [](Ending e) { return exactly(make_term(TermKind::ending, std::string(1, static_cast<char>(e)))); });
    return out;
}

}  // namespace audit
