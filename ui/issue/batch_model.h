#pragma once
#include <QAbstractTableModel>

#include "ui/issue/batch_rows.h"

namespace ui::issue {

/// The rows of a batch, and what came of each.
class BatchModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column : std::uint8_t { holder, station, caps, reader, outcome, column_count };
    using QAbstractTableModel::QAbstractTableModel;

    void set(std::vector<BatchRow> rows);
    const std::vector<BatchRow>& rows() const noexcept { return rows_; }
    void tell(std::size_t row, BatchRow::State state, const QString& said, const std::string& serial = {});
    /// The first that is not done; rows().size(): all are.
    std::size_t next() const;
    std::size_t done() const;
    /// The first one that cannot be, as "line 3: ..."; empty: all can.
    QString problem() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<BatchRow> rows_;
};

}  // namespace ui::issue
