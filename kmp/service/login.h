#pragma once
#include <functional>

#include "kmp/service/service.h"

namespace kmp::service {

/// A grant's signature by the master-control UKEY, home and number: kmpd checks them before it believes its own database.
base::Status check_grant(const tokens::UkeyRecord& record, const Books& books);

/// Opening UKEYs with their PIN. One attempt at a time for a UKEY; wrong ones are counted durably before the answer, and the
/// tenth blocks it. Thread: the I/O thread; stretching runs elsewhere.
class Login {
public:
    explicit Login(Service& service) : service_(service) {}
    using Done = std::function<void(base::Status)>;

    /// Checks the PIN of an issued UKEY that is present, and opens it to the custodian.
    /// errors: wrong_pin (the message says how many tries are left), pin_locked, busy, token_removed, tampered (a copy), those of the token
    void open(const base::UkeySerial& ukey, base::Secret pin, const Peer& peer, Done done);

private:
    void pepper(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, base::Secret stretched, const Peer& peer, Done done);
    void enter(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, base::Secret token_pin, const Peer& peer, Done done);
    void accepted(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const std::shared_ptr<tokens::HostChannel>& channel, std::uint64_t incarnation, Done done);
    /// Every login renews a mark on the token that must be the one we know: a copy that is used in turn with the original is noticed
    /// (design 3, clones), and suspended.
    void check_mark(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const std::shared_ptr<tokens::HostChannel>& channel, Done done);
    void write_marks(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const base::Bytes& mark, const base::Bytes& next, Done done);
    void copied(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const std::shared_ptr<tokens::HostChannel>& channel, Done done);
    void wrong(const std::shared_ptr<Books>& books, const base::UkeySerial& ukey, const Peer& peer, Done done);
    Service& service_;
    std::unordered_map<base::UkeySerial, bool> trying_;
};

}  // namespace kmp::service
