#pragma once
#include "ui/link/link.h"
#include "ui/parts/figures.h"

class QPushButton;

namespace ui::keys {

/// When the last backup was made, how one is made, and what to do with it.
class BackupView : public parts::Card {
    Q_OBJECT
public:
    BackupView(link::Link& link, QWidget* parent);
    void refresh();
    void back_up();

signals:
    void log_in_wanted();  ///< only an auditor sees when
    void go_to(const QString& page, const QString& item);

private:
    link::Link& link_;
    QLabel* last_;
    QPushButton* log_in_;
    link::Line::Ticket asked_ = 0;
};

/// The revocation list that others judge certificates by, and the trust anchor.
class RevocationView : public parts::Card {
    Q_OBJECT
public:
    RevocationView(link::Link& link, QWidget* parent);
    void refresh();
    void publish();

signals:
    void go_to(const QString& page, const QString& item);

private:
    link::Link& link_;
    parts::Figures* figures_;
    QPushButton* publish_;
};

}  // namespace ui::keys
