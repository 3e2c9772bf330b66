#include "ui/review/chart_pane.h"

#include <QAbstractBarSeries>
#include <QBarSeries>
#include <QBarSet>
#include <QCategoryAxis>
#include <QChart>
#include <QChartView>
#include <QClipboard>
#include <QGuiApplication>
#include <QGraphicsLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLegend>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedBarSeries>
#include <QStackedWidget>
#include <QTableView>
#include <QValueAxis>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/link/after.h"
#include "ui/parts/columns.h"
#include "ui/parts/saved_file.h"
#include "ui/parts/theme.h"

namespace ui::review {
namespace {

constexpr int kHeight = 230;
constexpr qsizetype kMostNames = 10;  ///< under the bars; of more bars every second or so is named
constexpr double kWidestBar = 0.16;   ///< of a chart

/// Four steps that reach it, each 1, 2, 5, 10, 20, 50 ..
double four_steps(double most) {
    double ten = 1;
    while (ten * 40 < most) ten *= 10;
    for (const double f : {1.0, 2.0, 5.0})
        if (4 * f * ten >= most) return 4 * f * ten;
    return 40 * ten;
}

}  // namespace

ChartPane::ChartPane(const QString& title, const QString& name, const QString& empty, QWidget* parent) : Card(title, parent), name_(name), model_(new FiguresModel(this)), layers_(new QStackedWidget(this)), view_(new QChartView(this)), table_(new QTableView(this)) {
    setObjectName(name);
    auto* nothing = new QLabel(empty, this);
    nothing->setWordWrap(true);
    nothing->setAlignment(Qt::AlignCenter);
    parts::set_tone(*nothing, parts::Tone::muted);
    auto* split = new QSplitter(this);
    split->setChildrenCollapsible(false);
    view_->setRenderHint(QPainter::Antialiasing);
    view_->setFocusPolicy(Qt::NoFocus);
    view_->setFrameShape(QFrame::NoFrame);
    view_->setBackgroundBrush(Qt::NoBrush);
    view_->viewport()->setAutoFillBackground(false);
    view_->setMinimumWidth(280);
    view_->setAccessibleName(tr("Chart: %1. The table beside it has the same numbers.").arg(title));

    auto* right = new QWidget(split);
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(8, 0, 0, 0);
    table_->setModel(model_);
    table_->setObjectName(name + QStringLiteral("_table"));
    table_->setAccessibleName(title);
    table_->verticalHeader()->hide();
    table_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    table_->setAlternatingRowColors(true);
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setTabKeyNavigation(false);
    const QString columns = QStringLiteral("reports/%1_columns").arg(name);
    connect(table_->horizontalHeader(), &QHeaderView::sectionResized, this, [this, columns] { QSettings().setValue(columns, table_->horizontalHeader()->saveState()); });
    auto* acts = new QHBoxLayout;
    copy_ = new QPushButton(tr("Copy"), right);
    copy_->setAccessibleName(tr("Copy the table %1").arg(title));
    save_ = new QPushButton(tr("Save as CSV …"), right);
    save_->setObjectName(name + QStringLiteral("_csv"));
    save_->setAccessibleName(tr("Save the table %1 as CSV").arg(title));
    acts->addStretch(1);
    acts->addWidget(copy_);
    acts->addWidget(save_);
    column->addWidget(table_, 1);
    column->addLayout(acts);
    split->addWidget(view_);
    split->addWidget(right);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    split->setSizes({500, 500});
    parts::keep_sizes(*split, QStringLiteral("reports/%1_split").arg(name));
    layers_->addWidget(nothing);
    layers_->addWidget(split);
    layers_->setFixedHeight(90);
    this->column()->addWidget(layers_);
    connect(copy_, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(model_->tabbed()); });
    connect(save_, &QPushButton::clicked, this, &ChartPane::save);
}

