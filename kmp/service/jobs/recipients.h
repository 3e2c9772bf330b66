#pragma once
#include "kmp/service/job.h"

namespace kmp::service {

/// The transport certificates of the auditor UKEYs that alone are to open a file. Thread: any but the I/O thread.
/// errors: invalid_argument (no auditor UKEY of ours), refused, expired, token_unsuitable, tampered
base::Result<std::vector<pki::Certificate>> recipients_of(Job& job, Books& books, const google::protobuf::RepeatedPtrField<std::string>& serials);
/// Whose they are, as it stands in the log: serials with a space between.
std::string serials_of(const std::vector<pki::Certificate>& recipients);

}  // namespace kmp::service
