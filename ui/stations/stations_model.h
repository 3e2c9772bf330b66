#pragma once
#include <QAbstractTableModel>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "wire/pb.h"

namespace ui::stations {

namespace pb = wire::pb;

/// The station that a grant names, from the service's words for it. Where those are not as expected it is empty: the terms say it then, once they were asked for.
QString station_in(std::string_view grant_in_words);

/// User UKEYs, those of one station beside each other. The terms of a grant come with each UKEY alone, so they are asked for when a row is looked at.
class StationsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column : std::uint8_t { station, ukey, holder, state, today, plugged, until, columns };
    /// Of column today: how much of the day's cap is used, 0 to 1; not valid: not known yet, or no cap.
    static constexpr int kPart = Qt::UserRole;
    /// What rows are sorted by.
    static constexpr int kSort = Qt::UserRole + 1;

    using QAbstractTableModel::QAbstractTableModel;
    /// Of all kinds; others than user UKEYs are left out. Rows that stay are only changed; terms that are known stay.
    void set(const std::vector<pb::Ukey>& ukeys);
    void set_terms(const std::string& serial, const pb::GrantTerms& terms, std::int64_t spent_today_fen);
    /// Stations that are held sell nothing.
    void set_held(std::set<std::string> stations);
    const pb::Ukey& at(int row) const { return rows_[static_cast<std::size_t>(row)]; }
    const pb::GrantTerms* terms(const std::string& serial) const;
    QString station_of(const pb::Ukey& ukey) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    bool is_held(const pb::Ukey& ukey) const;
    std::optional<double> part(const pb::Ukey& ukey) const;

    std::vector<pb::Ukey> rows_;
    std::map<std::string, pb::GrantTerms> terms_;
    std::set<std::string> held_;
};

}  // namespace ui::stations
