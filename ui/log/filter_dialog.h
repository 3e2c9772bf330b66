#pragma once
#include <QDialog>
#include <map>

#include "ui/log/search_words.h"

class QCheckBox;
class QComboBox;
class QLineEdit;
class QTreeWidget;

namespace ui::parts {
class Notice;
}

namespace ui::log {

/// Which events, field by field. It takes only what can be searched for. It does not block: open() it; it deletes itself when it is closed.
class FilterDialog : public QDialog {
    Q_OBJECT
public:
    FilterDialog(const SearchText& search, QWidget* parent);

signals:
    void chosen(const ui::log::SearchText& search);

private:
    QWidget* make_types();
    QWidget* make_fields();
    void fill(const SearchText& search);
    SearchText read() const;
    void clear();
    void finish();

    QComboBox* from_;
    QComboBox* until_;
    std::map<std::string, QLineEdit*> lines_;
    std::map<std::string, QCheckBox*> outcomes_;
    QTreeWidget* types_;
    parts::Notice* wrong_;
    std::string text_;  ///< free text, which is typed elsewhere
};

}  // namespace ui::log
