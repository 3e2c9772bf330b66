#pragma once
#include "ui/link/link.h"
#include "ui/parts/figures.h"

class QPushButton;
class QTreeWidget;

namespace ui::parts {
class Notice;
}

namespace ui::approvals {

/// The officers of today: who, whether their UKEY is in use, and where it is plugged in.
class OfficersView : public parts::Card {
    Q_OBJECT
public:
    explicit OfficersView(QWidget* parent);
    void show_quorum(const link::pb::Quorum& quorum);
    /// Why they cannot be changed just now; empty: they can.
    void offer_change(const QString& why_not);
    const link::pb::Quorum& quorum() const noexcept { return quorum_; }

signals:
    void change();
    void chosen(const QString& ukey);

protected:
    void changeEvent(QEvent* event) override;

private:
    void colour_rows();
    link::pb::Quorum quorum_;
    QLabel* needed_;
    QTreeWidget* list_;
    parts::Notice* behind_;
    QPushButton* change_;
};

}  // namespace ui::approvals
