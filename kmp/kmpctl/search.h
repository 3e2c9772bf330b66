#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kmp/kmpctl/officer.h"
#include "kmp/searches/filter.h"

/// What an auditor looks for in the log, and finds.
namespace kmp::kmpctl {

using searches::parse_moment;
using searches::parse_search;
using searches::SearchText;

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
