#pragma once
#include <QAbstractListModel>
#include <google/protobuf/repeated_ptr_field.h>
#include <vector>

#include "wire/pb.h"

namespace ui::approvals {

namespace pb = wire::pb;

/// Requests as the service lists them, the newest first.
class RequestsModel : public QAbstractListModel {
    Q_OBJECT
public:
    using QAbstractListModel::QAbstractListModel;

    /// Another list. Rows that stay are only changed, so that whoever looks at one goes on doing so.
    void set(const google::protobuf::RepeatedPtrField<pb::Request>& requests);
    const pb::Request& at(int row) const { return requests_[static_cast<std::size_t>(row)]; }
    /// -1: it is not in the list.
    int row_of(std::uint64_t number) const noexcept;

    int rowCount(const QModelIndex& parent = {}) const override;
    /// What assistive technology reads, in one line; the delegate draws from at().
    QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<pb::Request> requests_;
};

}  // namespace ui::approvals
