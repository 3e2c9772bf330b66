#pragma once
#include <QTimer>

#include "ui/log/log_model.h"
#include "ui/window/page.h"

class QLabel;
class QPushButton;
class QSplitter;
class QStackedWidget;

namespace ui::parts {
class Notice;
}

namespace ui::log {

class EventView;
class LogTable;
class SearchBar;
class VerifyCard;

/// The log for whoever reads it: every event, what a search leaves of them, proofs of single ones, and the verification of all.
class LogPage : public window::Page {
    Q_OBJECT
public:
    LogPage(link::Link& link, QWidget* parent);
    void refresh() override;
    bool is_busy() const override;
    /// "4711": this event. "ukey=US-EF0D5D8B", and so for station, meter, account, order, type: all events of it.
    void show_item(const QString& item) override;
    QStringList scenes() const override;
    void show_scene(const QString& scene) override;
    QWidget* first_field() override;

private:
    QWidget* make_top();
    QWidget* make_table();
    QWidget* make_closed();
    void look();
    void look_at_state();
    void search();
    void fail(const base::Error& error);
    void go_to_event(std::uint64_t index);
    void show_event();
    void hide_event();
    void prove(const pb::AuditEvent& event);
    void check_receipt();
    void verify();
    void take_news();
    void begin_anew();

    LogModel* model_;
    QStackedWidget* sides_;
    SearchBar* bar_;
    VerifyCard* verify_;
    QPushButton* verify_button_;
    QPushButton* receipt_;
    parts::Notice* news_;
    parts::Notice* trouble_;
    QLabel* state_;
    QPushButton* cancel_;
    QLabel* empty_;
    QSplitter* split_;
    LogTable* table_;
    EventView* event_;
    QTimer show_;             ///< after the row that somebody moves on from quickly
    std::uint64_t wanted_ = 0; ///< event that is shown, or asked for
    bool detail_ = false;     ///< somebody opened one
    bool denied_ = false;
};

}  // namespace ui::log
