#pragma once
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>

#include "audit/checkpoint.h"
#include "base/version.h"
#include "kmp/service/auditors.h"
#include "kmp/service/books.h"
#include "kmp/service/config.h"
#include "kmp/service/last_minute.h"
#include "kmp/service/metrics.h"
#include "kmp/service/peer.h"
#include "kmp/service/rare_lines.h"
#include "kmp/service/sealed_log.h"
#include "tokens/bay.h"
#include "tokens/custodian.h"

namespace kmp::v1 {
class StatusReply;
}

namespace kmp::service {

class FeedWatch;
class OutletWatch;
struct Session;

enum class Phase { uninitialised, sealed, open };
std::string_view name(Phase) noexcept;

using base::kVersion;

/// The service's state and what everything in it shares: the UKEYs, the books while it is open, the log.
/// Thread: the I/O thread only, except `on_io`, `officer` and what says so.
class Service {
public:
    Service(asio::io_context& io, Config config, const base::Clock& clock, tokens::Spawner& spawner, SealedLog sealed_log, bool initialised);
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    void start();
    /// Seals, then stops looking at readers; `done` when everything is written. `why`: for the log.
    void stop(const std::string& why, std::function<void()> done);

    Phase phase() const noexcept { return phase_; }
    const Config& config() const noexcept { return config_; }
    const base::Clock& clock() const noexcept { return clock_; }
    asio::io_context& io() noexcept { return io_; }
    /// What strangers can cause to be logged.
    RareLines& lines() noexcept { return lines_; }
    /// What is counted. Thread: any.
    Metrics& metrics() noexcept { return metrics_; }
    const LastMinute& last_minute() const noexcept { return last_minute_; }
    base::Millis started() const noexcept { return started_; }
    tokens::Bay& bay() noexcept { return bay_; }
    /// The UKEYs in the readers whose record in the books is `wanted`.
    std::vector<base::UkeySerial> plugged_in(const std::function<bool(const tokens::UkeyRecord&)>& wanted) const;
    tokens::Custodian& custodian() noexcept { return custodian_; }
    /// Null unless open.
    const std::shared_ptr<Books>& books() const noexcept { return books_; }
    Auditors& auditors() noexcept { return auditors_; }
    SealedLog& sealed_log() noexcept { return sealed_log_; }
    /// Slow work that must not hold up orders: officers' operations, one at a time.
    asio::thread_pool& officer() noexcept { return officer_; }
    /// Exports, archiving, verification and long lists, one at a time and apart from the officers' work: a slow reader must not hold up a revocation.
    asio::thread_pool& exporter() noexcept { return exporter_; }
    /// Searches of the log, each a piece of at most some 100 ms: they hold up neither orders nor officers' work nor exports.
    asio::thread_pool& searcher() noexcept { return searcher_; }
    /// Stretching of PINs, apart from the officers' work: a login must not wait for a ceremony.
    asio::thread_pool& stretcher() noexcept { return stretcher_; }
    /// Has `work`, which needs no token and would hold up orders (a signature to check, a proof to look up), done on a thread for such work; `done` is then called with what it
    /// returned, on the I/O thread. `work` must not own what belongs to the I/O thread (`done` does that) and touch nothing else of it. It is up to the caller how much waits here.
    template <class Work, class Done>
    void aside(Work work, Done done) {
        asio::post(aside_, [this, work = std::move(work), done = std::move(done)]() mutable {
            auto out = std::make_shared<std::invoke_result_t<Work>>(work());
            post([out, done = std::move(done)]() mutable { done(std::move(*out)); });
        });
    }

    /// Waits for what is aside. For the end: what is done of it then is answered by the loop's next turn.
    void finish_asides() { aside_.join(); }

    /// Now, but never behind the last event.
    base::Millis now() const;

