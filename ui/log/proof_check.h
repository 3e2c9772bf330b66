#pragma once
#include <QByteArray>
#include <QObject>
#include <QTimer>

#include "ui/log/proof_verdict.h"
#include "ui/parts/program.h"
#include "ui/parts/saved_file.h"

namespace ui::log {

/// Has kmp-audit check a proof, beside this program, with the keys that are given, or else the one that this computer knows the log by. Nothing of it is the service's word. Thread: the window's; it waits for nothing.
class ProofCheck : public QObject {
    Q_OBJECT
public:
    ProofCheck(link::Link& link, QObject* parent);
    /// Of whichever event it is. `keys`: as C2SP writes them; none: the one that is known here. One at a time.
    void check_file(const QString& file, const QStringList& keys = {});
    /// The same, of what the service proves of this event.
    void prove(const pb::AuditEvent& asked, const QStringList& keys = {});
    void cancel();
    bool is_running() const noexcept { return running_; }
    /// What is checked, or was; empty: there is none.
    const QByteArray& proof() const noexcept { return proof_; }

signals:
    void changed();  ///< is_running() is another
    void finished(const ui::parts::Verdict& verdict);

private:
    void begin(const Asked& asked, const QStringList& keys);
    void refuse(const base::Error& error);
    void put_aside();
    void look_for_key();
    void check();
    void run();
    void end(const parts::Verdict& verdict);

    link::Link& link_;
    parts::Program program_;
    QTimer patience_;
    link::Line::Ticket ticket_ = 0;
    parts::AsideFile aside_;
    QByteArray proof_;
    Asked asked_;
    QStringList keys_;
    bool running_ = false;
    int order_ = 0;  ///< number of the newest check
};

}  // namespace ui::log
