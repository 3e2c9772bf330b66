#pragma once
#include <QElapsedTimer>
#include <QTimer>
#include <set>

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

/// Who vends: stations with the UKEYs and caps that they have, those that are held, and network accounts.
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
    void ask_ukeys();
    void ask_held();
    void ask_terms();
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
    QLabel* live_;
    QTimer soon_;  ///< rows in view are asked for once scrolling rests
    std::vector<pb::Ukey> arriving_;
    std::set<std::string> asking_;
    std::set<std::string> known_;  ///< whose terms were asked for since the page was read
    QElapsedTimer listed_;
    link::Line::Ticket asked_ukeys_ = 0;
    std::uint64_t log_size_ = 0;
};

}  // namespace ui::stations
