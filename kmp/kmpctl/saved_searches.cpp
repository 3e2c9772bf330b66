// Searches that a user has saved, in a file that kmp-console reads and writes too.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <toml++/toml.h>

#include "base/fd.h"
#include "base/ids.h"
#include "kmp/kmpctl/print.h"
#include "kmp/kmpctl/search.h"

namespace kmp::kmpctl {
namespace {

using base::Code;

constexpr std::size_t kMaxFile = 1 << 20;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

base::Error unreadable(const std::string& file, const std::string& what) {
    return {Code::malformed, file + ": " + what + "; mend the file, or move it away"};
}

/// One table of the file.
base::Result<SearchText> read_search(const std::string& file, const std::string& name, const toml::table& table) {
    SearchText out;
    for (const auto& [key, node] : table) {
        const auto list = std::ranges::find_if(kSearchLists, [&](const SearchLists& l) { return key.str() == l.name; });
        const auto one = std::ranges::find_if(kSearchValues, [&](const SearchValues& v) { return key.str() == v.name; });
        const std::string where = "search." + name + "." + std::string(key.str());
        if (list != kSearchLists.end()) {
            const toml::array* values = node.as_array();
            if (values == nullptr) return unreadable(file, where + " takes a list of texts");
            for (const toml::node& value : *values) {
                if (!value.is_string()) return unreadable(file, where + " takes a list of texts");
                (out.*list->values).push_back(**value.as_string());
            }
        } else if (one != kSearchValues.end()) {
            if (!node.is_string()) return unreadable(file, where + " takes a text");
            out.*one->value = **node.as_string();
        } else {
            return unreadable(file, where + " is no filter that this program knows");
        }
    }
    return out;
}

toml::table table_of(const SearchText& search) {
    toml::table out;
    for (const SearchLists& list : kSearchLists) {
        if ((search.*list.values).empty()) continue;
        toml::array values;
        for (const std::string& value : search.*list.values) values.push_back(value);
        out.insert(list.name, std::move(values));
    }
    for (const SearchValues& one : kSearchValues)
        if (!(search.*one.value).empty()) out.insert(one.name, search.*one.value);
    return out;
}

base::Status show(const nlohmann::ordered_json& document, const std::string& text, bool json) {
    const bool printed = print(json ? document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n" : text);
    if (!printed) return {Code::io_failed, "it is done, but standard output takes no text"};
    return {};
}

base::Error no_such(const std::string& name) { return {Code::not_found, "no search is saved as '" + name + "'; 'kmpctl audit search list' names those that are"}; }

auto named(std::vector<SavedSearch>& searches, const std::string& name) { return std::ranges::find(searches, name, &SavedSearch::name); }

}  // namespace

base::Result<std::string> searches_file() {
    if (const std::string config = variable("XDG_CONFIG_HOME"); config.starts_with('/')) return config + "/kmp/searches.toml";
    if (const std::string home = variable("HOME"); !home.empty()) return home + "/.config/kmp/searches.toml";
    return {Code::not_found, "no folder for your searches is known: set HOME or XDG_CONFIG_HOME"};
}

base::Result<std::vector<SavedSearch>> load_searches(const std::string& file) {
    std::vector<SavedSearch> out;
    auto content = base::read_file(file, kMaxFile);
    if (!content && content.error().code == Code::not_found) return out;
    if (!content) return std::move(content).error();
    try {
        const toml::table parsed = toml::parse(base::as_text(*content));
        for (const auto& [key, node] : parsed)
            if (key.str() != "search" || !node.is_table()) return unreadable(file, "'" + std::string(key.str()) + "' is not [search.NAME]");
        const toml::table* searches = parsed["search"].as_table();
        if (searches == nullptr) return out;
        for (const auto& [key, node] : *searches) {
            const std::string name(key.str());
            if (!node.is_table() || !base::check_name(name, "NAME")) return unreadable(file, "search." + name + " is not a search under a name of letters, digits, '-', '_' and '.'");
            KMP_TRY(SearchText search, read_search(file, name, *node.as_table()));
            out.push_back({name, std::move(search)});
        }
    } catch (const toml::parse_error& e) {
        return unreadable(file, "line " + std::to_string(e.source().begin.line) + ": " + std::string(e.description()));
    }
    return out;
}

base::Status save_searches(const std::string& file, const std::vector<SavedSearch>& searches) {
    toml::table tables;
    for (const SavedSearch& s : searches) tables.insert(s.name, table_of(s.search));
    toml::table all;
    all.insert("search", std::move(tables));
    std::ostringstream out;
    out << "# Saved searches of the audit log. kmpctl and kmp-console read and write this file.\n" << all << "\n";
    const std::filesystem::path folder = std::filesystem::path(file).parent_path();
    std::error_code error;
    std::filesystem::create_directories(folder.parent_path(), error);
    if (error) return base::errno_error("cannot make " + folder.parent_path().string(), error.value());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return base::errno_error("cannot make " + folder.string(), errno);
    return base::write_file_atomically(file, base::as_bytes(out.str()), 0600);
}

base::Status save_search(const std::string& name, const SearchText& search, bool replace, bool json) {
    KMP_TRY(const std::string file, searches_file());
    KMP_TRY(std::vector<SavedSearch> searches, load_searches(file));
    if (const auto there = named(searches, name); there != searches.end()) {
        if (!replace) return {Code::already_exists, "a search is saved as '" + name + "' already; give --replace to put this one in its place"};
        there->search = search;
    } else {
        searches.push_back({name, search});
    }
    KMP_CHECK(save_searches(file, searches));
    return show({{"name", name}, {"filters", in_words(search)}, {"file", file}}, "Saved. Run it: kmpctl audit search run " + name + "\n", json);
}

base::Status list_searches(bool json) {
    KMP_TRY(const std::string file, searches_file());
    KMP_TRY(const std::vector<SavedSearch> searches, load_searches(file));
    Table table({"NAME", "FILTERS"});
    nlohmann::ordered_json document = {{"searches", nlohmann::ordered_json::array()}};
    for (const SavedSearch& s : searches) {
        table.add({s.name, in_words(s.search)});
        document["searches"].push_back({{"name", s.name}, {"filters", in_words(s.search)}});
    }
    return show(document, searches.empty() ? "No search is saved.\n" : table.text(), json);
}

base::Status remove_search(const std::string& name, bool json) {
    KMP_TRY(const std::string file, searches_file());
    KMP_TRY(std::vector<SavedSearch> searches, load_searches(file));
    const auto there = named(searches, name);
    if (there == searches.end()) return no_such(name);
    searches.erase(there);
    KMP_CHECK(save_searches(file, searches));
    return show({{"name", name}}, "Removed.\n", json);
}

base::Result<SearchText> saved_search(const std::string& name) {
    KMP_TRY(const std::string file, searches_file());
    KMP_TRY(std::vector<SavedSearch> searches, load_searches(file));
    const auto there = named(searches, name);
    if (there == searches.end()) return no_such(name);
    return there->search;
}

}  // namespace kmp::kmpctl
