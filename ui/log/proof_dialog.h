#pragma once
#include <QByteArray>
#include <QDialog>
#include <QTemporaryDir>

#include "ui/log/proof_check.h"

class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace ui::parts {
class Notice;
}

namespace ui::log {

/// The proof that one event is in the log: asked for, checked at once, and saved as a file. It does not block: open() it; it deletes itself when it is closed.
class ProofDialog : public QDialog {
    Q_OBJECT
public:
    ProofDialog(link::Link& link, std::uint64_t index, QString leaf, QWidget* parent);
    /// Without asking where: for tests.
    void save_to(const QString& file);

private:
    void ask();
    void take(const std::string& file);
    void write(const QString& file, bool kept);
    void choose_file();

    link::Link& link_;
    std::uint64_t index_;
    QString leaf_;
    QByteArray proof_;
    QTemporaryDir folder_;  ///< for the check, before anybody says where the file goes
    ProofCheck* check_;
    QProgressBar* busy_;
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
    void check(const QString& file, const QString& leaf);
    void look();

    link::Link& link_;
    QTemporaryDir folder_;
    ProofCheck* check_;
    QPushButton* choose_;
    QLineEdit* index_;
    QLineEdit* leaf_;
    QPushButton* ask_;
    QProgressBar* busy_;
    parts::Notice* verdict_;
    bool asking_ = false;
};

/// What a verdict means, on a strip.
void say(parts::Notice& notice, ProofCheck::Verdict verdict, const QString& line);

}  // namespace ui::log
