#pragma once
#include <QDate>
#include <QObject>
#include <QTemporaryDir>
#include <memory>

#include "ui/parts/program.h"
#include "ui/parts/verdict.h"
#include "ui/review/log_file.h"
#include "ui/review/pdf_view.h"

namespace ui::review {

/// Makes the report of one day: the log is fetched into a folder that nobody else reads, kmpctl verifies it and draws the day, and the folder is removed, whatever came of it.
class DayReport : public QObject {
    Q_OBJECT
public:
    struct Made {
        QDate day;
        std::shared_ptr<const Paper> paper;  ///< null: none was drawn
        std::function<parts::Verdict()> verdict;  ///< in the language of whoever asks
        std::string platform;  ///< that was open
        QStringList trust;     ///< as make() was given it
    };
    DayReport(link::Link& link, LogFile& log, QObject* parent);
    ~DayReport() override;
    /// `own`: a checkpoint that the log is held against in place of the one that is kept; empty: none. `further`: files of the same log, as archive segments. Precondition: !is_running().
    void make(QDate day, const QStringList& trust, const std::string& own, const QStringList& further);
    void cancel();
    bool is_running() const noexcept { return folder_ != nullptr; }

signals:
    void stepped(const QString& what, quint64 done, quint64 of);
    void made(const ui::review::DayReport::Made& made);
    void failed(const ui::parts::Verdict& why);

private:
    void draw();
    void read(const parts::Program::Ended& ended);
    void end(const base::Error& error) { end(parts::verdict_of_error(error)); }
    void end(const parts::Verdict& why);
    QString in_folder(const char* name) const;

    link::Link& link_;
    LogFile& log_;
    parts::Program program_;
    std::unique_ptr<QTemporaryDir> folder_;  ///< while it is being made
    QDate day_;
    QStringList trust_;
    QStringList options_;
    parts::Seen seen_;
    std::string platform_;
    int order_ = 0;
    bool reading_ = false;  ///< the log file runs, and for this
};

}  // namespace ui::review
