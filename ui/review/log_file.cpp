#include "ui/review/log_file.h"

#include "ui/review/log_writer.h"

namespace ui::review {

namespace pb = link::pb;

LogFile::LogFile(link::Link& link, QObject* parent) : QObject(parent), link_(link) {}

LogFile::~LogFile() {
    done_ = {};
    hold(false);
    link_.cancel_read(ticket_);
}

void LogFile::get(pb::AuditExport what, const QString& file, Done done) {
    done_ = std::move(done);
    bytes_ = 0;
    progress_.Clear();
    writer_ = std::make_unique<LogWriter>(this, file.toStdString(), [this] { hold(false); }, [this](base::Result<std::uint64_t> bytes) { written(std::move(bytes)); });
    pb::AdminRequest request;
    *request.mutable_audit_export() = std::move(what);
    ticket_ = link_.read(this, std::move(request), [this](base::Result<pb::AdminReply> reply) {
        ticket_ = 0;
        if (!done_) return;
        if (!reply) return end(reply.error());
        take(*reply);
        last_ = reply->audit_export();
        last_.clear_chunk();
        if (writer_) writer_->finish();
    }, [this](const pb::AdminReply& part) { take(part); });
    emit running_changed();
}

void LogFile::take(const pb::AdminReply& part) {
    if (!done_ || !writer_) return;
    if (part.has_progress()) progress_ = part.progress();
    const std::string& chunk = part.audit_export().chunk();
    if (!chunk.empty()) {
        bytes_ += chunk.size();
        if (writer_->add(chunk) > LogWriter::kMuch) hold(true);
    }
    emit progressed(bytes_, progress_.done(), progress_.of());
}

void LogFile::hold(bool held) {
    if (held == held_) return;
    held_ = held;
    link_.hold_reading(held);
}

void LogFile::written(base::Result<std::uint64_t> bytes) {
    if (!done_) return;
    if (!bytes) return end(bytes.error());
    end(Got{last_, *bytes});
}

void LogFile::cancel() {
    if (is_running()) end(base::Error{base::Code::cancelled, "cancelled", 0});
}

void LogFile::end(base::Result<Got> got) {
    const Done done = std::move(done_);
    done_ = {};
    hold(false);
    const link::Line::Ticket ticket = ticket_;
    ticket_ = 0;
    if (ticket != 0) link_.cancel_read(ticket);
    writer_.reset();
    emit running_changed();
    done(std::move(got));
}

}  // namespace ui::review
