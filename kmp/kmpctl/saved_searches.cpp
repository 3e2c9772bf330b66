// Searches that a user has saved.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "kmp/kmpctl/print.h"
#include "kmp/kmpctl/search.h"

namespace kmp::kmpctl {
namespace {

using base::Code;
using searches::SavedSearch;

base::Error no_such(const std::string& name) { return {Code::not_found, "no search is saved as '" + name + "'; 'kmpctl audit search list' names those that are"}; }

auto named(std::vector<SavedSearch>& all, const std::string& name) { return std::ranges::find(all, name, &SavedSearch::name); }

}  // namespace

base::Status save_search(const std::string& name, const SearchText& search, bool replace, bool json) {
    KMP_TRY(const std::string file, searches::searches_file());
    KMP_TRY(std::vector<SavedSearch> all, searches::load_searches(file));
    if (const auto there = named(all, name); there != all.end()) {
        if (!replace) return {Code::already_exists, "a search is saved as '" + name + "' already; give --replace to put this one in its place"};
        there->search = search;
    } else {
        all.push_back({name, search});
    }
    KMP_CHECK(searches::save_searches(file, all));
    return show({{"name", name}, {"filters", searches::in_words(search)}, {"file", file}}, "Saved. Run it: kmpctl audit search run " + name + "\n", json);
}

base::Status list_searches(bool json) {
    KMP_TRY(const std::string file, searches::searches_file());
    KMP_TRY(const std::vector<SavedSearch> all, searches::load_searches(file));
    Table table({"NAME", "FILTERS"});
    nlohmann::ordered_json document = {{"searches", nlohmann::ordered_json::array()}};
    for (const SavedSearch& s : all) {
        table.add({s.name, searches::in_words(s.search)});
        document["searches"].push_back({{"name", s.name}, {"filters", searches::in_words(s.search)}});
    }
    return show(document, all.empty() ? "No search is saved.\n" : table.text(), json);
}

base::Status remove_search(const std::string& name, bool json) {
    KMP_TRY(const std::string file, searches::searches_file());
    KMP_TRY(std::vector<SavedSearch> all, searches::load_searches(file));
    const auto there = named(all, name);
    if (there == all.end()) return no_such(name);
    all.erase(there);
    KMP_CHECK(searches::save_searches(file, all));
    return show({{"name", name}}, "Removed.\n", json);
}

base::Result<SearchText> saved_search(const std::string& name) {
    KMP_TRY(const std::string file, searches::searches_file());
    KMP_TRY(std::vector<SavedSearch> all, searches::load_searches(file));
    const auto there = named(all, name);
    if (there == all.end()) return no_such(name);
    return there->search;
}

}  // namespace kmp::kmpctl
