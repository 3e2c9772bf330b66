#pragma once
#include <QObject>
#include <QTimer>
#include <functional>

class QProcess;

namespace ui::parts {

/// One run of another program of ours (kmpctl, kmp-audit). It is never waited for; when this goes, it is ended.
class Program : public QObject {
    Q_OBJECT
public:
    struct Ended {
        bool done = false;       ///< it ended by itself; otherwise it was cancelled, crashed or was not there
        bool cancelled = false;
        int code = -1;
        QByteArray out;          ///< standard output
        QString line;            ///< why not, in one line: its own, or what happened to it
    };
    using Done = std::function<void(const Ended&)>;

    explicit Program(QObject* parent);
    ~Program() override;
    /// `done` is called once, later. Precondition: !is_running().
    void run(const QString& name, const QStringList& arguments, Done done);
    /// Asks it to end, as soon as it has begun, and after some seconds does not ask.
    void cancel();
    bool is_running() const noexcept { return static_cast<bool>(done_); }

private:
    void end(Ended ended);
    QProcess* process_;  ///< outlives this until it has ended
    QTimer patience_;
    QByteArray out_;
    QByteArray errors_;  ///< their end
    Done done_;
    bool cancelled_ = false;
};

}  // namespace ui::parts
