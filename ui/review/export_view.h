#pragma once
#include <QWidget>

#include "ui/review/log_file.h"
#include "ui/review/utility.h"

class QCheckBox;
class QDateEdit;
class QLabel;
class QListWidget;
class QPushButton;
class QRadioButton;

namespace ui::parts {
class Notice;
class Working;
}

namespace ui::review {

class ArchiveView;
class Verification;
/// The log into a file: all of it or a period, in clear or for auditors alone; and whether a file verifies.
class ExportView : public QWidget {
    Q_OBJECT
public:
    ExportView(link::Link& link, LogFile& log, QWidget* parent);
    void set_utility(const Utility& utility);
    void refresh();

private:
    void look();
    void ask_auditors();
    QString missing() const;
    QStringList recipients() const;
    void choose();
    void export_to(const QString& file);
    void say_cancelled(const QString& file);
    void show_done();
    void offer_to_verify(bool whole);
    void choose_to_verify();

    link::Link& link_;
    LogFile& log_;
    Utility utility_;
    bool running_ = false;
    QRadioButton* all_;
    QRadioButton* period_;
    QDateEdit* from_;
    QDateEdit* until_;
    QLabel* zone_;
    QRadioButton* clear_;
    QRadioButton* sealed_;
    QListWidget* auditors_;
    QLabel* no_auditors_;
    QPushButton* export_;
    QPushButton* other_;
    parts::Working* working_;
    parts::Notice* notice_;
    Verification* verification_;
    ArchiveView* archive_;
};

}  // namespace ui::review
