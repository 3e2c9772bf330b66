#pragma once
#include <QObject>

#include "ui/review/tally.h"

namespace ui::review {

/// Reads the events of a period page by page, and counts them. Bounded: beyond kMost events it ends, and says that it did.
class TallyReader : public QObject {
    Q_OBJECT
public:
    static constexpr std::uint64_t kMost = 200'000;

    struct Read {
        Tally tally;
        std::uint64_t events = 0;
        std::uint64_t archived = 0;  ///< events below this one were not looked at
        base::Millis reached = 0;    ///< 0: all were counted; otherwise those up to here
        bool voids_missing = false;  ///< the limit was met among the voids that came after the period
    };
    TallyReader(link::Link& link, QObject* parent);
    void start(const Utility& utility, QDate from, QDate until);
    void cancel();
    bool is_running() const noexcept { return ticket_ != 0; }

signals:
    void progressed(quint64 events, quint64 at, quint64 of);
    void finished(const ui::review::TallyReader::Read& read);
    void failed(const base::Error& error);

private:
    void ask(std::uint64_t first);
    void take(const link::pb::AuditListReply& page);
    void end();

    link::Link& link_;
    link::Line::Ticket ticket_ = 0;
    base::Millis from_ = 0;
    base::Millis until_ = 0;
    bool voids_ = false;  ///< of after the period, of orders in it
    Read read_;
};

}  // namespace ui::review
