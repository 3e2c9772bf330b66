#pragma once
#include "kmp/service/job.h"

/// The two levels above the UKEYs: the issuing key's own certificate, and a root elsewhere that may vouch for it (docs/PKI.md).
namespace kmp::service {

/// Keeps the root's answer, for others to fetch. What kmpd itself trusts stays the anchor of the genesis record.
/// errors: those of pki::verify_cross
base::Result<wire::pb::PkiInstallReply> install_certificate(Job& job, const wire::pb::PkiInstall& request);
base::Result<wire::pb::PkiShowReply> show_pki(Job& job);

}  // namespace kmp::service
