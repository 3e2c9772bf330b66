#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "kmp/service/session.h"
#include "kmp/suite/meter_requests.h"
#include "wire/pb.h"

namespace kmp::service {

/// One operation on its walk (service/walk.h). A kind of operation is a class of its own in service/errands/; the walk is the
/// same for all. Thread: the I/O thread.
class Errand {
public:
    virtual ~Errand() = default;

    /// Reads the request's fields and looks at the books: what is asked of the grant. It may mark the books as busy with it.
    /// errors: invalid_argument, malformed, busy, conflict, refused: whatever forbids it before the grant is looked at
    virtual base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis now) = 0;
    /// The grant allows it: whatever else may say no, and counts what is allowed. errors: refused
    virtual base::Status permitted(const Caller&, Books&, base::Millis) { return {}; }
    /// What the token is to do; nothing when no key is needed.
    virtual std::optional<suite::pb::HostRequest> request() const = 0;
    /// Where no token is asked: what takes long all the same, and is done beside the orders before conclude. Empty: there is none.
    /// It touches what is the errand's own. thread: the one of Service::aside
    virtual std::function<base::Status()> work() { return {}; }
    /// What goes into the log. Precondition: the token answered (`reply` is null when it was not asked).
    virtual base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) = 0;
    /// It stands in the log: the books follow. Returns what the station gets.
    virtual wire::pb::StationReply settle(Books& books, const audit::Receipt& receipt) = 0;
    /// It came to nothing and left no trace in the log: what plan() marked is taken back. Called at most once, and not with settle.
    virtual void abandon(Books& books) = 0;
    /// Adds what was asked to the event of a refusal.
    virtual void describe(audit::Event& event) const = 0;
    virtual model::Operation operation() const = 0;
    /// Its refusal is logged as that of an order.
    virtual bool is_order() const { return false; }

protected:
    /// For conclude(), when the token's answer is none to what was asked.
    base::Error odd_answer(const Caller& caller) const;
};

/// The errand for a request. null: the request is none (hello, sessions, batches).
std::unique_ptr<Errand> errand_for(const wire::pb::StationRequest& request);
std::unique_ptr<Errand> order_errand(const wire::pb::Order& order);

/// What goes into the log when it is one event.
Entry entry_of(audit::Event event);

void fill(wire::pb::Receipt& out, const audit::Receipt& receipt);

/// Exactly `size` bytes of a field called `what`, or invalid_argument.
base::Status check_size(const std::string& field, std::size_t size, std::string_view what);

}  // namespace kmp::service