    /// Sealed to open, and back. Sealing closes every session, logs `sealed`, and lets what is under way finish.
    void open(std::shared_ptr<Books> books);
    void seal(std::string_view reason, std::function<void()> done) { seal(reason, {}, {}, std::move(done)); }
    /// `by`: whose request it was. `then`: an event behind it.
    void seal(std::string_view reason, const std::optional<Peer>& by, std::optional<audit::Event> then, std::function<void()> done);
    void set_initialised() noexcept { phase_ = Phase::sealed; }

    /// Writes an event that nobody waits for (presence, failures).
    void note(audit::Event event);
    /// The same, and while it is sealed in the sealed log: what strangers do not cause, or only at a bounded rate.
    void keep(audit::Event event);
    /// The log could not be written: nothing is signed until a probe succeeds.
    void audit_failed(const base::Error& error);
    /// Why the service refuses everything just now; empty when it does not.
    const std::string& failing() const noexcept { return failing_; }

    /// Signs a checkpoint over the log as it stands; the note. `done` on the I/O thread.
    void checkpoint(std::function<void(base::Result<std::string>)> done);
    /// The same, unless one is being signed; nobody waits for it.
    void checkpoint_soon();
    /// Has the platform UKEY sign a note over any point of the log; nothing is logged. `done` on the I/O thread.
    void sign_point(const audit::Checkpoint& point, std::function<void(base::Result<std::string>)> done);
    /// Lets go what is archived and still here, in pieces between which orders pass. A crash, or a disk that was full, is taken up at the next tick.
    void shed();
    struct LastCheckpoint {
        std::string note;
        std::uint64_t size = 0;
        base::Millis time = 0;
        std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now();  ///< whatever is done to the clock
    };
    const LastCheckpoint& last_checkpoint() const noexcept { return last_checkpoint_; }
    void set_last_checkpoint(LastCheckpoint checkpoint) { last_checkpoint_ = std::move(checkpoint); }
    /// Puts what witnesses have signed meanwhile under the last checkpoint, wherever that is kept.
    void collect_cosignatures();
    std::string sealed_because;  ///< why it sealed itself, or does not open; told while it is sealed
    /// What is wrong with HOME/witnesses, a line each; as it was when it was read last.
    std::vector<std::string> witness_problems;

    /// A number for each session, unique since the start.
    std::uint64_t next_session() noexcept { return ++last_session_; }
    /// The loop has ended: whoever waits for something posted waits in vain. Thread: any.
    std::atomic<bool> ended{false};
    /// Set by the station side: where stations come over the network, "127.0.0.1:7450"; empty: nowhere.
    std::string network_address;
    /// Where other logs' checkpoints are cosigned, "127.0.0.1:7460"; empty: nowhere.
    std::string witness_address;
    /// Tells which logs are witnessed, where any are.
    std::function<void(v1::StatusReply&)> describe_witness;
    /// Set by the station side: drop sessions of this UKEY (empty: all).
    std::function<void(const base::UkeySerial&)> end_sessions;
    std::function<std::size_t()> count_sessions;
    /// Those that are open now, in the order in which they came. On the I/O thread only.
    std::function<std::vector<std::shared_ptr<const Session>>()> open_sessions;
    /// What of the stations is under way just now.
    struct StationLoad {
        std::size_t local = 0, network = 0;  ///< connections
        std::size_t under_way = 0;           ///< requests that were not answered yet
        std::size_t denials = 0;             ///< refusals that wait for the event that they share
    };
    std::function<StationLoad()> station_load;
    /// Set by the officers' side: its connections, and the requests that wait or are being done.
    std::function<std::pair<std::size_t, std::size_t>()> officer_load;
    /// Told, each in its turn, when limits or timeouts have changed.
    std::vector<std::function<void(const Config&)>> on_reload;
    /// What HOME/witnesses says now that is not in force, a line each; sealed, nothing is.
    std::vector<std::string> witness_changes() const;
    /// Takes over what of this can change while it runs, and tells `on_reload`.
    void adopt(const Config& next);
    /// Where metrics are read: the path of a socket, or ADDRESS:PORT; empty: nowhere.
    std::string metrics_address;
    /// The same for those of a network account.
    std::function<void(const std::string& account, std::string_view reason)> end_account_sessions;
    std::function<std::size_t(const std::string& account)> count_account_sessions;
    /// Nobody has this UKEY open any more, and its sessions end. When its state is not `issued`, the shares that its officer gave are wiped too.
    void end_use(const base::UkeySerial& ukey);

