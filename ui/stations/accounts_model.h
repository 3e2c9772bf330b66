#pragma once
#include <QAbstractTableModel>
#include <vector>

#include "wire/pb.h"

namespace ui::stations {

namespace pb = wire::pb;

/// "by password", "by certificate", "by certificate or password".
QString ways_of(const pb::Account& account);

/// Network accounts by name.
class AccountsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column : std::uint8_t { name, state, holder, ways, ukey, sessions, until, columns };
    static constexpr int kSort = Qt::UserRole + 1;

    using QAbstractTableModel::QAbstractTableModel;
    void set(std::vector<pb::Account> accounts);
    const pb::Account& at(int row) const { return rows_[static_cast<std::size_t>(row)]; }
    int row_of(std::string_view name) const noexcept;
    /// Sessions that are open now, of all accounts.
    unsigned live() const noexcept;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<pb::Account> rows_;
};

}  // namespace ui::stations
