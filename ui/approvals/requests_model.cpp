#include "ui/approvals/requests_model.h"

#include <algorithm>

#include "ui/approvals/request_words.h"
#include "ui/parts/caller.h"
#include "ui/parts/words.h"

namespace ui::approvals {

void RequestsModel::set(const google::protobuf::RepeatedPtrField<pb::Request>& requests) {
    const bool same_rows = std::ranges::equal(requests, requests_, {}, &pb::Request::number, &pb::Request::number);
    if (!same_rows) beginResetModel();
    requests_.assign(requests.begin(), requests.end());
    if (!same_rows) endResetModel();
    else if (!requests_.empty()) emit dataChanged(index(0), index(static_cast<int>(requests_.size()) - 1));
}

int RequestsModel::row_of(std::uint64_t number) const noexcept {
    const auto at = std::ranges::find(requests_, number, &pb::Request::number);
    return at == requests_.end() ? -1 : static_cast<int>(at - requests_.begin());
}

int RequestsModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(requests_.size()); }

QVariant RequestsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const pb::Request& r = at(index.row());
    if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole)
        return tr("%1: %2; %3; %4, %5").arg(r.number()).arg(title_of(r), subject_of(r), parts::request_state_word(r.state()), agreement_of(r));
    if (role == Qt::ToolTipRole) return tr("asked by %1, %2").arg(parts::caller_word(r.by()), parts::moment(r.made_ms()));
    return {};
}

}  // namespace ui::approvals
