#pragma once
#include <QWidget>
#include <string>

#include "ui/link/link.h"

class QLabel;
class QPushButton;
class QTreeWidget;

namespace ui::parts {
class Notice;
}

namespace ui::ukeys {

/// What the log says of one UKEY, the newest first, more on demand. Where the log is for auditors alone it says so and offers the login.
class UkeyHistory : public QWidget {
    Q_OBJECT
public:
    UkeyHistory(link::Link& link, QWidget* parent);
    /// Of this one from now on; it asks once it can be seen.
    void set_ukey(const std::string& serial);
    /// Asks anew for what is shown.
    void read_again();

signals:
    void wants_login();
    void chosen(const QString& event);  ///< one in the log, by its index

protected:
    void showEvent(QShowEvent* event) override;

private:
    void ask();
    void take(base::Result<link::pb::AdminReply> reply);

    link::Link& link_;
    std::string serial_;
    std::uint64_t before_ = 0;   ///< where older ones begin; 0: at the newest
    std::uint64_t asked_ = 0;    ///< which question an answer belongs to
    bool wanted_ = false;
    bool end_ = false;
    link::Line::Ticket ticket_ = 0;
    parts::Notice* notice_;
    QTreeWidget* list_;
    QLabel* empty_;
    QPushButton* older_;
};

}  // namespace ui::ukeys
