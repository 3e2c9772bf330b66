#include "kmp/service/desk_work.h"

#include "kmp/service/deed.h"
#include "kmp/service/jobs/archiving.h"
#include "kmp/service/jobs/pki.h"
#include "kmp/service/jobs/proofs.h"
#include "kmp/service/jobs/reports.h"
#include "kmp/service/jobs/revocation.h"

namespace kmp::service {
namespace {

using base::Code;
using wire::pb::AdminReply;
using wire::pb::AdminRequest;

/// A job that answers with a whole reply: what it did, or the request that it made of it.
void put_whole(AdminReply& reply, base::Result<AdminReply> answer) {
    const std::uint64_t id = reply.id();
    if (answer) reply = std::move(*answer);
    else wire::set_failure(*reply.mutable_failure(), answer.error());
    reply.set_id(id);
}

/// Planned, and then done or asked for.
template <class Request>
base::Result<AdminReply> deed(Job& job, const Request& request, base::Result<Plan> (*plan)(Job&, Books&, const Request&)) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_TRY(const Plan planned, plan(job, *books, request));
    return do_or_ask(job, *books, planned);
}

base::Result<wire::pb::SealReply> seal(Job& job) {
    switch (job.service.on_io([&] { return job.service.phase(); })) {
        case Phase::uninitialised: return {Code::uninitialised, "no ceremony has been held here; begin with 'kmpctl init'"};
        case Phase::sealed: return {Code::sealed, "the service is sealed already"};
        case Phase::open: break;
    }
    std::promise<void> promise;
    auto future = promise.get_future();
    job.service.post([&] { job.service.seal({}, job.peer, {}, [&] { promise.set_value(); }); });
    future.get();
    return wire::pb::SealReply();
}

}  // namespace

