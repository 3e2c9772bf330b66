#pragma once
#include <QWidget>

#include "ui/link/link.h"
#include "ui/ukeys/acts.h"

class QHBoxLayout;
class QLabel;
class QMenu;
class QPushButton;
class QTabWidget;

namespace ui::parts {
class Bar;
class Figures;
class Notice;
}

namespace ui::ukeys {

class UkeyHistory;

/// Everything about one UKEY, and what can be done with it.
class UkeyDetail : public QWidget {
    Q_OBJECT
public:
    UkeyDetail(link::Link& link, QWidget* parent);
    /// As the service shows it; the list's row does for the first moment, until it has answered.
    void show_ukey(const pb::UkeyShowReply& shown);
    /// It cannot be asked for.
    void show_error(const base::Error& error);
    const pb::UkeyShowReply& shown() const noexcept { return shown_; }
    UkeyHistory& history() noexcept { return *history_; }
    /// overview, grant, certificate, history.
    void show_tab(const QString& name);

signals:
    void wants(Act act);

private:
    void fill_head();
    void fill_overview();
    void fill_grant();
    void fill_certificate();
    void save_certificate();

    link::Link& link_;
    pb::UkeyShowReply shown_;
    QLabel* name_;
    QLabel* state_;
    QLabel* sentence_;
    QHBoxLayout* buttons_;
    QPushButton* more_;
    QMenu* menu_;
    parts::Notice* notice_;
    QTabWidget* tabs_;
    parts::Figures* who_;
    parts::Figures* use_;
    parts::Bar* today_;  ///< what is used of its caps
    parts::Bar* month_;
    QLabel* grant_;
    QPushButton* edit_grant_;
    parts::Figures* certificate_;
    QLabel* no_certificate_;
    QPushButton* save_;
    UkeyHistory* history_;
};

}  // namespace ui::ukeys
