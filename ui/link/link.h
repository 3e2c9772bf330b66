#pragma once
#include <QObject>
#include <QString>
#include <QTimer>
#include <optional>

#include "ui/link/line.h"
#include "ui/link/listing.h"

namespace ui::link {

/// Where the service is.
struct Address {
    std::string home;    ///< for people
    std::string socket;  ///< admin.sock
    Known known;
};

/// The service as the window sees it: its status as of now, an officer's line for what changes something, a reader's line for the log, on which an auditor may be logged in. Thread: the window's.
class Link : public QObject {
    Q_OBJECT
public:
    enum class State {
        connecting,
        away,           ///< nobody answers: trouble()
        uninitialised,  ///< no ceremony was held
        sealed,
        open,
        failing,        ///< it refuses everything: the status says why
    };

    explicit Link(Address address, QObject* parent = nullptr);

    void start();
    State state() const noexcept { return state_; }
    /// False: the log was set back, or is another's; trouble() says how. Only what takes something away from somebody is asked of such a service.
    bool is_believed() const noexcept { return officer_.is_believed() && reader_.is_believed(); }
    /// Something of its log was known when it was met last: that the log is believed says more than that it is the first one.
    bool knew_the_log() const noexcept { return !officer_.checkpoint().empty(); }
    const base::Error& trouble() const noexcept { return !officer_.is_believed() ? officer_.disbelief() : !reader_.is_believed() ? reader_.disbelief() : officer_.trouble(); }
    /// As of the last second. Empty in states connecting and away.
    const pb::StatusReply& status() const noexcept { return status_; }
    /// Whether it warns that none was made, or not for long.
    bool backup_is_due() const;
    const Address& address() const noexcept { return address_; }

    /// Whether officers hold the master-control UKEY: then what it takes becomes a request.
    bool has_quorum() const noexcept { return status_.officers() > 0; }

    /// Whoever is logged in to read the log with an auditor UKEY.
    const std::optional<pb::AuditLoginReply>& auditor() const noexcept { return auditor_; }
    /// `serial` empty: the only auditor UKEY that is plugged in.
    Line::Ticket log_in(QObject* owner, const std::string& serial, base::Secret pin, Line::Done done);
    /// Nobody waits for it any more, and nobody is logged in by it, however far it was.
    void cancel_log_in(Line::Ticket asked);
    void log_out();

    /// For what an officer does, and what is not in the log. tampered: the log is not believed, and this gives something to somebody.
    Line::Ticket ask(QObject* owner, pb::AdminRequest request, Line::Done done, Pins pins = {}, Line::Part part = {});
    /// For what reads the log, or what is listed: on the auditor's connection once somebody is logged in.
    Line::Ticket read(QObject* owner, pb::AdminRequest request, Line::Done done, Line::Part part = {});
    /// All UKEYs, with the terms of their grants.
    ListOf<pb::Ukey>& ukeys() noexcept { return *ukeys_; }
    ListOf<pb::Account>& accounts() noexcept { return *accounts_; }
    void cancel(Line::Ticket asked) { officer_.cancel(asked); }
    void cancel_read(Line::Ticket asked) { reader_.cancel(asked); }
    /// While held nothing is read on the reader's line: for a caller that cannot take more parts now. Not for long: the service gives up a client that does not read for 10 s.
    void hold_reading(bool held) { reader_.hold(held); }

    /// Everything that was asked is answered.
    bool is_idle() const noexcept { return officer_.is_idle() && reader_.is_idle(); }
    /// Asks for the status now: something was just done.
    void look();

signals:
    void status_changed();   ///< about once a second
    void state_changed();    ///< state(), is_believed() or trouble() is another
    void auditor_changed();
    /// Something was done here: lists are to be read again.
    void done_something();

private:
    void update(State state);
    void on_status(base::Result<pb::AdminReply> reply);
    /// Then `done`.
    void meet_another_log(const std::string& before, std::function<void()> done);
    void end_login();

    Address address_;
    Line officer_;
    Line reader_;
    QTimer poll_;
    QTimer greet_;
    State state_ = State::connecting;
    bool believed_ = true;
    bool asking_ = false;
    pb::StatusReply status_;
    std::optional<pb::AuditLoginReply> auditor_;
    ListOf<pb::Ukey>* ukeys_;        ///< Qt's children
    ListOf<pb::Account>* accounts_;
};

/// Whether a request may be sent to a service whose log is not the one that is known: it shows what has become of service and log, or only takes something away from somebody.
bool works_on_any_log(const pb::AdminRequest& request) noexcept;

}  // namespace ui::link