    /// Runs `f` on the I/O thread and waits for what it returns. Not from the I/O thread.
    template <class F>
    auto on_io(F f) -> std::invoke_result_t<F> {
        std::promise<std::invoke_result_t<F>> promise;
        auto future = promise.get_future();
        post([&] {
            if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
                f();
                promise.set_value();
            } else {
                promise.set_value(f());
            }
        });
        return future.get();
    }
    /// Runs `f` on the I/O thread, later. Thread: any.
    void post(std::function<void()> f);
    /// A Writer::Deliver that brings results to the I/O thread.
    Writer::Deliver deliver();

    /// Writes this before anything else of officers' is done, as soon as the log can be written again; until then `failing`.
    /// An entry that no log takes any more (the service was sealed) is concluded at the next unseal.
    void owe(Books& books, Entry entry, const base::Error& why);

    /// Puts what the books know of meters on its way to the database, unless some of it is on its way already: a later piece must not claim to be current past one that fails.
    void follow_config();  ///< what the books take from kmp.toml
    void flush_meters();
    /// So many changed meters are written at once, without waiting for the next second: what waits behind them in the log waits milliseconds.
    static constexpr std::size_t kMeterFlush = 512;
    /// So many archived records go in one piece, and so long orders have the log to themselves before the next.
    static constexpr std::uint64_t kShedPiece = 500;
    static constexpr std::chrono::milliseconds kShedPause{5};

private:
    void on_bay(const tokens::BayEvent& event);
    /// What one of `lines` stands for, in the log: a few of them a minute at most.
    void turned_away(const RareLines::Told& told);
    void tick();
    /// UKEYs whose validity is over: refused at once, and said so in the log.
    void expire_ukeys();
    /// Network accounts whose validity is over: their sessions end.
    void expire_accounts();
    void probe_log();
    /// Says in the log what has become of the feed of a standby, and ends where that has taken over.
    void watch_feed();
    /// Says in the log what has become of the ways that checkpoints take out, and ends where what is there proves that the log went back.
    void watch_outlets();
    /// The clock and one that nobody sets drift apart only when somebody sets the clock: that is said in the log.
    void watch_clock();

    asio::io_context& io_;
    Config config_;
    const base::Clock& clock_;
    SealedLog sealed_log_;
    Phase phase_;
    Metrics metrics_;  // before the books: the writer counts until its end
    LastMinute last_minute_;
    RareLines lines_;
    const base::Millis started_;
    std::shared_ptr<Books> books_;
    tokens::Custodian custodian_;
    tokens::Bay bay_;
    Auditors auditors_{*this};
    asio::thread_pool officer_{1};
    asio::thread_pool exporter_{1};
    asio::thread_pool stretcher_{1};
    asio::thread_pool aside_{1};
    asio::steady_timer timer_;
    asio::steady_timer shed_timer_;
    std::string failing_;
    bool probing_ = false;
    bool checkpointing_ = false;
    bool flushing_ = false;
    bool shed_under_way_ = false;
    std::unique_ptr<FeedWatch> feed_watch_;
    std::unique_ptr<OutletWatch> outlet_watch_;
    base::Millis clock_ahead_ = 0;  ///< of the steady clock
    LastCheckpoint last_checkpoint_;
    std::uint64_t last_session_ = 0;
    asio::thread_pool searcher_{1};
};

}  // namespace kmp::service
