#include "ui/review/day_report.h"

#include <QDir>
#include <QFile>
#include <QtConcurrent>

#include "ui/link/after.h"
#include "ui/link/kept.h"
#include "ui/parts/words.h"
#include "ui/review/standing.h"

namespace ui::review {
namespace {

using base::Code;

constexpr qint64 kLargestPdf = 256 << 20;
const QString kHeldAgainst = QStringLiteral("--checkpoint");

/// On another thread: a log may be large, and removing it takes a while too.
void remove_later(std::unique_ptr<QTemporaryDir> folder) {
    if (!folder) return;
    (void)QtConcurrent::run([gone = std::shared_ptr<QTemporaryDir>(std::move(folder))]() mutable { gone.reset(); });
}

}  // namespace

DayReport::DayReport(link::Link& link, LogFile& log, QObject* parent) : QObject(parent), link_(link), log_(log), program_(this) {
    connect(&log_, &LogFile::progressed, this, [this](quint64 bytes, quint32 events, quint32 of) {
        if (reading_) emit stepped(tr("Reading the log: %1 events, %2").arg(parts::number(events), parts::file_size(bytes)), events, of);
    });
}

DayReport::~DayReport() { remove_later(std::move(folder_)); }

QString DayReport::in_folder(const char* name) const { return folder_->filePath(QLatin1String(name)); }

void DayReport::make(QDate day, const QStringList& trust, const std::string& own, const QStringList& further) {
    folder_ = std::make_unique<QTemporaryDir>(QDir::tempPath() + QStringLiteral("/kmp-report-XXXXXX"));
    if (!folder_->isValid()) return end({Code::io_failed, folder_->errorString().toStdString(), 0});
    day_ = day;
    trust_ = trust;
    platform_ = link_.status().platform();
    options_ = QStringList{QStringLiteral("--day"), day.toString(Qt::ISODate)} + trust;
    for (const QString& file : further) options_ << QStringLiteral("--with") << file;
    emit stepped(tr("Reading the log"), 0, 0);
    const int order = ++order_;
    link::after(link::read_kept(link_.address().known), this, [this, order, own](const link::Kept& kept) {
        if (!folder_ || order != order_) return;
        seen_ = seen_of(link_, kept, own);
        if (own.empty() && !kept.trouble.isEmpty()) return end(verdict_without_checkpoint(kept.trouble));
        if (const std::string& note = own.empty() ? kept.note : own; !note.empty()) {
            QFile file(in_folder("checkpoint.note"));
            if (!file.open(QIODevice::WriteOnly) || file.write(QByteArray::fromStdString(note)) < 0 || !file.flush()) return end(verdict_without_checkpoint(tr("cannot write %1: %2").arg(file.fileName(), file.errorString())));
            options_ << kHeldAgainst << file.fileName();
        }
        link::pb::AuditExport what;
        what.set_first(link_.status().archived());
        reading_ = true;
        log_.get(std::move(what), in_folder("log.kmpaudit"), [this](base::Result<LogFile::Got> got) {
            reading_ = false;
            if (!folder_) return;
            if (!got) return end(got.error());
            if (got->too_late) return end({Code::cancelled, "cancelled", 0});
            draw();
        });
    });
}

void DayReport::draw() {
    emit stepped(tr("Verifying the log and drawing the report"), 0, 0);
    program_.run(QStringLiteral("kmpctl"), QStringList{QStringLiteral("--json"), QStringLiteral("audit"), QStringLiteral("report"), QStringLiteral("--export"), in_folder("log.kmpaudit"), in_folder("day.pdf")} + options_, [this](const parts::Program::Ended& ended) {
        if (!folder_) return;
        if (ended.cancelled) return end({Code::cancelled, "cancelled", 0});
        read(ended);
    });
}

void DayReport::read(const parts::Program::Ended& ended) {
    // Not sound, it is drawn all the same; without a document there was nothing to draw.
    if (ended.out.isEmpty()) return end({Code::refused, ended.line.toStdString(), 0});
    // On paper too a sound log would be called not sound. (One that ends before a checkpoint was set back: it was read just now.)
    if (parts::lies_beside(seen_.given, ended.out) == parts::Beside::before && options_.contains(kHeldAgainst)) {
        options_.remove(options_.indexOf(kHeldAgainst), 2);
        return draw();
    }
    const auto verdict = [json = ended.out, line = ended.line, seen = seen_] { return parts::verdict_of_report(json, line, seen); };
    keep_found(link_, parts::Verified::By::report, ended.out, options_.contains(kHeldAgainst) || seen_.events == 0);
    link::after(QtConcurrent::run([file = in_folder("day.pdf")]() -> std::shared_ptr<const Paper> {
        QFile pdf(file);
        if (!pdf.open(QIODevice::ReadOnly) || pdf.size() > kLargestPdf) return nullptr;
        auto paper = std::make_shared<const Paper>(pdf.readAll());
        return paper->is_good() ? paper : nullptr;
    }), this, [this, verdict, order = order_](const std::shared_ptr<const Paper>& paper) {
        if (!folder_ || order != order_) return;
        remove_later(std::move(folder_));
        emit made({day_, paper, verdict, platform_, trust_});
    });
}

void DayReport::cancel() {
    if (!folder_) return;
    if (program_.is_running()) return program_.cancel();
    if (reading_) return log_.cancel();
    end({Code::cancelled, "cancelled", 0});
}

void DayReport::end(const parts::Verdict& why) {
    remove_later(std::move(folder_));
    emit failed(why);
}

}  // namespace ui::review
