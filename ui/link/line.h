#pragma once
#include <QElapsedTimer>
#include <QObject>
#include <QPointer>
#include <QSocketNotifier>
#include <QTimer>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "wire/client.h"
#include "wire/known_log.h"
#include "wire/pb.h"

/// What the window knows of the service: connections that are never waited for.
namespace ui::link {

namespace pb = wire::pb;

/// A PIN that goes with one request.
struct Pin {
    std::string role;  ///< as PinEntry.role in wire/kmp.proto
    base::Secret secret;
};
using Pins = std::vector<Pin>;

/// Which log is meant, as for kmpctl: whoever sets a log back is found out at the next hello.
struct Known {
    std::string file;
    std::string key;  ///< what the operator vouches for; empty: the one of the first contact
};

/// How long the service may say nothing at all while something is asked before the connection is given up. A request may take longer: an idle service still says how it is.
inline constexpr std::chrono::milliseconds kSilence{30'000};

/// One connection to admin.sock that asks without waiting: many requests may be under way, and each answer is handed to whoever asked, in this thread. It connects by itself and goes on trying; what was asked meanwhile fails at once,
/// so that nothing happens later than somebody wanted it. Thread: the window's.
class Line : public QObject {
    Q_OBJECT
public:
    using Done = std::function<void(base::Result<pb::AdminReply>)>;
    using Part = std::function<void(const pb::AdminReply&)>;  ///< each reply that announces more: a piece of the answer, or `progress`
    using Ticket = std::uint64_t;                              ///< 0: none

    Line(std::string socket, Known known, QObject* parent);
    ~Line() override;

    /// Begins to connect. One call.
    void start();
    bool is_up() const noexcept { return greeted_; }
    /// What the service said of itself last. Precondition: is_up().
    const pb::HelloReply& greeting() const noexcept { return greeting_; }
    /// Why it is not up.
    const base::Error& trouble() const noexcept { return trouble_; }
    /// Why its log is not believed. Precondition: !is_believed().
    const base::Error& disbelief() const noexcept { return disbelief_; }
    /// False: its log does not go on from what is known of it; disbelief() says how. Until an open service has proved it, whatever is known stays.
    bool is_believed() const noexcept { return believed_; }
    /// The checkpoint of its log that was known when it last said hello; empty: none.
    const std::string& checkpoint() const noexcept { return checkpoint_; }

    /// Sends a request, its PINs before it; they are wiped when this returns. `done` is called once, later, and never when `owner` is gone by then. A connection that breaks is not_found or io_failed for what was not
    /// sent, and outcome_unknown for what changes something and was.
    Ticket ask(QObject* owner, pb::AdminRequest request, Pins pins, Done done, Part part = {});
    /// Nothing more is heard of it; `done` gets `cancelled`, or outcome_unknown where it changes something. The service ends what can be ended. A ticket that is over is ignored.
    void cancel(Ticket ticket);
    /// Nothing is asked.
    bool is_idle() const noexcept { return asked_.empty(); }
    /// Says hello anew: the log must still go on from what is known of it.
    void greet();
    /// While held nothing is read: for a caller that cannot take more parts now.
    void hold(bool held);
    /// The connection is given up and made anew.
    void restart();

signals:
    void came_up();      ///< and said hello; also when it said hello again
    void went_down();

private:
    struct Asked {
        QPointer<QObject> owner;
        bool owned = false;
        Done done;
        Part part;
        bool changes = false;  ///< something, so that a lost answer is an unknown outcome
    };
    struct Opened {
        base::Result<wire::Connection> connection;
        base::Result<wire::KnownLog> log;
    };
    void connect_later();
    void take(Opened opened);
    void say_hello(base::Result<wire::KnownLog> log);
    void read();
    void receive(const pb::AdminReply& reply);
    void met(const base::Result<pb::HelloReply>& answer);
    void lose(base::Error why);
    void look_for_silence();
    static void finish(Asked asked, base::Result<pb::AdminReply> result);
    base::Status send(const pb::AdminRequest& request);

    std::string socket_;
    Known known_;
    std::optional<wire::Connection> connection_;
    std::unique_ptr<QSocketNotifier> notifier_;
    std::map<Ticket, Asked> asked_;
    Ticket last_ = 0;
    bool greeted_ = false;
    bool believed_ = true;
    bool held_ = false;
    bool connecting_ = false;
    bool pinging_ = false;
    pb::HelloReply greeting_;
    base::Error disbelief_;
    base::Error trouble_{base::Code::not_found, "not connected yet", 0};
    QTimer retry_;
    QTimer watch_;
    QElapsedTimer heard_;  ///< since the service said something, or was first asked again
    int tries_ = 0;
    std::uint64_t greetings_ = 0;
    std::string checkpoint_;
};

}  // namespace ui::link
