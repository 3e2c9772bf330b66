#pragma once
#include <QElapsedTimer>

#include "base/clock.h"
#include "ui/link/link.h"
#include "ui/parts/figures.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QToolButton;

namespace ui::log {

/// Has the service read all of its database, and keeps what came of it in view. Hidden until it was begun once.
class VerifyCard : public parts::Card {
    Q_OBJECT
public:
    VerifyCard(link::Link& link, QWidget* parent);
    void begin();
    void cancel();
    bool is_running() const noexcept { return ticket_ != 0; }
    /// What the service has answered, when, and how long it took; 0: nobody knows.
    void show_verdict(const link::pb::AuditVerifyReply& verdict, base::Millis when, base::Millis took = 0);

signals:
    void changed();  ///< is_running() is another
    void log_in_wanted();

private:
    void show_progress(const link::pb::Progress& progress);
    void show_error(const base::Error& error);
    void show_head(parts::Tone tone, const QString& head, const QString& meaning);
    void set_running(bool running);
    void put_good_away();

    link::Link& link_;
    link::Line::Ticket ticket_ = 0;
    bool shows_good_ = false;
    QLabel* picture_;
    QLabel* head_;
    QLabel* meaning_;
    QProgressBar* progress_;
    QPushButton* cancel_;
    QToolButton* close_;
    parts::Figures* figures_;
    QLabel* findings_;
    QElapsedTimer took_;
};

}  // namespace ui::log
