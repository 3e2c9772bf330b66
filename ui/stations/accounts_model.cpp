#include "ui/stations/accounts_model.h"

#include <QGuiApplication>
#include <algorithm>

#include "ui/parts/theme.h"
#include "ui/parts/words.h"

namespace ui::stations {

using parts::text;
using parts::Tone;

QString ways_of(const pb::Account& a) {
    if (a.key().empty()) return AccountsModel::tr("by password");
    return a.password() ? AccountsModel::tr("by certificate or password") : AccountsModel::tr("by certificate");
}

void AccountsModel::set(std::vector<pb::Account> accounts) {
    const bool same_rows = std::ranges::equal(accounts, rows_, {}, &pb::Account::name, &pb::Account::name);
    if (!same_rows) beginResetModel();
    rows_ = std::move(accounts);
    if (!same_rows) endResetModel();
    else if (!rows_.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, columns - 1));
}

int AccountsModel::row_of(std::string_view wanted) const noexcept {
    const auto at = std::ranges::find_if(rows_, [&](const pb::Account& a) { return a.name() == wanted; });
    return at == rows_.end() ? -1 : static_cast<int>(at - rows_.begin());
}

unsigned AccountsModel::live() const noexcept {
    unsigned out = 0;
    for (const pb::Account& a : rows_) out += a.sessions();
    return out;
}

int AccountsModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }
int AccountsModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : columns; }

QVariant AccountsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const pb::Account& a = at(index.row());
    const auto c = static_cast<Column>(index.column());
    if (role == kSort) {
        if (c == sessions) return a.sessions();
        if (c == until) return static_cast<qlonglong>(a.not_after_ms());
        role = Qt::DisplayRole;
    }
    if (role == Qt::ForegroundRole) {
        const QPalette palette = QGuiApplication::palette();
        if (c == state) return parts::colour(a.state() == "active" ? Tone::good : a.state() == "disabled" ? Tone::muted : Tone::attention, palette);
        if (c == ukey && !a.ukey_state().empty() && a.ukey_state() != "issued") return parts::colour(Tone::attention, palette);
        return {};
    }
    if (role == Qt::TextAlignmentRole && c == sessions) return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
    switch (c) {
        case name: return text(a.name());
        case state: return parts::account_state_word(a.state());
        case holder: return text(a.holder());
        case ways: return ways_of(a);
        case ukey: return a.ukey_state().empty() || a.ukey_state() == "issued" ? text(a.ukey()) : tr("%1 (%2)").arg(text(a.ukey()), parts::state_word(a.ukey_state()));
        case sessions: return parts::number(a.sessions());
        case until: return parts::day(a.not_after_ms());
        case columns: return {};
    }
    return {};
}

QVariant AccountsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    switch (static_cast<Column>(section)) {
        case name: return tr("Account");
        case state: return tr("State");
        case holder: return tr("Holder");
        case ways: return tr("Used");
        case ukey: return tr("UKEY");
        case sessions: return tr("Sessions");
        case until: return tr("Valid until");
        case columns: return {};
    }
    return {};
}

}  // namespace ui::stations
