#pragma once
#include <QAbstractTableModel>
#include <vector>

namespace ui::review {

/// The numbers of a chart as a table: the first column names, the others count, or are yuan.
class FiguresModel : public QAbstractTableModel {
    Q_OBJECT
public:
    struct Column {
        QString title;
        bool yuan = false;  ///< its numbers are fen
    };
    struct Row {
        QString name;
        std::vector<std::int64_t> numbers;
    };
    explicit FiguresModel(QObject* parent) : QAbstractTableModel(parent) {}
    /// Each row has a number for each column behind the first.
    void set(std::vector<Column> columns, std::vector<Row> rows);
    /// What whoever takes the numbers away is to know of them: the last line of csv() and tabbed().
    void set_note(const QString& note) { note_ = note; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    /// For a spreadsheet: numbers without separators, and no cell that it takes for a formula.
    QByteArray csv() const;
    /// For the clipboard: cells with tabs between.
    QString tabbed() const;

private:
    std::string plain(const Row& row, std::size_t column) const;
    std::vector<Column> columns_;
    std::vector<Row> rows_;
    QString note_;
};

}  // namespace ui::review