void ChartPane::show_figures(Bars bars, std::vector<FiguresModel::Column> columns, std::vector<FiguresModel::Row> rows) {
    bars_ = std::move(bars);
    model_->set(std::move(columns), std::move(rows));
    const bool some = std::ranges::any_of(bars_.series, [](const Series& s) { return std::ranges::any_of(s.values, [](double v) { return v != 0; }); });
    layers_->setCurrentIndex(some ? 1 : 0);
    layers_->setFixedHeight(some ? kHeight : 60);
    const QByteArray state = QSettings().value(QStringLiteral("reports/%1_columns").arg(name_)).toByteArray();
    if (state.isEmpty() || !table_->horizontalHeader()->restoreState(state)) {
        const QSignalBlocker quiet(table_->horizontalHeader());
        table_->resizeColumnsToContents();
    }
    draw();
}

void ChartPane::draw() {
    const QPalette p = palette();
    auto* chart = new QChart;
    chart->setBackgroundVisible(false);
    chart->setMargins({0, 0, 18, 0});  // half of the last name stands there
    chart->layout()->setContentsMargins(0, 0, 0, 0);
    QAbstractBarSeries* all = bars_.stacked ? static_cast<QAbstractBarSeries*>(new QStackedBarSeries) : new QBarSeries;
    double most = 0;
    double least = 0;
    std::vector<double> sums(static_cast<std::size_t>(bars_.names.size()));
    for (const Series& s : bars_.series) {
        auto* set = new QBarSet(s.name);
        set->setColor(parts::series(s.colour, p));
        set->setBorderColor(parts::ground(parts::Tone::plain, p));
        for (std::size_t i = 0; i < s.values.size(); ++i) {
            set->append(s.values[i]);
            sums[i] = bars_.stacked ? sums[i] + s.values[i] : std::max(sums[i], s.values[i]);
            most = std::max(most, sums[i]);
            least = std::min(least, s.values[i]);
        }
        all->append(set);
    }
    chart->addSeries(all);
    const QColor muted = parts::colour(parts::Tone::muted, p);
    // Not QBarCategoryAxis: it names every bar, and with dots where there is no room.
    auto* across = new QCategoryAxis;
    const qsizetype bars = std::max<qsizetype>(bars_.names.size(), 1);
    const qsizetype each = (bars + kMostNames - 1) / kMostNames;
    across->setRange(-0.5, static_cast<double>(bars) - 0.5);
    across->setStartValue(-0.5);
    across->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
    // From the newest, that is never without its name.
    for (qsizetype i = (bars_.names.size() - 1) % each; i < bars_.names.size(); i += each) across->append(bars_.names[i], static_cast<double>(i));
    across->setTruncateLabels(false);
    across->setLabelsColor(muted);
    across->setLinePenColor(p.color(QPalette::Mid));
    across->setGridLineVisible(false);
    all->setBarWidth(std::min(0.7, kWidestBar * static_cast<double>(bars)));
    auto* up = new QValueAxis;
    const double top = four_steps(std::max(most, -least));
    up->setRange(least < 0 ? -top : 0, top);
    up->setTickCount(5);
    up->setLabelFormat(QStringLiteral("%.0f"));
    up->setLabelsColor(muted);
    up->setLinePenColor(p.color(QPalette::Mid));
    up->setGridLineColor(p.color(QPalette::Mid));
    chart->addAxis(across, Qt::AlignBottom);
    chart->addAxis(up, Qt::AlignLeft);
    all->attachAxis(across);
    all->attachAxis(up);
    chart->legend()->setVisible(bars_.series.size() > 1);
    chart->legend()->setAlignment(Qt::AlignTop);
    chart->legend()->setLabelColor(p.color(QPalette::WindowText));
    QChart* before = view_->chart();
    view_->setChart(chart);
    delete before;
}

void ChartPane::changeEvent(QEvent* event) {
    Card::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !bars_.names.isEmpty()) draw();
}

void ChartPane::save() {
    parts::ask_where(this, tr("Save the table"), tr("%1.csv").arg(name_), tr("Tables (*.csv)"), [this](const QString& file) {
        link::after(parts::save_file(file, model_->csv()), this, [this, file](const base::Status& saved) {
            emit said(saved.ok(), saved ? tr("The table is in %1.").arg(file) : QString::fromStdString(saved.error().message));
        });
    });
}

}  // namespace ui::review
