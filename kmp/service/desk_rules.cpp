#include "kmp/service/desk_rules.h"

#include "wire/admin_work.h"

namespace kmp::service {
namespace {

using R = wire::pb::AdminRequest;
using wire::Work;

base::Status may_do(Seat seat, bool auditor_only, Work work) {
    const base::Code denied = base::Code::denied;
    switch (seat) {
        case Seat::service:
            if (work == Work::reading && auditor_only) return {denied, "auditor: here the log is read with an auditor UKEY alone (audit.auditor_only); log in with yours"};
            return {};
        case Seat::group:
            if (work == Work::greeting || work == Work::standing || work == Work::login || work == Work::logout) return {};
            return {denied, "auditor: members of audit.group log in with an auditor UKEY first, and then read the log; before that they see the status, and nothing else is for them"};
        case Seat::auditor:
            if (work == Work::login) return {denied, "auditor: this connection is an auditor's already; log out first"};
            if (work == Work::officers) return {denied, "auditor: an auditor reads, exports and verifies the log and does nothing else; this is officers' work, on a connection of their own"};
            return {};
    }
    return {denied, "auditor: an unknown seat"};
}

}  // namespace

base::Status may_ask(Seat seat, bool auditor_only, R::OperationCase operation) { return may_do(seat, auditor_only, wire::work_of(operation)); }

base::Status may_ask(Seat seat, bool auditor_only, const R& request) {
    const bool looks = request.operation_case() == R::kAuditArchive && (request.audit_archive().list() || request.audit_archive().only_tell());
    return may_do(seat, auditor_only, looks ? Work::looking : wire::work_of(request.operation_case()));
}

}  // namespace kmp::service
