#include "ui/log/log_model.h"

#include <QDateTime>
#include <algorithm>
#include <limits>

#include "ui/parts/words.h"

namespace ui::log {
namespace {

/// A table has no more rows; a longer log shows its newest.
constexpr std::uint64_t kMostRows = 50'000'000;

QString zone(const QDateTime& local) { return parts::utc_offset(local.offsetFromUtc() / 60); }

/// The header names the zone of today; a time of the other half of the year, where clocks are put forward, has one of its own.
QString time_words(base::Millis time) {
    const QString own = zone(QDateTime::fromMSecsSinceEpoch(time));
    const QString shown = parts::moment_to_seconds(time);
    return own == zone(QDateTime::currentDateTime()) ? shown : shown + QLatin1Char(' ') + own;
}

}  // namespace

LogModel::LogModel(Source source, QObject* parent) : QAbstractTableModel(parent), cache_(source, maker_, this), finder_(source, maker_, this) {
    connect(&cache_, &PageCache::came, this, [this](std::uint64_t first, std::uint64_t end) {
        emit answered();
        if (filtered_ || first >= shown_) return;
        const int top = row_of(std::min(end, shown_) - 1);
        const int bottom = row_of(first);
        emit dataChanged(index(top, 0), index(bottom < 0 ? rowCount() - 1 : bottom, kColumns - 1));
    });
    connect(&cache_, &PageCache::failed, this, &LogModel::failed);
    connect(&finder_, &Finder::about_to_find, this, [this](int first, int last) { beginInsertRows({}, first, last); });
    connect(&finder_, &Finder::has_found, this, [this] { endInsertRows(); });
    connect(&finder_, &Finder::changed, this, &LogModel::changed);
    connect(&finder_, &Finder::changed, this, [this] {
        if (filtered_ && finder_.looked_back_to()) emit answered();
    });
    connect(&finder_, &Finder::failed, this, &LogModel::failed);
}

void LogModel::set_filter(std::optional<pb::AuditFilter> filter) {
    finder_.stop();
    beginResetModel();
    filtered_ = filter.has_value();
    shown_ = size_;
    if (filter) finder_.begin(std::move(*filter));
    endResetModel();
    emit changed();
}

void LogModel::set_size(std::uint64_t size, std::uint64_t archived) {
    const bool first = size_ == 0;
    const bool anew = size < size_;  // another log, or one that was set back
    if (first || anew) beginResetModel();
    cache_.set_size(size, archived);
    const bool longer = size > size_;
    size_ = size;
    if (first || anew) {
        shown_ = size;
        endResetModel();
    }
    if (filtered_ && longer) finder_.look_for_new(size);
    if (longer || anew) emit changed();
}

std::uint64_t LogModel::news() const noexcept { return filtered_ ? finder_.fresh().size() : size_ - shown_; }

void LogModel::take_news() {
    const std::uint64_t n = news();
    if (n == 0) return;
    if (n > kMostRows || (!filtered_ && shown_ + n > kMostRows)) {
        beginResetModel();
        shown_ = size_;
        endResetModel();
    } else {
        beginInsertRows({}, 0, static_cast<int>(n) - 1);
        filtered_ ? static_cast<void>(finder_.take_fresh()) : static_cast<void>(shown_ = size_);
        endInsertRows();
    }
    emit changed();
}

void LogModel::go_on() {
    cache_.go_on();
    if (rowCount() > 0) emit dataChanged(index(0, 0), index(0, 0));
}

void LogModel::forget() {
    beginResetModel();
    cache_.clear();
    cache_.go_on();
    shown_ = size_;
    endResetModel();
}

std::uint64_t LogModel::index_of(int row) const { return shown_ - 1 - static_cast<std::uint64_t>(row); }

int LogModel::row_of(std::uint64_t number) const {
    if (!filtered_) {
        if (number >= shown_ || shown_ - 1 - number >= kMostRows) return -1;
        return static_cast<int>(shown_ - 1 - number);
    }
    const auto& found = finder_.found();
    const auto at = std::ranges::lower_bound(found, number, std::greater<>(), &Row::index);
    return at == found.end() || at->index != number ? -1 : static_cast<int>(at - found.begin());
}

bool LogModel::is_archived(std::uint64_t number) const { return log::is_archived(number, cache_.archived()); }

const Row* LogModel::row_at(int row) const {
    if (filtered_) return &finder_.found()[static_cast<std::size_t>(row)];
    const std::uint64_t number = index_of(row);
    return is_archived(number) ? nullptr : cache_.find(number);
}

int LogModel::rowCount(const QModelIndex& parent) const {
    if (parent.isValid()) return 0;
    return static_cast<int>(filtered_ ? finder_.found().size() : std::min(shown_, kMostRows));
}

int LogModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QVariant LogModel::data(const QModelIndex& at, int role) const {
    if (!at.isValid() || at.row() >= rowCount()) return {};
    const bool text = role == Qt::DisplayRole || (role == Qt::ToolTipRole && at.column() == kWhat);
    if (role == kIndexRole) return static_cast<qulonglong>(filtered_ ? row_at(at.row())->index : index_of(at.row()));
    if (role == Qt::TextAlignmentRole && at.column() == kNumber) return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    if (!text && role != kToneRole && role != kArchivedRole) return {};
    const Row* row = row_at(at.row());
    const bool archived = row == nullptr && is_archived(index_of(at.row()));
    if (role == kArchivedRole) return archived;
    if (role == kToneRole) return static_cast<int>(archived || row == nullptr ? parts::Tone::muted : row->tone);
    if (at.column() == kNumber) return parts::number(row == nullptr ? index_of(at.row()) : row->index);
    if (archived) return at.column() == kWhat ? QVariant(tr("It is in an archive segment.")) : QVariant();
    if (row == nullptr) return QStringLiteral("…");
    if (row->kind == nullptr) return at.column() == kWhat ? QVariant(tr("The service does not show this event.")) : QVariant();
    switch (at.column()) {
        case kTime: return time_words(row->time);
        case kType: return row->kind->word;
        default: return row->text;
    }
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole && section == kNumber) return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    if (role != Qt::DisplayRole) return {};
    switch (section) {
        case kNumber: return tr("Number");
        case kTime: return tr("Time (UTC%1)").arg(zone(QDateTime::currentDateTime()));
        case kType: return tr("Type");
        default: return tr("What happened");
    }
}

bool LogModel::canFetchMore(const QModelIndex& parent) const { return !parent.isValid() && filtered_ && !finder_.is_looking() && !finder_.is_at_end() && !finder_.is_stopped() && finder_.looked_back_to().has_value(); }

void LogModel::fetchMore(const QModelIndex& parent) {
    if (!parent.isValid() && filtered_) finder_.more();
}

}  // namespace ui::log
