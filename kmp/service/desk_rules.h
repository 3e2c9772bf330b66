#pragma once
#include "base/result.h"
#include "kmp/service/config.h"
#include "wire/pb.h"

/// Who may ask for what on admin.sock, before any PIN is looked at.
namespace kmp::service {

/// What a connection of admin.sock is.
enum class Seat : std::uint8_t {
    service,  ///< of root or the service's own user
    group,    ///< of a member of audit.group, who has not logged in
    auditor,  ///< an auditor logged in, whoever the unix user is
};

/// ok when this seat may ask for the operation. `auditor_only`: the log is read by auditors alone.
/// denied: in one line, what is wrong and what to do.
base::Status may_ask(Seat seat, bool auditor_only, wire::pb::AdminRequest::OperationCase operation);
/// The same of a whole request: audit_archive that only tells or lists changes nothing, and is for whoever may look.
base::Status may_ask(Seat seat, bool auditor_only, const wire::pb::AdminRequest& request);

}  // namespace kmp::service
