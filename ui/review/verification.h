#pragma once
#include <QWidget>

#include "ui/parts/program.h"

class QPushButton;

namespace ui::link {
class Link;
}
namespace ui::parts {
class Notice;
}

namespace ui::review {

class Working;
struct Kept;

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

private:
    void run(const Kept& kept, bool against_kept);
    link::Link& link_;
    parts::Program program_;
    QString file_;
    bool running_ = false;
    QPushButton* verify_;
    Working* working_;
    parts::Notice* verdict_;
};

}  // namespace ui::review
