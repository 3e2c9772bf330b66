#include "ui/review/figures_model.h"

#include "model/fen.h"
#include "sheet/csv.h"
#include "ui/parts/words.h"

namespace ui::review {

void FiguresModel::set(std::vector<Column> columns, std::vector<Row> rows) {
    beginResetModel();
    columns_ = std::move(columns);
    rows_ = std::move(rows);
    endResetModel();
}

int FiguresModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }
int FiguresModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(columns_.size()); }

QVariant FiguresModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Row& row = rows_[static_cast<std::size_t>(index.row())];
    const auto c = static_cast<std::size_t>(index.column());
    if (role == Qt::TextAlignmentRole) return static_cast<int>(Qt::AlignVCenter | (c == 0 ? Qt::AlignLeft : Qt::AlignRight));
    if (role != Qt::DisplayRole) return {};
    if (c == 0) return row.name;
    return columns_[c].yuan ? parts::yuan(row.numbers[c - 1]) : parts::number(static_cast<std::uint64_t>(row.numbers[c - 1]));
}

QVariant FiguresModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
    if (role == Qt::TextAlignmentRole) return static_cast<int>(Qt::AlignVCenter | (section == 0 ? Qt::AlignLeft : Qt::AlignRight));
    return role == Qt::DisplayRole ? columns_[static_cast<std::size_t>(section)].title : QVariant();
}

std::string FiguresModel::plain(const Row& row, std::size_t column) const {
    if (column == 0) return parts::bytes(row.name);
    const std::int64_t n = row.numbers[column - 1];
    return columns_[column].yuan ? model::Fen(n).yuan() : std::to_string(n);
}

QByteArray FiguresModel::csv() const {
    std::vector<std::string> cells;
    for (const Column& c : columns_) cells.push_back(sheet::defused(parts::bytes(c.title)));
    std::string out = sheet::csv_line(cells);
    for (const Row& row : rows_) {
        cells.clear();
        // Names come from elsewhere; a number below zero begins with '-' and is to stay one.
        for (std::size_t c = 0; c < columns_.size(); ++c) cells.push_back(c == 0 ? sheet::defused(plain(row, c)) : plain(row, c));
        out += sheet::csv_line(cells);
    }
    if (!note_.isEmpty()) {
        cells.assign(columns_.size(), {});  // every line of a table has as many
        cells.front() = sheet::defused(parts::bytes(note_));
        out += sheet::csv_line(cells);
    }
    return QByteArray::fromStdString(out);
}

QString FiguresModel::tabbed() const {
    QString out;
    for (std::size_t c = 0; c < columns_.size(); ++c) out += (c == 0 ? QString() : QStringLiteral("\t")) + columns_[c].title;
    for (const Row& row : rows_) {
        out += QLatin1Char('\n');
        for (std::size_t c = 0; c < columns_.size(); ++c) out += (c == 0 ? QString() : QStringLiteral("\t")) + parts::text(plain(row, c));
    }
    if (!note_.isEmpty()) out += QLatin1Char('\n') + note_;
    return out + QLatin1Char('\n');
}

}  // namespace ui::review
