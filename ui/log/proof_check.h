#pragma once
#include <QByteArray>
#include <QObject>
#include <QTimer>

#include "ui/link/link.h"
#include "ui/parts/program.h"
#include "ui/parts/saved_file.h"
#include "ui/parts/verdict.h"

namespace ui::log {

/// Has kmp-audit check a proof, beside this program, with the key that this computer knows the log by. Nothing of it is the service's word. Thread: the window's; it waits for nothing.
class ProofCheck : public QObject {
    Q_OBJECT
public:
    ProofCheck(link::Link& link, QObject* parent);
    /// `leaf`: hex, of the event that it must be about; empty: whichever it is about. One at a time.
    void check_file(const QString& file, const QString& leaf);
    /// The same, of what the service proves of this event.
    void prove(std::uint64_t index, const QString& leaf);
    void cancel();
    bool is_running() const noexcept { return running_; }
    /// What the service gave; empty: nothing.
    const QByteArray& proof() const noexcept { return proof_; }

signals:
    void changed();  ///< is_running() is another
    void finished(const ui::parts::Verdict& verdict);

private:
    void begin();
    void put_aside(const QString& leaf);
    void look_for_key(const QString& file, const QString& leaf);
    void run(const QString& file, const QString& leaf, const QString& key);
    void end(const parts::Verdict& verdict);

    link::Link& link_;
    parts::Program program_;
    QTimer patience_;
    link::Line::Ticket ticket_ = 0;
    parts::AsideFile aside_;
    QByteArray proof_;
    bool running_ = false;
    int order_ = 0;  ///< number of the newest check
};

}  // namespace ui::log
