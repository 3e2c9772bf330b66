#pragma once
#include <functional>
#include <set>

#include "kmp/service/service.h"

namespace kmp::service {

/// A grant's signature by the master-control UKEY, home and number: kmpd checks them before it believes its own database.
base::Status check_grant(const tokens::UkeyRecord& record, const Books& books);
/// Where there are officers, K of them must have voted for just this: a request whose term `term` holds the statement. tampered.
base::Status approved_by_officers(const Books& books, const std::string& term, base::ByteView statement, base::ByteView request, const std::vector<model::Vote>& votes);

/// Opening UKEYs with their PIN, and proving the passwords of accounts. One attempt at a time for each; wrong ones are counted durably
/// before the answer, and the tenth blocks it. Thread: the I/O thread; stretching runs elsewhere.
class Login {
public:
    explicit Login(Service& service) : service_(service) {}
    using Done = std::function<void(base::Status)>;

    /// Checks the PIN of an issued UKEY that is present, and opens it to the custodian.
    /// errors: wrong_pin (the message says how many tries are left), pin_locked, busy, token_removed, tampered (a copy), those of the token
    void open(const base::UkeySerial& ukey, base::Secret pin, const Peer& peer, Done done);

    /// Opens a UKEY with the PIN that is kept of it. Whoever asks while that is under way waits for the same outcome.
    /// errors: denied (none is kept, or it is not its PIN any more: it is forgotten then), tampered, busy, and as above
    void heal(const base::UkeySerial& ukey, Done done);
    /// Whether this is the password of this account; nothing else is said of it.
    /// errors: wrong_pin (for a name that is not there too, and for an account that is locked), busy, those of the platform UKEY
    void prove(const std::string& account, base::Secret password, const Peer& peer, Done done);

private:
    using Derived = std::function<void(base::Result<base::Secret>)>;
    /// Stretched, elsewhere, then peppered by the platform UKEY.
    void derive(base::Secret typed, base::Bytes salt, tokens::pb::PepperFor whose, Derived then);
    void pepper(base::Secret stretched, tokens::pb::PepperFor whose, Derived then);
    void enter(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, base::Secret token_pin, std::function<void()> on_wrong, Done done);
    void forget_kept(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, Done done);
    void write(const std::shared_ptr<Books>& books, Entry entry, base::Status answer, Done done);
    void accepted(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const std::shared_ptr<tokens::HostChannel>& channel, std::uint64_t incarnation, Done done);
    /// Every login renews a mark on the token that must be the one we know: a copy that is used in turn with the original is noticed
    /// (design 3, clones), and suspended.
    void check_mark(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const std::shared_ptr<tokens::HostChannel>& channel, Done done);
    void write_marks(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const base::Bytes& mark, const base::Bytes& next, Done done);
    void copied(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const std::shared_ptr<tokens::HostChannel>& channel, Done done);
    void wrong(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const Peer& peer, Done done);
    Service& service_;
    std::unordered_map<base::UkeySerial, bool> trying_;
    std::unordered_map<base::UkeySerial, std::vector<Done>> healing_;
    std::set<std::string> proving_;
};

}  // namespace kmp::service
