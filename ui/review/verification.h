#pragma once
#include <QWidget>

#include "ui/link/kept.h"
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
    /// `note`: the checkpoint that is kept, as a file; without a path it is held against none.
    void run(const parts::Seen& seen, const parts::AsideFile& note);
    link::Link& link_;
    parts::Program program_;
    bool running_ = false;
    QPushButton* verify_;
    parts::Working* working_;
    parts::Notice* verdict_;
};

}  // namespace ui::review
