#pragma once
#include <QObject>
#include <memory>
#include <optional>

#include "ui/link/link.h"

namespace ui::review {

class LogWriter;

/// The log, or a range of it, into a file as the service sends it. One at a time: the reader's line is held back while the disk is slower than the service.
class LogFile : public QObject {
    Q_OBJECT
public:
    struct Got {
        link::pb::AuditExportReply what;
        std::uint64_t bytes = 0;
        bool too_late = false;  ///< it was cancelled when the file had its name already
    };
    using Done = std::function<void(base::Result<Got>)>;

    LogFile(link::Link& link, QObject* parent);
    ~LogFile() override;
    /// `done` is called once, later, when all is over; unless it is ok there is no file, or the one of before. errors: busy (it runs for somebody else, who is not disturbed)
    void get(link::pb::AuditExport what, const QString& file, Done done);
    void cancel();
    /// It was cancelled, or failed, and the file is being removed.
    bool is_ending() const noexcept { return why_.has_value(); }
    bool is_running() const noexcept { return static_cast<bool>(done_); }

signals:
    void running_changed();
    void progressed(quint64 bytes, quint32 events, quint32 of);

private:
    void take(const link::pb::AdminReply& part);
    void hold(bool held);
    void written(base::Result<std::uint64_t> bytes);
    void stop(base::Error why);

    link::Link& link_;
    link::Line::Ticket ticket_ = 0;
    std::unique_ptr<LogWriter> writer_;
    link::pb::AuditExportReply last_;
    Done done_;
    std::optional<base::Error> why_;  ///< it is stopped
    int order_ = 0;
    bool held_ = false;
    std::uint64_t bytes_ = 0;
    link::pb::Progress progress_;
};

}  // namespace ui::review
