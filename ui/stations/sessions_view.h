#pragma once
#include <QWidget>

#include "ui/link/link.h"

class QLabel;
class QTreeWidget;

namespace ui::parts {
class Notice;
}

namespace ui::stations {

/// Who is logged in at the service now: stations, engineers and network accounts.
class SessionsView : public QWidget {
    Q_OBJECT
public:
    SessionsView(link::Link& link, QWidget* parent);
    void refresh();

signals:
    void chosen(const QString& ukey);

private:
    void show_sessions();

    link::Link& link_;
    parts::Notice* trouble_;
    QLabel* empty_;
    QTreeWidget* list_;
    std::vector<link::pb::StationSession> arriving_;
    link::Line::Ticket asked_ = 0;
};

}  // namespace ui::stations
