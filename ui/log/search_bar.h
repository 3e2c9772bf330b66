#pragma once
#include <QTimer>
#include <QWidget>

#include "ui/log/saved_searches.h"
#include "ui/log/search_words.h"

class QLineEdit;
class QMenu;
class QToolButton;

namespace ui::parts {
class Flow;
class Notice;
}

namespace ui::log {

/// What is looked for: words, a filter whose parts can be taken away one by one, and searches that are kept.
class SearchBar : public QWidget {
    Q_OBJECT
public:
    explicit SearchBar(QWidget* parent);
    const SearchText& search() const noexcept { return search_; }
    /// Another one; changed() tells.
    void set_search(const SearchText& search);
    /// Whatever was looked for before is over: only this.
    void only(const std::string& name, const std::string& value);
    void begin_typing();
    void open_filter();
    QLineEdit* field() const noexcept { return text_; }
    void load() { saved_.load(); }

signals:
    void changed();

private:
    void look();
    void take_text();
    void fill_menu();
    void ask_name(const QString& title, const QString& label, const QString& name, std::function<void(const std::string&)> then);
    void ask_remove(const std::string& name);

    SearchText search_;
    SavedSearches saved_;
    QLineEdit* text_;
    QToolButton* filter_;
    QToolButton* kept_;
    QMenu* menu_;
    QWidget* chips_;
    parts::Flow* flow_;
    parts::Notice* wrong_;
    QTimer typed_;
};

}  // namespace ui::log
