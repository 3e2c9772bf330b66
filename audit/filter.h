#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/event.h"

namespace audit {

/// How an event ended, as a search calls it: what its field `outcome` says; refused for those that tell of a refusal; otherwise done.
enum class Ending : std::uint8_t { done = 1, undone = 2, unknown = 3, refused = 4 };
Ending ending_of(const Record& record) noexcept;
std::string_view name(Ending) noexcept;
/// By its name; invalid_argument.
base::Result<Ending> parse_ending(std::string_view name);

/// Which events an auditor looks for. What is empty does not narrow; of several values of one kind any will do; all kinds must fit.
/// This is the exact rule: an index only says where looking is worth while. Pure. Thread: any.
struct Filter {
    base::Millis from = 0;   ///< recorded at this time or later
    base::Millis until = 0;  ///< and before this one; 0: without an end
    std::vector<EventType> types;
    std::vector<std::string> actors;    ///< as the field reads, from end to end
    std::vector<std::string> ukeys;     ///< serials in the fields ukey, officer or charged
    std::vector<std::string> stations;
    std::vector<std::uint64_t> meters;
    std::vector<std::string> accounts;
    std::vector<Ending> endings;
    std::optional<std::uint64_t> amount_from, amount_to;  ///< fen, both included; events without an amount do not fit
    std::vector<std::array<std::uint8_t, 16>> orders;

    /// One word that must stand in the event (search_words.h).
    struct Word {
        std::string text;
        bool prefix = false;  ///< or one that begins so
    };
    std::vector<Word> words;
    /// Chinese, Japanese or Korean characters that must stand there one behind the other.
    std::vector<std::string> runs;

    /// Takes the words of a text; "revo*" stands for any that begins so. invalid_argument: there is no word in it, a '*' without one, more than kMaxWords, or no UTF-8.
    base::Status set_text(std::string_view text);

    bool matches(const Record& record) const;
    /// Something but the time narrows.
    bool narrows() const noexcept;

    static constexpr std::size_t kMaxWords = 32;
    static constexpr std::size_t kMaxValues = 64;  ///< of one kind, for those who take a filter from outside
};

/// The fields that name a UKEY for `Filter::ukeys`.
inline constexpr std::array kUkeyFields{Field::ukey, Field::officer, Field::charged};

}  // namespace audit
