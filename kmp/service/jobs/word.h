#pragma once
#include "audit/event.h"
#include "kmp/service/job.h"
#include "model/approval.h"

namespace kmp::service {

/// By whose word something is done: every event of what came of it names this, and the auditor holds the event against it.
struct Word {
    std::uint64_t request = 0;  ///< that enough officers agreed to; 0: none
    std::uint64_t deed = 0;     ///< the index of the event with what the master-control UKEY signed of it; 0: none

    void name(audit::Event& event) const {
        if (request != 0) event.number(audit::Field::request_number, request);
        if (deed != 0) event.number(audit::Field::deed, deed);
    }
};

/// A deed as the master-control UKEY signed it (purpose `deed`), where no officers vote.
struct SignedDeed {
    base::UkeySerial master;
    base::Bytes statement;  ///< model::ApprovalRequest::encode(), generation 0
    base::Bytes signature;

    /// As it enters the log, before anything is done; `what` is for people.
    audit::Event event(const Job& job, std::string_view what) const;
};

/// `number` is at most the index that the deed's event will have, and above that of the deed before: the size of the log serves.
/// errors: invalid_argument (the terms cannot be); those of the token
base::Result<SignedDeed> sign_deed(tokens::Token& token, const base::UkeySerial& master, model::ApprovalRequest deed);

}  // namespace kmp::service
