#pragma once
#include <QDialog>

#include "ui/log/proof_check.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace ui::parts {
class KeysField;
class Notice;
class Working;
}

namespace ui::log {

/// The proof that one event is in the log: asked for, checked at once, and saved as a file. It does not block: open() it; it deletes itself when it is closed.
class ProofDialog : public QDialog {
    Q_OBJECT
public:
    /// `event`: as it is shown.
    ProofDialog(link::Link& link, pb::AuditEvent event, QWidget* parent);

private:
    void prove();
    void look();
    void save();

    pb::AuditEvent event_;
    ProofCheck* check_;
    parts::KeysField* key_;
    parts::Working* working_;
    parts::Notice* verdict_;
    parts::Notice* saved_;
    QPushButton* save_;
};

/// Whether a receipt holds: a proof file, or the number and leaf hash of an event, for which the service is asked to prove it. A clear yes or no.
class ReceiptDialog : public QDialog {
    Q_OBJECT
public:
    ReceiptDialog(link::Link& link, QWidget* parent);
    /// Without asking which: for tests.
    void check_file(const QString& file);

private:
    QWidget* make_file_part();
    QWidget* make_number_part();
    void choose_file();
    void check_number();
    QString leaf() const;
    /// What was found was found of, or with, something else.
    void forget();
    void look();

    ProofCheck* check_;
    QPushButton* choose_;
    QLineEdit* index_;
    QLineEdit* leaf_;
    parts::KeysField* key_;
    QPushButton* ask_;
    parts::Working* working_;
    parts::Notice* verdict_;
    QString file_;  ///< that was checked; empty: a number was
};

}  // namespace ui::log
