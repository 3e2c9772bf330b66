#pragma once
#include <QObject>
#include <deque>
#include <map>
#include <vector>

#include "ui/log/row.h"

namespace ui::log {

/// Pages of the whole log, by the numbers of their events: asked for when somebody looks at them, and forgotten when others are looked at. Thread: the window's.
class PageCache : public QObject {
    Q_OBJECT
public:
    static constexpr std::uint64_t kPage = 128;    ///< events: what the service sends in two answers or three
    static constexpr std::size_t kMostPages = 64;  ///< that are kept
    static constexpr std::size_t kMostWanted = 4;  ///< whoever scrolls on does not wait for what was passed

    PageCache(Source source, RowMaker& rows, QObject* parent);

    /// How many events there are, and up to where they are archived. What is known stays: events do not change.
    void set_size(std::uint64_t size, std::uint64_t archived);
    std::uint64_t archived() const noexcept { return archived_; }
    /// The event, or null: then it is asked for, and came() tells of it.
    const Row* find(std::uint64_t index);
    std::size_t pages() const noexcept { return pages_.size(); }
    /// Nothing more is asked for until go_on(): the service does not answer, or says no.
    void stop();
    void go_on() { stopped_ = false; }
    void clear();

signals:
    void came(std::uint64_t first, std::uint64_t end);
    void failed(const base::Error& error);

private:
    struct Page {
        std::vector<Row> rows;  ///< from its first event on, without a gap
        std::uint64_t used = 0;
    };
    void want(std::uint64_t page);
    void ask_next();
    void ask(std::uint64_t page);
    void take(std::uint64_t page, const pb::AuditListReply& reply);
    void forget_some(std::uint64_t but);

    Source source_;
    RowMaker& maker_;
    std::map<std::uint64_t, Page> pages_;
    std::deque<std::uint64_t> wanted_;  ///< the last one first
    bool asking_ = false;
    bool queued_ = false;
    bool stopped_ = false;
    std::uint64_t round_ = 0;  ///< an answer from before clear() is nobody's
    std::uint64_t tick_ = 0;
    std::uint64_t size_ = 0;
    std::uint64_t archived_ = 0;
};

}  // namespace ui::log
