#pragma once
#include "kmp/service/deed.h"

namespace kmp::service {

base::Result<Plan> plan_retention(Job& job, Books& books, const wire::pb::RetentionSet& request);
base::Result<wire::pb::AdminReply> set_retention(Undertaking& u);
/// The key that signed checkpoints when this record was written (DER); empty: that of the genesis.
base::Result<base::Bytes> key_at(Books& books, std::uint64_t index);
/// Archives, tells what would be, or lists what is. Thread: the exporter's.
base::Result<wire::pb::AuditArchiveReply> archive_audit(Job& job, const wire::pb::AuditArchive& request);

}  // namespace kmp::service
