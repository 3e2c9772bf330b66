#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "kmp/kmpctl/officer.h"

/// What an auditor looks for in the log, and finds.
namespace kmp::kmpctl {

/// A filter as it is typed, and as it stands in the file of saved searches.
struct SearchText {
    std::vector<std::string> types, ukeys, stations, meters, accounts, actors, orders, outcomes;
    std::string from;         ///< a time: "2026-11-23" (UTC, its beginning), RFC 3339, or "7d", "12h", "30m" before now
    std::string until;        ///< the same, and not included; a day is, to its end
    std::string amount_from;  ///< yuan
    std::string amount_to;
    std::string text;
    bool operator==(const SearchText&) const = default;
};
/// Each value of SearchText by its name in the file; its option is "--" and that, with '-' for '_'.
struct SearchLists {
    const char* name;
    std::vector<std::string> SearchText::*values;
    const char* help;
};
struct SearchValues {
    const char* name;
    std::string SearchText::*value;
    const char* help;
};
extern const std::vector<SearchLists> kSearchLists;
extern const std::vector<SearchValues> kSearchValues;
std::string option_of(const std::string& name);
/// As it would be typed: "--type denied --text 'no such meter'".
std::string in_words(const SearchText& search);

/// The filter as the wire carries it. invalid_argument names the option that cannot be read, and what it takes.
base::Result<wire::pb::AuditFilter> parse_search(const SearchText& search, base::Millis now);
/// "2026-11-23", "2026-11-23T08:00:00Z", "2026-11-23T08:00:00+08:00", or "7d" and the like before `now`. `end`: a day stands for its end. invalid_argument.
base::Result<base::Millis> parse_moment(const std::string& text, std::string_view option, bool end, base::Millis now);

struct ListArguments {
    SearchText search;
    std::optional<std::uint64_t> first;   ///< from there on; otherwise the newest
    std::optional<std::uint64_t> before;  ///< of those below this index
    std::uint32_t limit = 50;
    std::string command = "audit list";   ///< what the user is told to go on with
};
base::Status list_events(Officer& officer, const ListArguments& arguments);
/// One event with all its fields. not_found: there is none, or it was archived.
base::Status show_event(Officer& officer, std::uint64_t index);

/// The searches that this user has saved: $XDG_CONFIG_HOME/kmp/searches.toml, or ~/.config/kmp/searches.toml (docs/OPERATION.md).
base::Result<std::string> searches_file();
struct SavedSearch {
    std::string name;
    SearchText search;
};
/// By name. None where there is no file. malformed: the file cannot be read.
base::Result<std::vector<SavedSearch>> load_searches(const std::string& file);
base::Status save_searches(const std::string& file, const std::vector<SavedSearch>& searches);

base::Status save_search(const std::string& name, const SearchText& search, bool replace, bool json);
base::Status list_searches(bool json);
base::Status remove_search(const std::string& name, bool json);
/// not_found.
base::Result<SearchText> saved_search(const std::string& name);

}  // namespace kmp::kmpctl
