#include "ui/log/log_table.h"

#include <QDateTime>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>

#include "ui/log/log_model.h"
#include "ui/parts/columns.h"

namespace ui::log {
namespace {

/// Colours a line by what it says, in whatever palette there is.
class Toned : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        const auto tone = static_cast<parts::Tone>(index.data(LogModel::kToneRole).toInt());
        if (tone == parts::Tone::plain) return;
        option->palette.setColor(QPalette::Text, colour(tone, option->palette));
        if (index.column() == LogModel::kType && tone == parts::Tone::bad) option->font.setBold(true);
    }
};

}  // namespace

LogTable::LogTable(LogModel& model, QWidget* parent) : QTableView(parent) {
    setObjectName(QStringLiteral("events"));
    setAccessibleName(tr("Events, the newest first"));
    setModel(&model);
    setItemDelegate(new Toned(this));
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setShowGrid(false);
    setAlternatingRowColors(true);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setCornerButtonEnabled(false);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 9);
    verticalHeader()->setMinimumSectionSize(verticalHeader()->defaultSectionSize());
    QHeaderView* header = horizontalHeader();
    header->setHighlightSections(false);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setStretchLastSection(true);
    const int digit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    header->resizeSection(LogModel::kNumber, digit * 10);
    const QDate today = QDate::currentDate();
    const bool one_zone = today.startOfDay().offsetFromUtc() == today.addMonths(6).startOfDay().offsetFromUtc();
    header->resizeSection(LogModel::kTime, digit * (one_zone ? 20 : 27));
    header->resizeSection(LogModel::kType, digit * 21);
    parts::keep_columns(*header, QStringLiteral("log/columns"));
    header->setSectionsMovable(true);  // whatever was kept before that
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &LogTable::scrolled);
    connect(this, &QTableView::doubleClicked, this, &LogTable::opened);
}

bool LogTable::is_at_top() const { return verticalScrollBar()->value() == 0; }

void LogTable::keyPressEvent(QKeyEvent* event) {
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && currentIndex().isValid()) {
        emit opened(currentIndex());
        return;
    }
    QTableView::keyPressEvent(event);
}

}  // namespace ui::log
