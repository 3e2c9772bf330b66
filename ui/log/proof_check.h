#pragma once
#include <QObject>
#include <QString>

#include "ui/link/link.h"
#include "ui/parts/program.h"

namespace ui::log {

/// Has kmp-audit check a proof file, beside this program, with the key that this computer knows the log by. Nothing of it is the service's word. Thread: the window's; it waits for nothing.
class ProofCheck : public QObject {
    Q_OBJECT
public:
    enum class Verdict {
        holds,
        fails,    ///< line() says what does not hold
        unknown,  ///< it could not be checked: line() says why
    };
    ProofCheck(link::Link& link, QObject* parent);
    /// `leaf`: hex, of the event that it must be about; empty: whichever it is about. One at a time.
    void begin(const QString& file, const QString& leaf);
    bool is_running() const noexcept { return program_.is_running() || looking_; }
    const QString& line() const noexcept { return line_; }

signals:
    void finished(ui::log::ProofCheck::Verdict verdict);

private:
    void run(const QString& file, const QString& leaf, const QString& key);
    void end(Verdict verdict, const QString& line);
    link::Link& link_;
    parts::Program program_;
    QTimer patience_;
    bool looking_ = false;  ///< for the key
    QString line_;
};

}  // namespace ui::log
