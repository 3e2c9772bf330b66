#include "ui/stations/stations_model.h"

#include <QGuiApplication>
#include <algorithm>

#include "ui/parts/theme.h"
#include "ui/parts/words.h"

namespace ui::stations {
namespace {

using parts::text;
using parts::Tone;

constexpr double kNearly = 0.9;  ///< of a day's cap

}  // namespace

QString station_in(std::string_view grant) {
    constexpr std::string_view kBefore = ", station ";
    constexpr std::string_view kAfter = ", may ";
    const std::size_t begin = grant.find(kBefore);
    const std::size_t end = grant.find(kAfter);
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin + kBefore.size()) return {};
    return text(grant.substr(begin + kBefore.size(), end - begin - kBefore.size()));
}

void StationsModel::set(const std::vector<pb::Ukey>& ukeys) {
    std::vector<pb::Ukey> now;
    std::ranges::copy_if(ukeys, std::back_inserter(now), [](const pb::Ukey& u) { return u.kind() == "user" && u.state() != "destroyed"; });
    const bool same_rows = std::ranges::equal(now, rows_, {}, &pb::Ukey::serial, &pb::Ukey::serial);
    if (!same_rows) beginResetModel();
    rows_ = std::move(now);
    if (!same_rows) endResetModel();
    else if (!rows_.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, columns - 1));
}

void StationsModel::set_terms(const std::string& serial, const pb::GrantTerms& terms, std::int64_t spent_today_fen) {
    terms_[serial] = terms;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
        if (rows_[r].serial() != serial) continue;
        rows_[r].set_spent_today_fen(spent_today_fen);
        emit dataChanged(index(static_cast<int>(r), 0), index(static_cast<int>(r), columns - 1));
    }
}

void StationsModel::set_held(std::set<std::string> stations) {
    held_ = std::move(stations);
    if (!rows_.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, columns - 1));
}

const pb::GrantTerms* StationsModel::terms(const std::string& serial) const {
    const auto at = terms_.find(serial);
    return at == terms_.end() ? nullptr : &at->second;
}

QString StationsModel::station_of(const pb::Ukey& u) const {
    const pb::GrantTerms* t = terms(u.serial());
    return t != nullptr ? text(t->station()) : station_in(u.grant());
}

bool StationsModel::is_held(const pb::Ukey& u) const { return held_.contains(parts::bytes(station_of(u))); }

std::optional<double> StationsModel::part(const pb::Ukey& u) const {
    const pb::GrantTerms* t = terms(u.serial());
    if (t == nullptr || t->per_day_fen() <= 0) return std::nullopt;
    return static_cast<double>(u.spent_today_fen()) / static_cast<double>(t->per_day_fen());
}

int StationsModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }
int StationsModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : columns; }

QVariant StationsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const pb::Ukey& u = at(index.row());
    const pb::GrantTerms* t = terms(u.serial());
    const auto c = static_cast<Column>(index.column());
    if (role == kPart) {
        const auto p = c == today ? part(u) : std::nullopt;
        return p ? QVariant(*p) : QVariant();
    }
    if (role == kSort) {
        if (c == today) return static_cast<qlonglong>(u.spent_today_fen());
        if (c == until) return static_cast<qlonglong>(u.not_after_ms());
        if (c == station) return station_of(u) + QLatin1Char('\t') + text(u.serial());
        role = Qt::DisplayRole;
    }
    if (role == Qt::ToolTipRole) return t == nullptr ? text(u.grant()) : parts::grant_sentences(*t).join(QLatin1Char('\n'));
    if (role == Qt::ForegroundRole) {
        const QPalette palette = QGuiApplication::palette();
        if (c == state && is_held(u)) return parts::colour(Tone::bad, palette);
        if (c == state && u.state() != "issued") return parts::colour(Tone::attention, palette);
        if (c == today && part(u).value_or(0) >= kNearly) return parts::colour(Tone::attention, palette);
        return {};
    }
    if (role == Qt::TextAlignmentRole && c == today) return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    switch (c) {
        case station: return station_of(u).isEmpty() ? QStringLiteral("–") : station_of(u);
        case ukey: return text(u.serial());
        case holder: return text(u.holder());
        case state: return is_held(u) ? tr("held: sells nothing") : parts::state_word(u.state());
        case today:
            if (t == nullptr) return tr("%1 yuan").arg(parts::yuan(u.spent_today_fen()));
            return t->per_day_fen() <= 0 ? tr("no money") : tr("%1 of %2").arg(parts::yuan(u.spent_today_fen()), parts::yuan(t->per_day_fen()));
        case plugged: return u.reader().empty() ? QStringLiteral("–") : text(u.reader());
        case until: return parts::day(u.not_after_ms());
        case columns: return {};
    }
    return {};
}

QVariant StationsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    switch (static_cast<Column>(section)) {
        case station: return tr("Station");
        case ukey: return tr("UKEY");
        case holder: return tr("Holder");
        case state: return tr("State");
        case today: return tr("Sold today, of the day's cap (yuan)");
        case plugged: return tr("Plugged in");
        case until: return tr("Valid until");
        case columns: return {};
    }
    return {};
}

}  // namespace ui::stations
