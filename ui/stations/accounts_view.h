#pragma once
#include <QWidget>
#include <vector>

#include "ui/link/link.h"
#include "ui/stations/account_deeds.h"
#include "ui/stations/accounts_model.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QSortFilterProxyModel;
class QTableView;

namespace ui::parts {
class Figures;
class Notice;
}

namespace ui::stations {

/// Network accounts: a list, and the chosen one with what can be done with it.
class AccountsView : public QWidget {
    Q_OBJECT
public:
    AccountsView(link::Link& link, QWidget* parent);
    void refresh();
    /// The account of this name, once it is there.
    void choose(const QString& name);
    void set_ukeys(std::vector<UkeyChoice> ukeys) { ukeys_ = std::move(ukeys); }
    const AccountsModel& model() const noexcept { return *model_; }
    void add();

signals:
    void go_to(const QString& page, const QString& item);
    void counted();  ///< the list was read

private:
    const link::pb::Account* chosen() const;
    void take();
    void look();
    void open(parts::DeedDialog* dialog);
    QPushButton* button(const QString& text, const char* name, parts::DeedDialog* (*make)(link::Link&, const link::pb::Account&, QWidget*));

    link::Link& link_;
    AccountsModel* model_;
    QSortFilterProxyModel* proxy_;
    QLineEdit* filter_;
    QTableView* table_;
    QLabel* empty_;
    parts::Notice* trouble_;
    QWidget* detail_;
    parts::Figures* figures_;
    QPushButton* add_;
    QPushButton* disable_;
    QPushButton* enable_;
    QPushButton* reset_;
    QPushButton* bind_;
    std::vector<UkeyChoice> ukeys_;
    std::string wanted_;
};

}  // namespace ui::stations
