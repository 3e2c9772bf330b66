#pragma once
#include <string>
#include <vector>

#include "base/result.h"

/// Searches of the audit log as people type and keep them: for kmpctl and kmp-console, which share one file.
namespace kmp::searches {

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

/// The searches that this user has saved: $XDG_CONFIG_HOME/kmp/searches.toml, or ~/.config/kmp/searches.toml (docs/OPERATION.md).
base::Result<std::string> searches_file();
struct SavedSearch {
    std::string name;
    SearchText search;
};
/// By name. None where there is no file. malformed: the file cannot be read.
base::Result<std::vector<SavedSearch>> load_searches(const std::string& file);
base::Status save_searches(const std::string& file, const std::vector<SavedSearch>& searches);

}  // namespace kmp::searches
