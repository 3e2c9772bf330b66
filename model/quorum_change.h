#pragma once
#include "model/approval.h"

namespace model {

/// A UKEY that is to be made for somebody who becomes an officer.
struct NewOfficer {
    base::UkeySerial ukey;
    std::string reader;
    std::string holder;
    bool operator==(const NewOfficer&) const = default;
};

/// How the officers of one generation become those of the next: who stays, who comes, how many must agree. The terms of the deed
/// change-quorum, read by the service that carries it out and by the auditor who holds the outcome against what was agreed.
struct QuorumChange {
    unsigned needed = 0;                    ///< K from now on
    std::vector<base::UkeySerial> keep;     ///< officers of today that stay, by serial
    std::vector<NewOfficer> add;

    /// `today`: names those who stay and those who go for people who read the request, who are cautioned where all will be needed.
    std::map<std::string, std::string> terms(const Quorum& today) const;
    /// malformed: not what terms() writes.
    static base::Result<QuorumChange> from_terms(const std::map<std::string, std::string>& terms);
    /// ok when the change can be made of these officers: invalid_argument says what is wrong (K, N, a holder twice, nothing changes,
    /// nobody stays who is an officer now).
    base::Status validate(const Quorum& today) const;
    /// ok when `after` is what this change makes of `before`; refused says where it differs.
    base::Status leads(const Quorum& before, const Quorum& after) const;
};

}  // namespace model
