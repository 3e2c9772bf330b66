#include "ui/log/saved_searches.h"

#include <QtConcurrent>
#include <algorithm>
#include <memory>

#include "base/ids.h"
#include "ui/link/after.h"

namespace ui::log {
namespace {

using base::Code;
using Searches = std::vector<SavedSearch>;
using Outcome = std::shared_ptr<base::Result<Searches>>;

base::Result<Searches> work(const std::function<base::Status(Searches&)>& change) {
    KMP_TRY(const std::string file, kmp::searches::searches_file());
    KMP_TRY(Searches all, kmp::searches::load_searches(file));
    if (!change) return all;
    KMP_CHECK(change(all));
    KMP_CHECK(kmp::searches::save_searches(file, all));
    return all;
}

}  // namespace

void SavedSearches::run(Change change) {
    link::after(QtConcurrent::run([change = std::move(change)]() -> Outcome { return std::make_shared<base::Result<Searches>>(work(change)); }), this, [this](const Outcome& outcome) {
        if (!*outcome) {
            emit failed(outcome->error());
            return;
        }
        all_ = std::move(**outcome);
        emit changed();
    });
}

void SavedSearches::load() { run({}); }

void SavedSearches::save(SavedSearch search) {
    run([search = std::move(search)](Searches& all) -> base::Status {
        KMP_CHECK(base::check_name(search.name, "the name of a search"));
        if (const auto there = std::ranges::find(all, search.name, &SavedSearch::name); there != all.end()) there->search = search.search;
        else all.push_back(search);
        return {};
    });
}

void SavedSearches::rename(const std::string& from, const std::string& to) {
    run([from, to](Searches& all) -> base::Status {
        KMP_CHECK(base::check_name(to, "the name of a search"));
        if (from != to && std::ranges::find(all, to, &SavedSearch::name) != all.end()) return {Code::already_exists, "a search is saved as '" + to + "' already"};
        const auto there = std::ranges::find(all, from, &SavedSearch::name);
        if (there == all.end()) return {Code::not_found, "no search is saved as '" + from + "'"};
        there->name = to;
        return {};
    });
}

void SavedSearches::remove(const std::string& name) {
    run([name](Searches& all) -> base::Status {
        if (std::erase_if(all, [&](const SavedSearch& s) { return s.name == name; }) == 0) return {Code::not_found, "no search is saved as '" + name + "'"};
        return {};
    });
}

}  // namespace ui::log
