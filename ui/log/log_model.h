#pragma once
#include <QAbstractTableModel>

#include "ui/log/finder.h"
#include "ui/log/page_cache.h"

namespace ui::log {

/// The log as a table, the newest event first: all of it, of which only what is looked at is fetched; or what a filter leaves, found page by page. Thread: the window's.
class LogModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column : std::uint8_t { kNumber, kTime, kType, kWhat, kColumns };
    enum Role : int { kIndexRole = Qt::UserRole, kToneRole, kArchivedRole };

    explicit LogModel(Source source, QObject* parent = nullptr);

    /// None: all events.
    void set_filter(std::optional<pb::AuditFilter> filter);
    bool is_filtered() const noexcept { return filtered_; }
    /// How long the log is by now. At the first call it is shown; later ones add to news().
    void set_size(std::uint64_t size, std::uint64_t archived);
    std::uint64_t size() const noexcept { return size_; }
    std::uint64_t archived() const noexcept { return filtered_ ? finder_.archived() : cache_.archived(); }
    /// Events that are newer than the top row.
    std::uint64_t news() const noexcept;
    void take_news();

    Finder& finder() noexcept { return finder_; }
    const PageCache& cache() const noexcept { return cache_; }
    /// After an error: what is looked at is asked for again.
    void go_on();
    /// Everything that was read is forgotten: somebody else is looking now.
    void forget();
    /// -1: it is not here, or not yet.
    int row_of(std::uint64_t index) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

signals:
    void changed();  ///< news(), or how far the search is
    void answered();  ///< the service shows its log
    void failed(const base::Error& error);

private:
    std::uint64_t index_of(int row) const;
    bool is_archived(std::uint64_t index) const;
    const Row* row_at(int row) const;

    RowMaker maker_;
    mutable PageCache cache_;  ///< to look at an event is to ask for it
    Finder finder_;
    bool filtered_ = false;
    std::uint64_t shown_ = 0;  ///< events in the table without a filter
    std::uint64_t size_ = 0;
};

}  // namespace ui::log
