#include "ui/review/log_writer.h"

#include <QMetaObject>
#include <QtConcurrent>

namespace ui::review {

LogWriter::LogWriter(QObject* home, std::string file, std::function<void()> room, Done done, Open open)
    : home_(home), file_(std::move(file)), room_(std::move(room)), done_(std::move(done)), open_(open), thread_([this] { work(); }) {}

LogWriter::~LogWriter() {
    be_silent();
    thread_.join();
}

void LogWriter::leave(std::unique_ptr<LogWriter> writer) {
    if (!writer) return;
    writer->be_silent();
    (void)QtConcurrent::run([gone = std::shared_ptr<LogWriter>(std::move(writer))]() mutable { gone.reset(); });
}

void LogWriter::be_silent() {
    {
        const std::lock_guard lock(mutex_);
        silent_ = true;
    }
    stop();
}

void LogWriter::stop() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_one();
}

bool LogWriter::is_stopped() {
    const std::lock_guard lock(mutex_);
    return stop_;
}

std::size_t LogWriter::add(std::string piece) {
    std::size_t waiting = 0;
    {
        const std::lock_guard lock(mutex_);
        waiting = waiting_ += piece.size();
        was_much_ = was_much_ || waiting > kMuch;
        pieces_.push_back(std::move(piece));
    }
    changed_.notify_one();
    return waiting;
}

void LogWriter::finish() {
    {
        const std::lock_guard lock(mutex_);
        finish_ = true;
    }
    changed_.notify_one();
}

void LogWriter::work() {
    auto written = write();
    const std::lock_guard lock(mutex_);
    if (silent_) return;
    QMetaObject::invokeMethod(home_, [done = done_, written = std::move(written)] { done(written); }, Qt::QueuedConnection);
}

bool LogWriter::next(std::string& piece) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stop_ || finish_ || !pieces_.empty(); });
    if (stop_ || pieces_.empty()) return false;
    piece = std::move(pieces_.front());
    pieces_.pop_front();
    waiting_ -= piece.size();
    if (was_much_ && waiting_ < kLittle) {
        was_much_ = false;
        QMetaObject::invokeMethod(home_, room_, Qt::QueuedConnection);
    }
    return true;
}

base::Result<std::uint64_t> LogWriter::write() {
    KMP_TRY(base::OutputFile out, open_(file_, 0600));
    std::string piece;
    while (next(piece)) KMP_CHECK(out.add(piece));
    // Syncing takes as long as the disk likes: what was stopped meanwhile gets no name.
    if (!is_stopped()) KMP_CHECK(out.sync());
    if (is_stopped()) return base::Error{base::Code::cancelled, "cancelled", 0};
    KMP_CHECK(out.finish());
    return out.bytes();
}

}  // namespace ui::review
