#pragma once
#include <QObject>
#include <memory>

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
    };
    using Done = std::function<void(base::Result<Got>)>;

    LogFile(link::Link& link, QObject* parent);
    ~LogFile() override;
    /// `done` is called once, later; unless it is ok there is no file, or the one of before. Precondition: !is_running().
    void get(link::pb::AuditExport what, const QString& file, Done done);
    void cancel();
    bool is_running() const noexcept { return static_cast<bool>(done_); }

signals:
    void running_changed();
    void progressed(quint64 bytes, quint32 events, quint32 of);

private:
    void take(const link::pb::AdminReply& part);
    void hold(bool held);
    void written(base::Result<std::uint64_t> bytes);
    void end(base::Result<Got> got);

    link::Link& link_;
    link::Line::Ticket ticket_ = 0;
    std::unique_ptr<LogWriter> writer_;
    link::pb::AuditExportReply last_;
    Done done_;
    bool held_ = false;
    std::uint64_t bytes_ = 0;
    link::pb::Progress progress_;
};

}  // namespace ui::review
