#include "ui/keys/versions_model.h"

#include <QFont>
#include <QGuiApplication>
#include <algorithm>

#include "model/keys.h"
#include "ui/parts/theme.h"
#include "ui/parts/words.h"

namespace ui::keys {
namespace {

using parts::Tone;

}  // namespace

void VersionsModel::set(const pb::KeysListReply& keys) {
    std::vector<pb::KeyVersion> now(keys.versions().begin(), keys.versions().end());
    std::ranges::sort(now, std::ranges::greater{}, &pb::KeyVersion::version);
    const bool same_rows = std::ranges::equal(now, versions_, {}, &pb::KeyVersion::version, &pb::KeyVersion::version);
    if (!same_rows) beginResetModel();
    versions_ = std::move(now);
    if (!same_rows) endResetModel();
    else if (!versions_.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

const pb::KeyVersion* VersionsModel::newest() const noexcept {
    const auto at = std::ranges::find_if(versions_, &pb::KeyVersion::newest);
    return at == versions_.end() ? nullptr : &*at;
}

std::uint64_t VersionsModel::known_meters() const noexcept {
    std::uint64_t out = 0;
    for (const pb::KeyVersion& v : versions_) out += v.meters();
    return out;
}

int VersionsModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(versions_.size()); }
int VersionsModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(first_class + model::kAllClasses.size()); }

const pb::KeyMaster* VersionsModel::master(const pb::KeyVersion& v, int column) const noexcept {
    const std::string_view wanted = model::name(model::kAllClasses[static_cast<std::size_t>(column - first_class)]);
    const auto at = std::ranges::find(v.masters(), wanted, &pb::KeyMaster::key_class);
    return at == v.masters().end() ? nullptr : &*at;
}

QVariant VersionsModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const pb::KeyVersion& v = at(index.row());
    const int c = index.column();
    if (c >= first_class) {
        const pb::KeyMaster* m = master(v, c);
        if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::AlignCenter);
        if (m == nullptr) return role == Qt::DisplayRole ? QVariant(QStringLiteral("–")) : QVariant();
        if (role == Qt::DisplayRole) return m->destroyed() ? tr("%1 destroyed").arg(m->version()) : QString::number(m->version());
        if (role == Qt::ForegroundRole) return parts::colour(m->destroyed() ? Tone::bad : m->version() == v.version() ? Tone::plain : Tone::muted, QGuiApplication::palette());
        if (role == Qt::ToolTipRole)
            return m->destroyed()                  ? tr("The master of version %1 is gone from the master-control UKEY.").arg(m->version())
                   : m->version() == v.version() ? tr("Drawn for this version.")
                                                 : tr("Goes on with the master of version %1.").arg(m->version());
        return {};
    }
    if (role == Qt::TextAlignmentRole && c != state) return QVariant::fromValue(Qt::AlignCenter);
    if (role == Qt::FontRole && c == version && v.newest()) {
        QFont bold;
        bold.setBold(true);
        return bold;
    }
    if (role == Qt::ForegroundRole) {
        if (c == state && v.destroyed()) return parts::colour(Tone::bad, QGuiApplication::palette());
        if (c == state && v.newest()) return parts::colour(Tone::good, QGuiApplication::palette());
        if (c == lacking && v.newest() && v.ukeys_lacking() > 0) return parts::colour(Tone::attention, QGuiApplication::palette());
        return {};
    }
    if (role != Qt::DisplayRole) return {};
    switch (c) {
        case version: return QString::number(v.version());
        case state: return v.destroyed() ? tr("destroyed") : v.newest() ? tr("handed out now") : tr("kept");
        case meters: return parts::number(v.meters());
        case ukeys: return parts::number(v.ukeys());
        case lacking: return parts::number(v.ukeys_lacking());
        default: return {};
    }
}

QVariant VersionsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::DisplayRole) {
        if (section >= first_class) return parts::class_word(model::name(model::kAllClasses[static_cast<std::size_t>(section - first_class)]));
        switch (section) {
            case version: return tr("Version");
            case state: return tr("State");
            case meters: return tr("Meters");
            case ukeys: return tr("UKEYs");
            case lacking: return tr("UKEYs lack it");
            default: return {};
        }
    }
    if (role == Qt::ToolTipRole) {
        if (section >= first_class) return tr("Which master of this class the version uses");
        switch (section) {
            case meters: return tr("Meters that are known to hold it");
            case ukeys: return tr("UKEYs in service that hold every master of it that they may");
            case lacking: return tr("UKEYs in service that lack a master of it that they may hold");
            default: return {};
        }
    }
    return {};
}

}  // namespace ui::keys
