#pragma once
#include <map>
#include <memory>

#include "kmp/service/frame_server.h"
#include "kmp/service/login.h"
#include "kmp/service/passed_sockets.h"
#include "kmp/service/walk.h"

namespace kmp::service {

class TlsListener;

/// kmp.sock: what stations and engineers may ask. Thread: the I/O thread.
class Stations {
public:
    explicit Stations(Service& service);
    /// On the sockets that were passed, or on its own.
    base::Status listen(asio::io_context& io, PassedSockets& passed);
    void stop_accepting();
    void close();
    /// Nothing is under way any more.
    bool idle() const noexcept { return under_way() == 0 && walk_.denials().waiting() == 0; }

private:
    struct Client {
        std::shared_ptr<Session> session;
        std::shared_ptr<Session> lost;  ///< the one that ended without the client: why is told to what it asks next
        std::size_t in_flight = 0;
        bool greeted = false;      ///< it has said Hello, whatever was answered
        unsigned refused = 0;      ///< sessions that it asked for in vain, and those that it is asking for
        bool turned_away = false;  ///< nothing of it is heard any more
    };
    using Connection = std::shared_ptr<FrameConnection>;
    struct Batch;

    std::size_t under_way() const noexcept { return walk_.under_way() + looking_up_; }
    void take(const Connection& connection, base::ByteView message);
    void broken(const Connection& connection, const base::Error& error);
    void prove(const Connection& connection, const wire::pb::StationRequest& request, const std::shared_ptr<const Session>& session);
    void hello(const Connection& connection, const wire::pb::StationRequest& request);
    /// Logged as any refusal; whoever comes over the network and has no session is gone after it.
    void refuse_hello(const Connection& connection, std::uint64_t id, const base::Error& why);
    void close_session(const Connection& connection, std::uint64_t id);
    void end_session(Client& client, std::string_view reason);
    /// The same, for what the client has no hand in.
    void take_session(Client& client, std::string_view reason);
    void batch(const Connection& connection, const wire::pb::StationRequest& request, std::shared_ptr<const Session> session);
    void walk_one(const std::shared_ptr<Batch>& batch, std::size_t i);
    /// Whether a client of the network may ask this, with this session or none; if not it has been told, and the connection ends.
    bool may_ask(const Connection& connection, Client& client, const wire::pb::StationRequest& request, bool with_session);
    /// Says why, once, and ends the connection.
    void turn_away(const Connection& connection, Client& client, std::uint64_t id, audit::Event event, const base::Error& why);
    void refuse(const Connection& connection, std::uint64_t id, audit::Event event, const base::Error& error);
    /// `operation`: its number in StationRequest, for the metrics; 0: unknown.
    Walk::Sink reply_to(const Connection& connection, std::uint64_t id, int operation);
    /// A request came to its end, and this is what became of it.
    void count(int operation, std::chrono::steady_clock::time_point begin, const std::optional<base::Code>& failed);
    /// Answers what needs no record.
    void answer_at_once(const Connection& connection, wire::pb::StationReply reply, int operation);
    /// Counts a look-up as any request that is under way, until what is returned is called.
    std::function<void()> look_up(const Connection& connection);
    void adopt(const Config& config);

    // admission.cpp
    void open_session(const Connection& connection, const wire::pb::StationRequest& request);
    void open_account(const Connection& connection, std::uint64_t id, const wire::pb::OpenSession& asked);
    void prove_key(const Connection& connection, std::uint64_t id, const std::string& account, audit::Event event);
    void admit(const Connection& connection, std::uint64_t id, const std::string& account, Proof proof, audit::Event event);
    void opened(const Connection& connection, std::uint64_t id, const base::UkeySerial& ukey, const std::string& account, Proof proof);
    /// Where a UKEY is that may have a session, its PIN aside: issued, valid, with a genuine grant, plugged in.
    base::Result<tokens::Slot> usable(Books& books, const base::UkeySerial& ukey);
    base::Result<base::UkeySerial> which_ukey(const wire::pb::OpenSession& asked) const;

    Service& service_;
    Login login_;
    Walk walk_;
    std::size_t looking_up_ = 0;  ///< requests under way that are on no walk
    std::unique_ptr<FrameServer> server_, network_;
    TlsListener* tls_ = nullptr;  ///< network_'s
    std::map<std::uint64_t, Client> clients_;
};

}  // namespace kmp::service
