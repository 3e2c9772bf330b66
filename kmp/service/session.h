#pragma once
#include <memory>
#include <string>

#include "kmp/service/books.h"
#include "kmp/service/peer.h"
#include "tokens/custodian.h"

namespace kmp::service {

/// How a session was proved.
enum class Proof : std::uint8_t {
    pin,       ///< of the UKEY
    user,      ///< a unix user that its grant names
    password,  ///< of the account
    key,       ///< the account's: Peer::key
};
std::string_view name(Proof) noexcept;

/// ok while the account may be used in this way by this peer: a certificate may have been exchanged, or a password ended. denied, busy.
base::Status still_proves(const AccountRecord& account, Proof proof, const Peer& peer);

/// A client that proved that it may use a UKEY.
struct Session {
    std::uint64_t number = 0;
    Peer peer;
    base::UkeySerial ukey;
    std::string account;            ///< the network account that uses the UKEY; empty: whoever has its PIN
    Proof proof = Proof::pin;
    std::uint64_t incarnation = 0;  ///< of the UKEY's tokenhost: pulled and plugged in again is another
    base::Millis since = 0;         ///< when it was opened
    mutable std::uint64_t orders = 0;  ///< answered in it, refused ones among them: the walk counts what it answers
    std::string ended;              ///< why it is over; empty: it lives. What is under way then is finished, nothing new begins
};

/// Who asks, as checked for this one request: the session lives, its UKEY is issued, present and open, and has a grant;
/// its account, if it is one's, is in force.
/// Made by `of` and `asking` only.
class Caller {
public:
    /// errors: denied (no session, or its UKEY is not `issued` any more, or its account disabled or not to be used in this way any more); expired (the account); token_removed (pulled since: open a session again)
    static base::Result<Caller> of(const std::shared_ptr<const Session>& session, Books& books, const tokens::Custodian& custodian, base::Millis now);
    /// The same of whoever asks for something new: nothing begins in a session that is over (denied).
    static base::Result<Caller> asking(const std::shared_ptr<const Session>& session, Books& books, const tokens::Custodian& custodian, base::Millis now);

    const Session& session() const noexcept { return *session_; }
    const tokens::UkeyRecord& record() const noexcept { return *record_; }
    const model::Grant& grant() const noexcept { return record_->grant->grant; }
    /// The station that orders are booked to: the grant's, or the UKEY itself where it names none.
    const std::string& station() const noexcept { return grant().station.empty() ? record_->serial.text() : grant().station; }
    /// ok when the grant names the operation and the meter. refused: as model::permit would say it.
    base::Status covers(model::Operation operation, model::MeterNumber meter) const;
    /// Adds who asked to an event.
    void describe(audit::Event& event) const;

private:
    Caller() = default;
    std::shared_ptr<const Session> session_;
    const tokens::UkeyRecord* record_ = nullptr;
};

}  // namespace kmp::service
