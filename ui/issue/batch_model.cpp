#include "ui/issue/batch_model.h"

#include <QApplication>
#include <QPalette>
#include <algorithm>

#include "ui/parts/theme.h"
#include "ui/parts/words.h"

namespace ui::issue {

using State = BatchRow::State;

void BatchModel::set(std::vector<BatchRow> rows) {
    beginResetModel();
    rows_ = std::move(rows);
    endResetModel();
}

void BatchModel::tell(std::size_t row, State state, const QString& said, const std::string& serial) {
    rows_[row].state = state;
    rows_[row].said = said;
    if (!serial.empty()) rows_[row].serial = serial;
    emit dataChanged(index(static_cast<int>(row), 0), index(static_cast<int>(row), column_count - 1));
}

std::size_t BatchModel::next() const { return static_cast<std::size_t>(std::ranges::find_if(rows_, [](const BatchRow& r) { return r.state != State::done; }) - rows_.begin()); }

std::size_t BatchModel::done() const {
    return static_cast<std::size_t>(std::ranges::count_if(rows_, [](const BatchRow& r) { return r.state == State::done; }));
}

QString BatchModel::problem() const {
    if (rows_.empty()) return tr("Paste a list, or load one.");
    for (const BatchRow& r : rows_)
        if (!r.problem.isEmpty()) return tr("Line %1: %2").arg(r.line).arg(r.problem);
    return {};
}

int BatchModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }

int BatchModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : column_count; }

QVariant BatchModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const BatchRow& r = rows_[static_cast<std::size_t>(index.row())];
    if (role == Qt::ForegroundRole && index.column() == outcome) {
        const parts::Tone tone = !r.problem.isEmpty() || r.state == State::failed ? parts::Tone::bad : r.state == State::done ? parts::Tone::good : parts::Tone::muted;
        return parts::colour(tone, QApplication::palette());
    }
    if (role == Qt::ToolTipRole) return index.column() == outcome ? (r.problem.isEmpty() ? r.said : r.problem) : parts::grant_sentences(r.terms).join(QLatin1Char('\n'));
    if (role != Qt::DisplayRole) return {};
    switch (static_cast<Column>(index.column())) {
        case holder: return r.holder;
        case station: return parts::text(r.terms.station());
        case caps: return r.terms.per_order_fen() == 0 && r.terms.per_day_fen() == 0 ? tr("sells nothing") : tr("%1 an order, %2 a day").arg(parts::yuan(r.terms.per_order_fen()), parts::yuan(r.terms.per_day_fen()));
        case reader: return r.reader;
        case outcome: return !r.problem.isEmpty() ? r.problem : !r.said.isEmpty() ? r.said : tr("waits");
        case column_count: break;
    }
    return {};
}

QVariant BatchModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role != Qt::DisplayRole) return {};
    if (orientation == Qt::Vertical) return static_cast<qulonglong>(rows_[static_cast<std::size_t>(section)].line);
    switch (static_cast<Column>(section)) {
        case holder: return tr("Holder");
        case station: return tr("Station");
        case caps: return tr("At most");
        case reader: return tr("Reader");
        case outcome: return tr("State");
        case column_count: break;
    }
    return {};
}

}  // namespace ui::issue
