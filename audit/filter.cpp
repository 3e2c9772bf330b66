#include "audit/filter.h"

#include <algorithm>

#include "audit/search_words.h"
#include "base/utf8.h"

namespace audit {
namespace {

using base::Code;

constexpr EventType kRefusals[] = {EventType::denied, EventType::denials_coalesced, EventType::order_refused, EventType::session_refused, EventType::pin_failed, EventType::pin_locked};

template <class Value, class Wanted>
bool any_of(const std::vector<Wanted>& wanted, const Value& value) {
    return std::ranges::find(wanted, value) != wanted.end();
}

/// Nothing wanted, or what is there is among it.
bool fits(const std::vector<std::string>& wanted, const Record& record, Field field) {
    return wanted.empty() || (record.has(field) && any_of(wanted, record.text(field)));
}

bool fits_ukey(const std::vector<std::string>& wanted, const Record& record) {
    return wanted.empty() || std::ranges::any_of(kUkeyFields, [&](Field f) { return fits(wanted, record, f); });
}

bool fits_amount(const Filter& f, const Record& record) {
    if (!f.amount_from && !f.amount_to) return true;
    if (!record.has(Field::amount)) return false;
    const std::uint64_t amount = record.number(Field::amount);
    return amount >= f.amount_from.value_or(0) && (!f.amount_to || amount <= *f.amount_to);
}

bool fits_order(const Filter& f, const Record& record) {
    if (f.orders.empty()) return true;
    const base::ByteView id = record.bytes(Field::order_id);
    return std::ranges::any_of(f.orders, [&](const auto& wanted) { return std::ranges::equal(wanted, id); });
}

/// Which of the words and runs were not seen yet. Both together are at most 2 * kMaxWords.
class Missing {
public:
    explicit Missing(const Filter& filter) : filter_(filter), missing_(filter.words.size() + filter.runs.size()) {}
    bool nothing() const noexcept { return missing_ == 0; }
    /// false: nothing is missing any more.
    bool look(std::string_view text) {
        for (std::size_t i = 0; i < filter_.runs.size(); ++i)
            if (text.find(filter_.runs[i]) != std::string_view::npos) mark(filter_.words.size() + i);
        for (WordReader reader(text); missing_ > 0 && reader.next();)
            for (std::size_t i = 0; i < filter_.words.size(); ++i)
                if (const Filter::Word& w = filter_.words[i]; w.prefix ? reader.word().starts_with(w.text) : reader.word() == w.text) mark(i);
        return missing_ > 0;
    }

private:
    void mark(std::size_t i) {
        if (!found_[i]) --missing_;
        found_[i] = true;
    }
    const Filter& filter_;
    std::size_t missing_;
    std::array<bool, 2 * Filter::kMaxWords> found_{};
};

bool fits_text(const Filter& f, const Record& record) {
    Missing missing(f);
    if (!missing.nothing()) for_each_text(record, [&](std::string_view text) { return missing.look(text); });
    return missing.nothing();
}

}  // namespace

Ending ending_of(const Record& record) noexcept {
    if (record.has(Field::outcome)) return static_cast<Ending>(record.number(Field::outcome));
    return std::ranges::find(kRefusals, record.type()) == std::end(kRefusals) ? Ending::done : Ending::refused;
}

std::string_view name(Ending ending) noexcept {
    switch (ending) {
        case Ending::done: return "done";
        case Ending::undone: return "undone";
        case Ending::unknown: return "unknown";
        case Ending::refused: return "refused";
    }
    return "";
}

base::Result<Ending> parse_ending(std::string_view text) {
    for (Ending e : {Ending::done, Ending::undone, Ending::unknown, Ending::refused})
        if (name(e) == text) return e;
    return {Code::invalid_argument, "outcome: '" + std::string(text) + "' is none of done, refused, undone, unknown"};
}

base::Status Filter::set_text(std::string_view text) {
    const auto refuse = [](const char* why) { return base::Status(Code::invalid_argument, std::string("text: ") + why); };
    if (!base::is_utf8(text)) return refuse("it is no UTF-8");
    words.clear();
    runs.clear();
    std::size_t stars = 0;
    std::string run;
    std::size_t run_end = 0;
    const auto end_run = [&] {
        if (run.size() > 4) runs.push_back(run);  // one character alone is a word already, and none has more than 4 bytes
        run.clear();
    };
    for (WordReader reader(text); reader.next();) {
        if (!reader.is_wide() || reader.position() != run_end + reader.word().size()) end_run();
        if (reader.is_wide()) {
            run += reader.word();
            run_end = reader.position();
        }
        const bool star = reader.behind() == '*';
        stars += star ? 1 : 0;
        words.push_back({std::string(reader.word()), star});
        if (words.size() > kMaxWords) return refuse("it has more than 32 words");
    }
    end_run();
    if (words.empty()) return refuse("there is no word in it");
    if (static_cast<std::size_t>(std::ranges::count(text, '*')) != stars) return refuse("a '*' takes the beginning of a word before it, as revo*");
    return {};
}

bool Filter::matches(const Record& record) const {
    return record.time() >= from && (until == 0 || record.time() < until)       //
           && (types.empty() || any_of(types, record.type()))                   //
           && (meters.empty() || (record.has(Field::meter) && any_of(meters, record.number(Field::meter))))
           && fits_order(*this, record) && fits_amount(*this, record)           //
           && fits(stations, record, Field::station) && fits_ukey(ukeys, record) && fits(actors, record, Field::actor) && fits(accounts, record, Field::account)
           && (endings.empty() || any_of(endings, ending_of(record)))           //
           && fits_text(*this, record);
}

bool Filter::narrows() const noexcept {
    return !types.empty() || !actors.empty() || !ukeys.empty() || !stations.empty() || !meters.empty() || !accounts.empty() || !endings.empty() || amount_from || amount_to || !orders.empty() ||
           !words.empty();
}

}  // namespace audit
