#pragma once
#include <QWidget>

#include "ui/review/day_report.h"
#include "ui/review/utility.h"

class QDateEdit;
class QFileDialog;
class QLabel;
class QPrinter;
class QPushButton;

namespace ui::parts {
class Notice;
class Working;
}

namespace ui::review {

/// A day on paper: which one, what the verdict is, and the pages, to be read, saved and printed.
class DayReportView : public QWidget {
    Q_OBJECT
public:
    DayReportView(link::Link& link, LogFile& log, QWidget* parent);
    ~DayReportView() override;
    void set_utility(const Utility& utility);
    void make();
    PdfView* pages() const noexcept { return pages_; }

private:
    void look();
    void show_made();
    void forget_made();
    /// Of the paper, below the verdict, which stays.
    void say_outcome(const QString& what, const QString& when_sound);
    void add_segment();
    void save();
    void print();
    void send_to_printer();

    link::Link& link_;
    LogFile& log_;
    DayReport report_;
    Utility utility_;
    QStringList segments_;
    std::unique_ptr<QPrinter> printer_;
    bool printing_ = false;
    QDateEdit* day_;
    QLabel* zone_;
    QPushButton* make_;
    QPushButton* save_;
    QPushButton* print_;
    QWidget* archive_;
    QLabel* archived_;
    parts::Working* working_;
    parts::Working* printer_works_;
    parts::Notice* notice_;
    parts::Notice* outcome_;
    QLabel* empty_;
    PdfView* pages_;
};

}  // namespace ui::review
