#pragma once
#include <QStringList>
#include <vector>

#include "ui/parts/figures.h"
#include "ui/review/figures_model.h"

class QChart;
class QChartView;
class QLabel;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace ui::review {

/// Bars at the left, the same numbers as a table beside them. The table is what screen readers, the clipboard and CSV get.
class ChartPane : public parts::Card {
    Q_OBJECT
public:
    /// `name`: for settings and files, as "sales". `empty`: what to say when there is nothing to draw.
    ChartPane(const QString& title, const QString& name, const QString& empty, QWidget* parent);

    struct Series {
        QString name;
        int colour = 0;              ///< number of parts::series
        std::vector<double> values;  ///< one a bar
    };
    struct Bars {
        QStringList names;           ///< under the bars
        std::vector<Series> series;
        bool stacked = true;
    };
    void show_figures(Bars bars, std::vector<FiguresModel::Column> columns, std::vector<FiguresModel::Row> rows);
    /// A line about the figures, that goes with them into files and the clipboard; the page itself says it to whoever looks.
    void set_note(const QString& note) { model_->set_note(note); }
    const FiguresModel* model() const noexcept { return model_; }

signals:
    /// Something was saved, or not.
    void said(bool good, const QString& text);

protected:
    void changeEvent(QEvent* event) override;

private:
    void draw();
    void save();
    QString name_;
    Bars bars_;
    FiguresModel* model_;
    QStackedWidget* layers_;
    QChartView* view_;
    QTableView* table_;
    QPushButton* copy_;
    QPushButton* save_;
};

}  // namespace ui::review
