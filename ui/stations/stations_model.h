#pragma once
#include <QAbstractTableModel>
#include <memory>
#include <set>
#include <vector>

#include "wire/pb.h"

namespace ui::stations {

namespace pb = wire::pb;

/// User UKEYs, those of one station beside each other, and how much of their caps is used.
class StationsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column : std::uint8_t { station, state, today, month, holder, ukey, plugged, until, columns };
    /// Of columns today and month: how much of the cap is used, 0 to 1; not valid: there is none.
    static constexpr int kPart = Qt::UserRole;
    /// What rows are sorted by.
    static constexpr int kSort = Qt::UserRole + 1;

    using QAbstractTableModel::QAbstractTableModel;
    /// Of all kinds; others than user UKEYs are left out. Rows that stay are only changed.
    void set(std::shared_ptr<const std::vector<pb::Ukey>> ukeys);
    /// Stations that are held sell nothing.
    void set_held(std::set<std::string> stations);
    const pb::Ukey& at(int row) const { return *rows_[static_cast<std::size_t>(row)]; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    bool is_held(const pb::Ukey& ukey) const;

    std::shared_ptr<const std::vector<pb::Ukey>> all_;  ///< what the rows are of
    std::vector<const pb::Ukey*> rows_;
    std::set<std::string> held_;
};

}  // namespace ui::stations
