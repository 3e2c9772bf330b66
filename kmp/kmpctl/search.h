#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "kmp/kmpctl/officer.h"
#include "kmp/searches/searches.h"

/// What an auditor looks for in the log, and finds.
namespace kmp::kmpctl {

using searches::SearchText;

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

// Of the searches that this user has saved.
base::Status save_search(const std::string& name, const SearchText& search, bool replace, bool json);
base::Status list_searches(bool json);
base::Status remove_search(const std::string& name, bool json);
/// not_found.
base::Result<SearchText> saved_search(const std::string& name);

}  // namespace kmp::kmpctl
