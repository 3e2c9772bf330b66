#include "kmp/service/desk_rules.h"

namespace kmp::service {
namespace {

using R = wire::pb::AdminRequest;

enum class Work : std::uint8_t {
    greeting,  ///< says nothing that is not in HOME/checkpoint; or ends what this connection itself has asked for
    login,     ///< makes an auditor of whoever may
    logout,
    standing,  ///< tells how the service itself stands
    looking,   ///< tells what there is, as the log does, and changes nothing
    reading,   ///< shows events
    officers,  ///< everything else: it changes something, or takes a PIN that is no auditor's
};

Work work_of(R::OperationCase operation) noexcept {
    switch (operation) {
        case R::kHello:
        case R::kCancel: return Work::greeting;
        case R::kAuditLogin: return Work::login;
        case R::kAuditLogout: return Work::logout;
        case R::kStatus: return Work::standing;
        case R::kStandbyStatus:
        case R::kUkeyList:
        case R::kUkeyShow:
        case R::kKeysList:
        case R::kMeterShow:
        case R::kMeterList:
        case R::kStationList:
        case R::kAccountList:
        case R::kAccountShow:
        case R::kRequestList:
        case R::kRequestShow:
        case R::kQuorumShow:
        case R::kAuditCheckpoint:
        case R::kCrl:
        case R::kPkiShow: return Work::looking;
        case R::kAuditList:
        case R::kAuditExport:
        case R::kAuditProve:
        case R::kAuditVerify: return Work::reading;
        case R::kPin:
        case R::kInit:
        case R::kUnseal:
        case R::kSeal:
        case R::kReload:
        case R::kUkeyIssue:
        case R::kUkeyRenew:
        case R::kUkeyInject:
        case R::kUkeyChange:
        case R::kUkeySetPin:
        case R::kUkeyAttend:
        case R::kGrantSet:
        case R::kKeysRotate:
        case R::kKeysDestroy:
        case R::kMeterAllowDownload:
        case R::kStationRelease:
        case R::kAccountAdd:
        case R::kAccountPasswd:
        case R::kAccountDisable:
        case R::kAccountEnable:
        case R::kAccountBind:
        case R::kAccountReset:
        case R::kRequestJudge:
        case R::kRequestRun:
        case R::kBackup:
        case R::kRestore:
        case R::kMasterAdd:
        case R::kQuorumChange:
        case R::kRetentionSet:
        case R::kAuditArchive:
        case R::kPkiRequest:
        case R::kPkiInstall:
        case R::kCrlRefresh:
        case R::OPERATION_NOT_SET: return Work::officers;
    }
    return Work::officers;
}

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

base::Status may_ask(Seat seat, bool auditor_only, R::OperationCase operation) { return may_do(seat, auditor_only, work_of(operation)); }

base::Status may_ask(Seat seat, bool auditor_only, const R& request) {
    const bool looks = request.operation_case() == R::kAuditArchive && (request.audit_archive().list() || request.audit_archive().only_tell());
    return may_do(seat, auditor_only, looks ? Work::looking : work_of(request.operation_case()));
}

}  // namespace kmp::service
