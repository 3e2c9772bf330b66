#pragma once
#include <QDialog>

#include "ui/link/link.h"

class QPushButton;

namespace ui::parts {
class GrantEditor;
}

namespace ui::ukeys {

/// Another grant for a UKEY: first what it is to say, then, in a dialog of its own, what changes by that and whose PIN it takes. It deletes itself when it is closed; open() it.
class GrantDialog : public QDialog {
    Q_OBJECT
public:
    GrantDialog(link::Link& link, const link::pb::UkeyShowReply& shown, QWidget* parent);

signals:
    void go_to(const QString& page, const QString& item);

private:
    void look();
    void go_on();

    link::Link& link_;
    link::pb::UkeyShowReply shown_;
    parts::GrantEditor* editor_;
    QPushButton* next_;
};

}  // namespace ui::ukeys
