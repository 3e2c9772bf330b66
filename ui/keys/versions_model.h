#pragma once
#include <QAbstractTableModel>
#include <vector>

#include "wire/pb.h"

namespace ui::keys {

namespace pb = wire::pb;

/// Versions of the meters' keys, the newest first, against classes: which version of its master each set uses.
class VersionsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column : std::uint8_t { version, state, meters, ukeys, lacking, first_class };

    using QAbstractTableModel::QAbstractTableModel;
    void set(const pb::KeysListReply& keys);
    const pb::KeyVersion& at(int row) const { return versions_[static_cast<std::size_t>(row)]; }
    /// Null: there is none yet.
    const pb::KeyVersion* newest() const noexcept;
    /// Meters of all versions.
    std::uint64_t known_meters() const noexcept;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    const pb::KeyMaster* master(const pb::KeyVersion& v, int column) const noexcept;
    std::vector<pb::KeyVersion> versions_;
};

}  // namespace ui::keys
