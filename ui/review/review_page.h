#pragma once
#include "ui/review/log_file.h"
#include "ui/window/page.h"

class QStackedWidget;
class QTabWidget;

namespace ui::parts {
class Notice;
}

namespace ui::review {

class ChartsView;
class CompareView;
class DayReportView;
class ExportView;

/// What an auditor takes away from the log: figures, a day on paper, the log itself in a file, and whether it is still the one that it was.
class ReviewPage : public window::Page {
    Q_OBJECT
public:
    ReviewPage(link::Link& link, QWidget* parent);
    void refresh() override;
    bool is_busy() const override;
    void show_item(const QString& item) override;
    QStringList scenes() const override;
    void show_scene(const QString& scene) override;
    QWidget* first_field() override;

private:
    void ask_genesis();
    void closed_to_others(bool closed);

    LogFile log_;
    bool again_ = false;  ///< the log's beginning could not be read
    QStackedWidget* layers_;
    parts::Notice* closed_;
    parts::Notice* trouble_;
    QTabWidget* tabs_;
    ChartsView* charts_;
    DayReportView* report_;
    ExportView* export_;
    CompareView* compare_;
};

}  // namespace ui::review
