#pragma once
#include <QDialog>

#include "ui/parts/deed_form.h"

class QFormLayout;
class QPushButton;

namespace ui::parts {

/// A deed in a window of its own: what will happen, a button that says so, and what came of it. It does not block: open() it. It deletes itself when it is closed.
class DeedDialog : public QDialog {
    Q_OBJECT
public:
    DeedDialog(link::Link& link, Deed deed, QWidget* parent);
    DeedForm& form() noexcept { return *form_; }
    /// Something further to choose, between the heading and what will happen. It is greyed while the service works, and gone once it is done.
    void add_field(const QString& label, QWidget* field);

signals:
    void finished_well(const link::pb::AdminReply& reply);
    void go_to(const QString& page, const QString& item);

protected:
    void reject() override;

private:
    void look();
    DeedForm* form_;
    QWidget* choice_;
    QFormLayout* fields_;
    QPushButton* act_;
    QPushButton* close_;
};

}  // namespace ui::parts
