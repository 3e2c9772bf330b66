#pragma once
#include <optional>
#include <vector>

#include "kmp/service/books.h"
#include "model/retention.h"

namespace kmp::service {

/// The retention policy as the database keeps it. kmpd does not believe it: it counts with the master's signature, and officers' votes where there are any.
struct RetentionRecord {
    model::Retention policy;
    base::Bytes statement;  ///< policy.encode()
    base::Bytes signature;  ///< by a master-control UKEY, purpose `retention`
    base::Bytes request;    ///< with a quorum: what was approved, and the votes for it
    std::vector<model::Vote> votes;
};
/// ok when it is this platform's, and whoever must agree did. tampered, denied.
base::Status check_retention(const RetentionRecord& record, const Books& books);

namespace retention {

base::Status insert(store::Transaction& t, const RetentionRecord& record);
/// The newest; nullopt: none was ever set, so nothing is archived. tampered: it cannot be read.
base::Result<std::optional<RetentionRecord>> newest(store::Database& database);

}  // namespace retention

}  // namespace kmp::service
