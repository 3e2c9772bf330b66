#pragma once
#include <QByteArray>

#include "ui/link/link.h"
#include "ui/parts/figures.h"

class QPushButton;

namespace ui::parts {
class Notice;
}

namespace ui::keys {

/// When the last backup was made, how one is made, and what to do with it.
class BackupView : public parts::Card {
    Q_OBJECT
public:
    BackupView(link::Link& link, QWidget* parent);
    void refresh();
    void back_up();

signals:
    void go_to(const QString& page, const QString& item);

private:
    link::Link& link_;
    QLabel* last_;
};

/// The revocation list that others judge certificates by, and the trust anchor.
class RevocationView : public parts::Card {
    Q_OBJECT
public:
    RevocationView(link::Link& link, QWidget* parent);
    void refresh();
    void publish();
    void save_anchor();

signals:
    void go_to(const QString& page, const QString& item);

private:
    link::Link& link_;
    parts::Figures* figures_;
    QPushButton* publish_;
    QPushButton* save_anchor_;
    parts::Notice* saved_;
    QByteArray anchor_;
};

}  // namespace ui::keys
