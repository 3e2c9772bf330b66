#include "ui/review/log_file.h"

#include "ui/review/log_writer.h"

namespace ui::review {

namespace pb = link::pb;

LogFile::LogFile(link::Link& link, QObject* parent) : QObject(parent), link_(link) {}

LogFile::~LogFile() {
    done_ = {};
    hold(false);
    link_.cancel_read(ticket_);
    LogWriter::leave(std::move(writer_));
}

void LogFile::get(pb::AuditExport what, const QString& file, Done done) {
    if (is_running()) {
        QMetaObject::invokeMethod(this, [done = std::move(done)] { done(base::Error{base::Code::busy, "the log is read for an export or a report just now: wait until that is done, or cancel it", 0}); }, Qt::QueuedConnection);
        return;
    }
    done_ = std::move(done);
    why_.reset();
    bytes_ = 0;
    progress_.Clear();
    writer_ = std::make_unique<LogWriter>(this, file.toStdString(), [this] { hold(false); }, [this](base::Result<std::uint64_t> bytes) { written(std::move(bytes)); });
    pb::AdminRequest request;
    *request.mutable_audit_export() = std::move(what);
    const int order = ++order_;
    ticket_ = link_.read(this, std::move(request), [this, order](base::Result<pb::AdminReply> reply) {
        if (order != order_ || !is_running() || is_ending()) return;
        ticket_ = 0;
        if (!reply) return stop(reply.error());
        take(*reply);
        last_ = reply->audit_export();
        last_.clear_chunk();
        writer_->finish();
    }, [this, order](const pb::AdminReply& part) {
        if (order == order_) take(part);
    });
    emit running_changed();
}

void LogFile::take(const pb::AdminReply& part) {
    if (!is_running() || is_ending()) return;
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
    if (!is_running()) return;
    // The disk may be full while the service goes on sending.
    if (!bytes && !is_ending()) stop(bytes.error());
    const Done done = std::move(done_);
    done_ = {};
    const bool too_late = is_ending();
    base::Result<Got> got = bytes ? base::Result<Got>(Got{last_, *bytes, too_late}) : base::Result<Got>(*why_);
    why_.reset();
    // Its thread has nothing left to do, but is a moment from its end.
    LogWriter::leave(std::move(writer_));
    emit running_changed();
    done(std::move(got));
}

void LogFile::stop(base::Error why) {
    why_ = std::move(why);
    hold(false);
    link_.cancel_read(std::exchange(ticket_, 0));
    writer_->stop();
    emit running_changed();
}

void LogFile::cancel() {
    if (is_running() && !is_ending()) stop(base::Error{base::Code::cancelled, "cancelled", 0});
}

}  // namespace ui::review
