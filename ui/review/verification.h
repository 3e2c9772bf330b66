#pragma once
#include <QWidget>
#include <functional>

#include "ui/parts/program.h"
#include "ui/parts/saved_file.h"
#include "ui/parts/verdict.h"

class QPushButton;

namespace ui::link {
class Link;
}
namespace ui::parts {
class Notice;
class Working;
}

namespace ui::review {

/// Verifies a file of the log with kmp-audit, and says what came of it. Hidden until it has something to offer.
class Verification : public QWidget {
    Q_OBJECT
public:
    Verification(link::Link& link, QWidget* parent);
    /// A file that was written just now. `whole`: all of the log is in it; then what came of it is kept for Home. `sealed_to`: UKEYs that alone can open it; then only what to do is said.
    void offer(const QString& file, const QStringList& sealed_to, bool whole = false);
    void clear();
    /// Also of a file that somebody chose.
    void verify(const QString& file, bool whole = false);
    /// What was found, as it counts now.
    void show_told();
    bool is_running() const noexcept { return running_; }

signals:
    void running_changed();

private:
    /// What is being verified.
    struct Asked {
        QString file;
        bool whole = false;
        std::string platform;  ///< that was open
        QStringList trust;
        parts::Seen seen;
        parts::AsideFile note;  ///< what it is held against; without a path: nothing
    };
    void run();
    void cancel();
    /// Without a verdict it was cancelled.
    void end(std::function<parts::Verdict()> verdict);
    void stop();

    link::Link& link_;
    parts::Program program_;
    bool running_ = false;
    Asked asked_;    ///< while it runs
    int order_ = 0;  ///< number of the newest verification
    QPushButton* verify_;
    parts::Working* working_;
    parts::Notice* verdict_;
};

}  // namespace ui::review
