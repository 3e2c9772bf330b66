#pragma once
#include "ui/ukeys/acts.h"
#include "ui/window/page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSplitter;
class QTableView;
class QTimer;

namespace ui::parts {
class DeedDialog;
class Notice;
}

namespace ui::ukeys {

class UkeyDetail;
class UkeyFilter;
class UkeyModel;

/// All UKEYs, one of them in detail, and what can be done with it.
class UkeysPage : public window::Page {
    Q_OBJECT
public:
    UkeysPage(link::Link& link, QWidget* parent);
    ~UkeysPage() override;
    void refresh() override;
    void show_item(const QString& serial) override;
    QStringList scenes() const override;
    void show_scene(const QString& scene) override;
    QWidget* first_field() override;

private:
    void build_filters(class QVBoxLayout& column);
    void build_table();
    void listing();
    void take_all();
    void listed();
    void look_at_count();
    void choose();
    void ask_detail();
    void ask(const std::string& serial);
    void act(Act act);
    /// How many network accounts stop with this one is asked for before it is told.
    void count_accounts(Act act, const pb::Ukey& ukey);
    /// Whether enough officers are left without this one, too.
    void count_officers(Act act, const pb::Ukey& ukey);
    void open(parts::DeedDialog* dialog);
    void renew();
    void issue();
    void look_at_issue();
    /// Rows come and go by the filter: the choice does not move to a neighbour by that, and is marked again once its row is back.
    void hold_choice();

    UkeyModel* model_;
    UkeyFilter* filter_;
    QLineEdit* text_;
    QComboBox* kind_;
    QComboBox* state_;
    QLabel* count_;
    QPushButton* issue_;
    parts::Notice* notice_;
    QSplitter* split_;
    QTableView* table_;
    QLabel* empty_;
    QLabel* nothing_;   ///< in the place of the detail
    UkeyDetail* detail_;
    QTimer* again_;
    std::uint64_t taken_ = 0;  ///< which reading of the list is shown
    bool following_ = false;   ///< the list that is coming is shown as it comes
    bool loaded_ = false;
    bool holding_ = false;
    std::string chosen_;  ///< serial of what is shown in detail; empty: nothing
    QString wanted_;    ///< a serial to go to, once it is listed
};

}  // namespace ui::ukeys
