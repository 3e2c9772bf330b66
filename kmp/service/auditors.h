#pragma once
#include <functional>
#include <map>
#include <memory>

#include "kmp/service/books.h"
#include "kmp/service/peer.h"
#include "tokens/bay.h"

namespace kmp::service {

class FrameConnection;
class Service;

/// Connections of admin.sock that an auditor has opened with an auditor UKEY. Such a connection does auditors' work and nothing else. When the UKEY is
/// pulled, suspended, revoked or expires, or the service is sealed, its sessions are over, and their connections do nothing any more until they log in
/// anew or log out. Thread: the I/O thread.
class Auditors {
public:
    explicit Auditors(Service& service) : service_(service) {}

    /// Whose login may be tried. `asked`: its serial, or empty for the only auditor UKEY that is plugged in.
    /// errors: not_found, invalid_argument (several), token_removed, denied (its kind, its state), refused (its PIN must be changed), expired, pin_locked
    base::Result<base::UkeySerial> which(const std::string& asked) const;
    base::Result<tokens::Slot> usable(Books& books, const base::UkeySerial& ukey) const;

    /// After its PIN was right: opens the session, unless the UKEY has ceased to be usable meanwhile. `done` once that is durable in the log.
    void begin(const std::shared_ptr<FrameConnection>& connection, const base::UkeySerial& ukey, std::uint64_t incarnation, std::function<void(base::Status)> done);
    /// Whether the connection is an auditor's, alive or over.
    bool has(std::uint64_t connection) const { return sessions_.contains(connection); }
    /// ok while the connection's session lives. denied: it has none, or why it is over.
    base::Status check(std::uint64_t connection) const;
    /// The connection is none of an auditor's any more. refused: it was none.
    base::Status end(std::uint64_t connection, std::string_view reason);
    /// The sessions of this UKEY are over; empty: of all.
    void end_of(const base::UkeySerial& ukey);
    /// Whether a session has the UKEY open.
    bool uses(const base::UkeySerial& ukey) const;

private:
    struct Session {
        std::uint64_t number = 0;
        Peer peer;
        base::UkeySerial ukey;
        std::uint64_t incarnation = 0;  ///< of the UKEY's tokenhost: pulled and plugged in again is another
        std::string over;               ///< why; empty: it lives
    };
    void close(Session& session, std::string_view reason);
    std::string state_of(const base::UkeySerial& ukey) const;

    Service& service_;
    std::map<std::uint64_t, Session> sessions_;  ///< by connection
};

}  // namespace kmp::service
