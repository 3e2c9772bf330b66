#pragma once
#include <QElapsedTimer>

#include "ui/stations/stations_model.h"
#include "ui/window/page.h"

class QLabel;
class QLineEdit;
class QSortFilterProxyModel;
class QTableView;
class QTabWidget;

namespace ui::parts {
class Figures;
class Notice;
}

namespace ui::stations {

class AccountsView;
class HeldView;
class SessionsView;

/// Who vends: stations with the UKEYs and caps that they have, those that are held, network accounts, and who is logged in.
class StationsPage : public window::Page {
    Q_OBJECT
public:
    StationsPage(link::Link& link, QWidget* parent);
    void refresh() override;
    /// "account:NAME", or a station's name.
    void show_item(const QString& item) override;
    QStringList scenes() const override;
    void show_scene(const QString& scene) override;
    QWidget* first_field() override;

private:
    void ask_lists();
    void ask_held();
    void take_ukeys();
    void look();
    void count();

    StationsModel* model_;
    QSortFilterProxyModel* proxy_;
    HeldView* held_;
    parts::Notice* trouble_;
    QTabWidget* tabs_;
    QLineEdit* filter_;
    QTableView* table_;
    QLabel* empty_;
    parts::Figures* detail_;
    AccountsView* accounts_;
    SessionsView* sessions_;
    QLabel* live_;
    QElapsedTimer listed_;
    std::uint64_t log_size_ = 0;     ///< when what is held was asked for
    std::uint64_t listed_size_ = 0;  ///< when the lists were
};

}  // namespace ui::stations
