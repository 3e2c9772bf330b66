#include "wire/admin_work.h"

namespace wire {

using R = pb::AdminRequest;

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

bool changes_something(R::OperationCase operation) noexcept { return work_of(operation) == Work::officers && operation != R::kPin && operation != R::OPERATION_NOT_SET; }

}  // namespace wire
