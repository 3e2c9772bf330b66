#include "ui/stations/stations_model.h"

#include <QGuiApplication>
#include <algorithm>

#include "ui/parts/bar.h"
#include "ui/parts/theme.h"
#include "ui/parts/words.h"

namespace ui::stations {

using parts::text;
using parts::Tone;

void StationsModel::set(std::shared_ptr<const std::vector<pb::Ukey>> ukeys) {
    std::vector<const pb::Ukey*> now;
    for (const pb::Ukey& u : *ukeys)
        if (u.kind() == "user" && u.state() != "destroyed") now.push_back(&u);
    const bool same_rows = std::ranges::equal(now, rows_, {}, &pb::Ukey::serial, &pb::Ukey::serial);
    if (!same_rows) beginResetModel();
    rows_ = std::move(now);
    all_ = std::move(ukeys);
    if (!same_rows) endResetModel();
    else if (!rows_.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, columns - 1));
}

void StationsModel::set_held(std::set<std::string> stations) {
    held_ = std::move(stations);
    if (!rows_.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, columns - 1));
}

bool StationsModel::is_held(const pb::Ukey& u) const { return held_.contains(u.terms().station()); }

namespace {

/// How much of a cap is used; none: it allows no money, or the service did not tell it.
std::optional<double> part(std::int64_t spent, std::int64_t cap) {
    if (cap <= 0) return std::nullopt;
    return static_cast<double>(spent) / static_cast<double>(cap);
}

std::optional<double> part(const pb::Ukey& u, StationsModel::Column c) {
    if (c == StationsModel::today) return part(u.spent_today_fen(), u.terms().per_day_fen());
    if (c == StationsModel::month) return part(u.spent_this_month_fen(), u.terms().per_month_fen());
    return std::nullopt;
}

QString of_cap(std::int64_t spent, std::int64_t cap) { return cap <= 0 ? StationsModel::tr("no money") : StationsModel::tr("%1 of %2").arg(parts::yuan(spent), parts::yuan(cap)); }

}  // namespace

int StationsModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }
int StationsModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : columns; }

QVariant StationsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const pb::Ukey& u = at(index.row());
    const auto c = static_cast<Column>(index.column());
    if (role == kPart) {
        const auto p = part(u, c);
        return p ? QVariant(*p) : QVariant();
    }
    if (role == kSort) {
        if (c == today) return static_cast<qlonglong>(u.spent_today_fen());
        if (c == month) return static_cast<qlonglong>(u.spent_this_month_fen());
        if (c == until) return static_cast<qlonglong>(u.not_after_ms());
        if (c == station) return text(u.terms().station()) + QLatin1Char('\t') + text(u.serial());
        role = Qt::DisplayRole;
    }
    // Whole, where the column is too narrow, and what it may do.
    if (role == Qt::ToolTipRole) return (QStringList{headerData(c, Qt::Horizontal, role).toString(), data(index, Qt::DisplayRole).toString(), QString()} + parts::grant_sentences(u.terms())).join(QLatin1Char('\n'));
    if (role == Qt::ForegroundRole) {
        const QPalette palette = QGuiApplication::palette();
        if (c == state && is_held(u)) return parts::colour(Tone::bad, palette);
        if (c == state && u.state() != "issued") return parts::colour(Tone::attention, palette);
        if (const Tone tone = parts::tone_of_cap(part(u, c).value_or(0)); tone != Tone::plain) return parts::colour(tone, palette);
        return {};
    }
    if (role == Qt::TextAlignmentRole && (c == today || c == month)) return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    switch (c) {
        case station: return u.terms().station().empty() ? QStringLiteral("–") : text(u.terms().station());
        case state: return is_held(u) ? tr("held") : parts::state_word(u.state());
        case today: return of_cap(u.spent_today_fen(), u.terms().per_day_fen());
        case month: return of_cap(u.spent_this_month_fen(), u.terms().per_month_fen());
        case holder: return text(u.holder());
        case ukey: return text(u.serial());
        case plugged: return u.reader().empty() ? QStringLiteral("–") : text(u.reader());
        case until: return parts::day(u.not_after_ms());
        case columns: return {};
    }
    return {};
}

QVariant StationsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    const bool whole = role == Qt::ToolTipRole;
    if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && !whole)) return {};
    switch (static_cast<Column>(section)) {
        case station: return tr("Station");
        case state: return tr("State");
        case today: return whole ? tr("Sold today, of the day's cap (yuan)") : tr("Sold today (yuan)");
        case month: return whole ? tr("Sold this month, of the month's cap (yuan)") : tr("This month (yuan)");
        case holder: return tr("Holder");
        case ukey: return tr("UKEY");
        case plugged: return tr("Plugged in");
        case until: return tr("Valid until");
        case columns: return {};
    }
    return {};
}

}  // namespace ui::stations
