#pragma once
#include <QWidget>

#include "ui/link/kept.h"
#include "ui/parts/program.h"
#include "ui/parts/saved_file.h"

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
    /// A file that was written just now. `sealed_to`: UKEYs that alone can open it; then only what to do is said.
    void offer(const QString& file, const QStringList& sealed_to);
    void clear();
    /// Also of a file that somebody chose.
    void verify(const QString& file);
    bool is_running() const noexcept { return running_; }

signals:
    void running_changed();

private:
    /// `note`: the checkpoint that is kept, as a file; without a path it is held against none.
    void run(const link::Kept& kept, const parts::AsideFile& note);
    void show_told();
    link::Link& link_;
    parts::Program program_;
    bool running_ = false;
    QPushButton* verify_;
    parts::Working* working_;
    parts::Notice* verdict_;
};

}  // namespace ui::review
