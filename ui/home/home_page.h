#pragma once
#include <QElapsedTimer>

#include "ui/home/alarms.h"
#include "ui/parts/figures.h"
#include "ui/window/page.h"

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace ui::parts {
class Notice;
}

namespace ui::home {

class OrdersChart;
class ReadersView;

/// What somebody sees first: whether the platform works, what is plugged in, what wants attention, and the one thing to do next.
class HomePage : public window::Page {
    Q_OBJECT
public:
    HomePage(link::Link& link, QWidget* parent);
    void refresh() override;
    QStringList scenes() const override;
    void show_scene(const QString& scene) override;
    QWidget* first_field() override;

private:
    void look();
    void look_at_state();
    void look_at_health();
    void look_at_log();
    void look_at_alarms();
    void show_alarms(std::vector<Alarm> alarms);
    void act();
    void set_up();
    void unseal();
    void seal();
    void sign_checkpoint();
    void ask_requests();

    QLabel* state_;
    QLabel* state_text_;
    QPushButton* act_;
    parts::Notice* outcome_;
    parts::Card* readers_card_;
    ReadersView* readers_;
    QLabel* no_readers_;
    parts::Card* health_card_;
    parts::Figures* health_;
    parts::Card* orders_card_;
    OrdersChart* chart_;
    QLabel* orders_;
    parts::Card* log_card_;
    parts::Figures* log_;
    QPushButton* checkpoint_;
    parts::Card* alarms_card_;
    QVBoxLayout* alarms_;
    std::vector<Alarm> shown_alarms_;
    std::vector<parts::Notice*> notices_;  ///< of them, one each
    QLabel* quiet_;
    QPushButton* requests_;
    int open_requests_ = -1;  ///< not known
    std::uint64_t list_asked_for_ = 0;  ///< the request to publish the revocation list; 0: none
    bool requests_failed_ = false;
    link::Line::Ticket asked_requests_ = 0;
    std::uint64_t log_size_ = 0;
    QElapsedTimer listed_;
};

}  // namespace ui::home
