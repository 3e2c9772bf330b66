#include "kmp/searches/searches.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <toml++/toml.h>

#include "base/fd.h"
#include "base/ids.h"

namespace kmp::searches {
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

std::string quoted(const std::string& value) {
    const bool plain = !value.empty() && std::ranges::all_of(value, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' || c == ':' || c == '+'; });
    if (plain) return value;
    std::string out = "'";
    for (char c : value) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

}  // namespace

const std::vector<SearchLists> kSearchLists{
    {"type", &SearchText::types, "Events of this type (docs/AUDIT_FORMAT.md), as order or ukey_issued"},
    {"ukey", &SearchText::ukeys, "That name the UKEY with this serial"},
    {"station", &SearchText::stations, "Of this station"},
    {"meter", &SearchText::meters, "About the meter with this 12-digit number"},
    {"account", &SearchText::accounts, "Of this network account"},
    {"actor", &SearchText::actors, "Of whoever stands as actor in the event, word for word, as 'uid 1000'"},
    {"order", &SearchText::orders, "Of the order with this id"},
    {"outcome", &SearchText::outcomes, "That ended so: done, refused, undone or unknown"},
};
const std::vector<SearchValues> kSearchValues{
    {"from", &SearchText::from, "Recorded then or later: a day as 2026-11-23 (UTC), a time as 2026-11-23T08:00:00Z or with +08:00, or 7d, 12h, 30m before now"},
    {"until", &SearchText::until, "Recorded before then; of a day, until its end"},
    {"amount_from", &SearchText::amount_from, "Of this amount or more, in yuan"},
    {"amount_to", &SearchText::amount_to, "Of this amount or less, in yuan"},
    {"text", &SearchText::text, "With all these words in the event, in any case; revo* is any word that begins so"},
};

std::string option_of(const std::string& name) {
    std::string out = "--" + name;
    std::ranges::replace(out, '_', '-');
    return out;
}

std::string in_words(const SearchText& search) {
    std::string out;
    const auto add = [&](const char* name, const std::string& value) { out += (out.empty() ? "" : " ") + option_of(name) + " " + quoted(value); };
    for (const SearchLists& list : kSearchLists)
        for (const std::string& value : search.*list.values) add(list.name, value);
    for (const SearchValues& one : kSearchValues)
        if (const std::string& value = search.*one.value; !value.empty()) add(one.name, value);
    return out;
}

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

}  // namespace kmp::searches
