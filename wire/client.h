#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/secret.h"
#include "wire/frame.h"

namespace kmp::v1 {
class StationRequest;
class StationReply;
class AdminRequest;
class AdminReply;
class HelloReply;
class OpenSessionReply;
}  // namespace kmp::v1

/// Talking to kmpd: blocking, for programs that ask and wait. Callers that build requests include wire/pb.h.
namespace tls {
class Session;
struct Identity;
}

namespace wire {

inline constexpr std::uint32_t kProtocolVersion = 1;

using Timeout = std::chrono::milliseconds;
inline constexpr Timeout kConnectTimeout{3000};
inline constexpr Timeout kReplyTimeout{60000};  ///< issuing a UKEY takes seconds

/// A stream of frames to a service. Once a call has failed the stream is closed and every later call fails.
/// One thread at a time.
class Connection {
public:
    /// Connects to a unix socket. not_found or io_failed with what to start when nobody listens there; denied when the socket's
    /// permissions say so; invalid_argument when the path is longer than a socket address holds.
    static base::Result<Connection> open_unix(const std::string& path);
    /// Connects to "HOST:PORT" over TLS 1.3; the service's certificate must lead to one in the PEM file `trust`. invalid_argument: no HOST:PORT, no such file or no certificate
    /// in it; not_found: no such host, or nobody listens there; denied: another service's certificate; io_failed; timeout.
    /// `own`: what it shows, and signs with while hands are shaken; null: nothing.
    static base::Result<Connection> open_tls(const std::string& host_and_port, const std::string& trust, const tls::Identity* own = nullptr);
    /// Takes over a connected stream. `name` is how errors call the other end.
    Connection(base::Fd stream, std::string name);
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    ~Connection();

    /// Sends one frame or several. What arrives meanwhile is kept, so that a pipelining sender and a busy service never wait for
    /// each other. timeout: nothing could be sent for `timeout`.
    base::Status send(base::ByteView frames, Timeout timeout);
    /// The next message; it stays valid until the next call. timeout: it did not come, and what was asked may have happened.
    base::Result<base::ByteView> receive(Timeout timeout);
    /// The next message that has come whole, for a caller that watches descriptor() of many; nothing: read on when more has come. Reads from the stream once at most.
    base::Result<std::optional<base::ByteView>> receive_now();
    /// To be watched for input; -1 when closed.
    int descriptor() const noexcept { return stream_.get(); }
    bool is_open() const noexcept { return static_cast<bool>(stream_); }
    const std::string& name() const noexcept { return name_; }

private:
    base::Status fail(base::Error error);  ///< closes, and hands the error on
    base::Status send_bytes(base::ByteView bytes, Timeout timeout);
    base::Status shake_hands(Timeout timeout);
    base::Status read_some();
    /// Plain bytes that TLS has decrypted already. True: there were some.
    base::Result<bool> read_decrypted();

    base::Fd stream_;
    std::string name_;
    FrameReader reader_;
    std::unique_ptr<tls::Session> tls_;  ///< null on a unix socket
};

/// The plain end of a socket of kmpd, one connection without anything that happens by itself; whoever writes a station wants wire/station.h. Client<StationRequest, StationReply> or Client<AdminRequest, AdminReply>.
/// A Failure from the service becomes a base::Error with its code (wire/failure.h).
template <class Request, class Reply>
class Client {
public:
    explicit Client(Connection connection) : connection_(std::move(connection)) {}
    /// Connects to a unix socket of kmpd; errors as Connection::open_unix.
    static base::Result<Client> open(const std::string& socket_path);
    /// Connects to kmpd over the network; errors as Connection::open_tls.
    static base::Result<Client> open_tls(const std::string& host_and_port, const std::string& trust, const tls::Identity* own = nullptr);

    /// How long a reply may take from now on. Default kReplyTimeout.
    void set_timeout(Timeout timeout) noexcept { timeout_ = timeout; }

    /// Introduces the program, with the checkpoint of the service's log that it keeps (wire/known_log.h), if any. unsupported: the service speaks another version; what it says of the checkpoint.
    base::Result<kmp::v1::HelloReply> hello(std::string_view program, std::string_view checkpoint = {});
    /// Enters a PIN for the next request of this connection. Nothing answers.
    base::Status enter_pin(std::string_view role, const base::Secret& pin);

    /// Called with every reply that announces more, in their order.
    using OnPart = std::function<base::Status(const Reply&)>;
    /// Sends and waits for the reply of the same id (the client chooses it). Replies to earlier pipelined requests are kept
    /// for receive(). Replies that announce more go to `on_part` (dropped where there is none); an error from it ends the call
    /// and the connection.
    base::Result<Reply> call(Request request, const OnPart& on_part = {});

    /// Pipelining: sends without waiting, and returns the id that the reply will carry. Flushes at once.
    base::Result<std::uint64_t> send(Request request);
    /// The next reply in the order of arrival, a Failure included: the caller looks at its id and result. malformed: no reply, or one to what was never asked; closed then.
    base::Result<Reply> receive();
    std::size_t in_flight() const noexcept { return in_flight_; }
    /// false: it was cut off, or another failure ended it.
    bool is_open() const noexcept { return connection_.is_open(); }
    /// The stream, for a caller that goes on in its own way. Precondition: nothing is in flight.
    Connection release() && { return std::move(connection_); }

private:
    base::Result<Reply> next_reply();

    Connection connection_;
    Timeout timeout_ = kReplyTimeout;
    std::uint64_t last_id_ = 0;
    std::size_t in_flight_ = 0;
    std::deque<Reply> early_;  ///< replies to pipelined requests that came during call()
};

using StationClient = Client<kmp::v1::StationRequest, kmp::v1::StationReply>;
using AdminClient = Client<kmp::v1::AdminRequest, kmp::v1::AdminReply>;

extern template class Client<kmp::v1::StationRequest, kmp::v1::StationReply>;
extern template class Client<kmp::v1::AdminRequest, kmp::v1::AdminReply>;

/// Opens a session with a UKEY (empty serial: the only one present, of `kind` user or key where it is given), with its PIN unless the grant admits this unix user.
base::Result<kmp::v1::OpenSessionReply> open_session(StationClient& client, std::string_view ukey, const base::Secret* pin, std::string_view kind = {});
/// Opens a session of a network account, by its password; null: by the key that the connection has proved.
base::Result<kmp::v1::OpenSessionReply> open_account(StationClient& client, std::string_view account, const base::Secret* password);
/// Connects to the network encryption machine as the station whose UKEY `local`, a client of the station's own kmpd, has opened a session with (`session`: what that
/// answered): kmpd there signs the handshake. errors: those of open_tls; those of prove_station; unsupported: the session is no UKEY's own
/// thread: the caller's; `local` is used until hands are shaken, and lives as long as what comes back
base::Result<StationClient> open_proved(const std::string& host_and_port, const std::string& trust, std::shared_ptr<StationClient> local, const kmp::v1::OpenSessionReply& session);

}  // namespace wire
