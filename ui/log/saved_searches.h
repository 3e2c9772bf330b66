#pragma once
#include <QObject>
#include <functional>
#include <vector>

#include "kmp/searches/searches.h"

namespace ui::log {

using kmp::searches::SavedSearch;

/// The searches that this user keeps, in the file that kmpctl reads too. The file is read and written off the window's thread, each time whole: another program may have changed it.
class SavedSearches : public QObject {
    Q_OBJECT
public:
    explicit SavedSearches(QObject* parent) : QObject(parent) {}
    /// As they were read last.
    const std::vector<SavedSearch>& all() const noexcept { return all_; }
    void load();
    /// In the place of one of that name.
    void save(SavedSearch search);
    void rename(const std::string& from, const std::string& to);
    void remove(const std::string& name);

signals:
    void changed();
    void failed(const base::Error& error);

private:
    using Change = std::function<base::Status(std::vector<SavedSearch>&)>;
    void run(Change change);
    std::vector<SavedSearch> all_;
};

}  // namespace ui::log