AdminReply perform(Job& job, const AdminRequest& request) {
    AdminReply reply;
    reply.set_id(request.id());
    switch (request.operation_case()) {
        case AdminRequest::kInit: put(reply, hold_ceremony(job, request.init()), [](AdminReply& r) { return r.mutable_init(); }); break;
        case AdminRequest::kUnseal: put(reply, unseal(job, request.unseal()), [](AdminReply& r) { return r.mutable_unseal(); }); break;
        case AdminRequest::kSeal: put(reply, seal(job), [](AdminReply& r) { return r.mutable_seal(); }); break;
        case AdminRequest::kUkeyList: put(reply, list_ukeys(job), [](AdminReply& r) { return r.mutable_ukey_list(); }); break;
        case AdminRequest::kUkeyShow: put(reply, show_ukey(job, request.ukey_show()), [](AdminReply& r) { return r.mutable_ukey_show(); }); break;
        case AdminRequest::kUkeyIssue: put_whole(reply, deed(job, request.ukey_issue(), plan_issue)); break;
        case AdminRequest::kUkeyRenew: put_whole(reply, deed(job, request.ukey_renew(), plan_renew)); break;
        case AdminRequest::kUkeyInject: put_whole(reply, deed(job, request.ukey_inject(), plan_inject)); break;
        case AdminRequest::kUkeyChange: put_whole(reply, change_ukey(job, request.ukey_change())); break;
        case AdminRequest::kGrantSet: put_whole(reply, change_grant(job, request.grant_set())); break;
        case AdminRequest::kKeysList: put(reply, list_keys(job), [](AdminReply& r) { return r.mutable_keys_list(); }); break;
        case AdminRequest::kKeysRotate: put_whole(reply, deed(job, request.keys_rotate(), plan_rotation)); break;
        case AdminRequest::kKeysDestroy: put_whole(reply, deed(job, request.keys_destroy(), plan_destruction)); break;
        case AdminRequest::kMeterShow: put(reply, show_meter(job, request.meter_show()), [](AdminReply& r) { return r.mutable_meter_show(); }); break;
        case AdminRequest::kMeterList: put(reply, list_meters(job, request.meter_list()), [](AdminReply& r) { return r.mutable_meter_list(); }); break;
        case AdminRequest::kMeterAllowDownload: put_whole(reply, deed(job, request.meter_allow_download(), plan_download)); break;
        case AdminRequest::kStationList: put(reply, list_stations(job, request.station_list()), [](AdminReply& r) { return r.mutable_station_list(); }); break;
        case AdminRequest::kStationRelease: put(reply, release_station(job, request.station_release()), [](AdminReply& r) { return r.mutable_station_list(); }); break;
        case AdminRequest::kUkeySetPin: put(reply, set_pin(job, request.ukey_set_pin()), [](AdminReply& r) { return r.mutable_ukey_set_pin(); }); break;
        case AdminRequest::kUkeyAttend: put_whole(reply, attend_ukey(job, request.ukey_attend())); break;
        case AdminRequest::kAccountAdd: put_whole(reply, deed(job, request.account_add(), plan_account)); break;
        case AdminRequest::kAccountList: put(reply, list_accounts(job), [](AdminReply& r) { return r.mutable_account_list(); }); break;
        case AdminRequest::kAccountShow: put(reply, show_account(job, request.account_show()), [](AdminReply& r) { return r.mutable_account_show(); }); break;
        case AdminRequest::kAccountPasswd: put_whole(reply, change_password(job, request.account_passwd())); break;
        case AdminRequest::kAccountDisable: put_whole(reply, disable_account(job, request.account_disable())); break;
        case AdminRequest::kAccountEnable: put_whole(reply, deed(job, request.account_enable(), plan_account_enabling)); break;
        case AdminRequest::kAccountBind: put_whole(reply, deed(job, request.account_bind(), plan_account_binding)); break;
        case AdminRequest::kAccountReset: put_whole(reply, deed(job, request.account_reset(), plan_account_reset)); break;
        case AdminRequest::kRequestList: put(reply, list_requests(job, request.request_list()), [](AdminReply& r) { return r.mutable_request_list(); }); break;
        case AdminRequest::kRequestShow: put(reply, show_request(job, request.request_show()), [](AdminReply& r) { return r.mutable_request_show(); }); break;
        case AdminRequest::kRequestJudge: put(reply, judge_request(job, request.request_judge()), [](AdminReply& r) { return r.mutable_request_judge(); }); break;
        case AdminRequest::kRequestRun: put_whole(reply, run_request(job, request.request_run())); break;
        case AdminRequest::kBackup: put_whole(reply, deed(job, request.backup(), plan_backup)); break;
        case AdminRequest::kRestore: put(reply, restore(job, request.restore()), [](AdminReply& r) { return r.mutable_restore(); }); break;
        case AdminRequest::kMasterAdd: put_whole(reply, deed(job, request.master_add(), plan_master)); break;
        case AdminRequest::kQuorumShow: put(reply, show_quorum(job), [](AdminReply& r) { return r.mutable_quorum_show(); }); break;
        case AdminRequest::kQuorumChange: put_whole(reply, deed(job, request.quorum_change(), plan_quorum)); break;
        case AdminRequest::kAuditLogin: put(reply, audit_login(job, request.audit_login()), [](AdminReply& r) { return r.mutable_audit_login(); }); break;
        case AdminRequest::kAuditList: put(reply, list_audit(job, request.audit_list()), [](AdminReply& r) { return r.mutable_audit_list(); }); break;
        case AdminRequest::kAuditExport: put(reply, export_audit(job, request.audit_export()), [](AdminReply& r) { return r.mutable_audit_export(); }); break;
        case AdminRequest::kAuditCheckpoint: put(reply, sign_checkpoint(job), [](AdminReply& r) { return r.mutable_audit_checkpoint(); }); break;
        case AdminRequest::kAuditProve: put(reply, prove_audit(job, request.audit_prove()), [](AdminReply& r) { return r.mutable_audit_prove(); }); break;
        case AdminRequest::kRetentionSet: put_whole(reply, deed(job, request.retention_set(), plan_retention)); break;
        case AdminRequest::kAuditArchive: put(reply, archive_audit(job, request.audit_archive()), [](AdminReply& r) { return r.mutable_audit_archive(); }); break;
        case AdminRequest::kAuditVerify: put(reply, verify_audit(job), [](AdminReply& r) { return r.mutable_audit_verify(); }); break;
        case AdminRequest::kCrl: put(reply, show_crl(job), [](AdminReply& r) { return r.mutable_crl(); }); break;
        case AdminRequest::kPkiRequest: put_whole(reply, deed(job, request.pki_request(), plan_certificate_request)); break;
        case AdminRequest::kPkiInstall: put(reply, install_certificate(job, request.pki_install()), [](AdminReply& r) { return r.mutable_pki_install(); }); break;
        case AdminRequest::kPkiShow: put(reply, show_pki(job), [](AdminReply& r) { return r.mutable_pki_show(); }); break;
        case AdminRequest::kCrlRefresh: put_whole(reply, deed(job, request.crl_refresh(), plan_crl)); break;
        case AdminRequest::kAuditLogout:
        case AdminRequest::kPin:
        case AdminRequest::kHello:
        case AdminRequest::kCancel:
        case AdminRequest::kStatus:
        case AdminRequest::kReload:
        case AdminRequest::kStandbyStatus:
        case AdminRequest::OPERATION_NOT_SET:
            wire::set_failure(*reply.mutable_failure(), {Code::malformed, "request: it names no operation of version 1"});
            break;
    }
    return reply;
}

}  // namespace kmp::service
