#pragma once
#include <QObject>
#include <deque>
#include <optional>
#include <vector>

#include "ui/log/row.h"

namespace ui::log {

/// Events that a filter leaves, found backwards from the newest, so many at a time as somebody wants to see. Thread: the window's.
class Finder : public QObject {
    Q_OBJECT
public:
    static constexpr std::size_t kBatch = 200;  ///< found at once; more when they are asked for

    Finder(Source source, RowMaker& rows, QObject* parent);

    /// Begins anew, over the log as it is.
    void begin(pb::AuditFilter filter);
    /// Looks further back.
    void more();
    void stop();
    /// Looks among what came since: what fits is in fresh().
    void look_for_new(std::uint64_t size);
    /// What is new goes to the top of found(); returns how many.
    std::size_t take_fresh();

    const std::deque<Row>& found() const noexcept { return found_; }  ///< the newest first
    const std::vector<Row>& fresh() const noexcept { return fresh_; } ///< rising
    bool is_looking() const noexcept { return looking_; }
    bool is_at_end() const noexcept { return end_; }
    /// By stop(); only more() goes on then.
    bool is_stopped() const noexcept { return stopped_; }
    /// Everything from this event on was looked through. Not given before the first answer.
    std::optional<std::uint64_t> looked_back_to() const noexcept { return back_to_; }
    std::uint64_t size() const noexcept { return size_; }          ///< of the log when it began
    std::uint64_t archived() const noexcept { return archived_; }

signals:
    void about_to_find(int first, int last);  ///< rows at the end
    void has_found();
    void changed();                           ///< is_looking(), is_at_end() or fresh() is another
    void failed(const base::Error& error);

private:
    void ask();
    void ask_for_new();
    void set_looking(bool looking);

    Source source_;
    RowMaker& maker_;
    pb::AuditFilter filter_;
    std::deque<Row> found_;
    std::vector<Row> fresh_;
    std::optional<std::uint64_t> back_to_;
    std::size_t goal_ = 0;
    link::Line::Ticket ticket_ = 0;
    bool looking_ = false;
    bool end_ = false;
    bool stopped_ = false;
    std::uint64_t size_ = 0;
    std::uint64_t archived_ = 0;
    std::uint64_t top_ = 0;    ///< from here on it was not looked for new ones
    std::uint64_t wanted_ = 0; ///< up to here it is to be
    bool looking_up_ = false;
    std::uint64_t round_ = 0;
};

}  // namespace ui::log
