#pragma once
#include "kmp/service/job.h"
#include "kmp/service/jobs/word.h"
#include "model/approval.h"

/// What takes the master-control UKEY. A deed is planned into terms that people can read and officers can sign, and is carried
/// out from those terms and nothing else. Where one person holds the UKEY both follow on each other; where officers do, a request
/// stands between them.
namespace kmp::service {

using Terms = std::map<std::string, std::string>;

struct Plan {
    model::Deed deed{};
    Terms terms;
    base::UkeySerial master = {};  ///< the master-control UKEY that a person is to open for it; empty: any in service
};

/// What officers agreed to: kept with what comes of it.
struct Approved {
    base::Bytes statement;
    std::vector<model::Vote> votes;
};

/// The term that says whose PIN or password it is: the holder's own, or one to be changed before the first use.
const char* who_chose(bool holder);

/// A deed about to be done.
struct Undertaking {
    Job& job;
    Books& books;
    MasterUkey& master;
    const Terms& terms;
    const Approved* approved;  ///< null: one person holds the master-control UKEY
    Word word;

    /// A term, or empty.
    const std::string& term(const std::string& name) const;
    base::Result<base::UkeySerial> ukey() const { return base::UkeySerial::parse(term("ukey")); }
    /// A term that is a whole number. malformed: it is none, so the request is not one of ours.
    base::Result<std::uint64_t> number(const std::string& name) const;
    base::Result<model::KeyVersion> version(const std::string& name) const;
};

// Plans: everything is checked here that can be checked before a UKEY is touched.
base::Result<Plan> plan_issue(Job& job, Books& books, const wire::pb::UkeyIssue& request);
base::Result<Plan> plan_renew(Job& job, Books& books, const wire::pb::UkeyRenew& request);
base::Result<Plan> plan_inject(Job& job, Books& books, const wire::pb::UkeyInject& request);
base::Result<Plan> plan_grant(Job& job, Books& books, const wire::pb::GrantSet& request);
/// destroy, unblock; revoke where it takes the quorum (an auditor's)
base::Result<Plan> plan_change(Job& job, Books& books, const wire::pb::UkeyChange& request);
base::Result<Plan> plan_rotation(Job& job, Books& books, const wire::pb::KeysRotate& request);
base::Result<Plan> plan_destruction(Job& job, Books& books, const wire::pb::KeysDestroy& request);
base::Result<Plan> plan_backup(Job& job, Books& books, const wire::pb::Backup& request);
base::Result<Plan> plan_master(Job& job, Books& books, const wire::pb::MasterAdd& request);
base::Result<Plan> plan_quorum(Job& job, Books& books, const wire::pb::QuorumChange& request);
base::Result<Plan> plan_crl(Job& job, Books& books, const wire::pb::CrlRefresh& request);
base::Result<Plan> plan_account(Job& job, Books& books, const wire::pb::AccountAdd& request);
base::Result<Plan> plan_account_enabling(Job& job, Books& books, const wire::pb::AccountEnable& request);
base::Result<Plan> plan_account_binding(Job& job, Books& books, const wire::pb::AccountBind& request);
base::Result<Plan> plan_account_reset(Job& job, Books& books, const wire::pb::AccountReset& request);
base::Result<Plan> plan_certificate_request(Job& job, Books& books, const wire::pb::PkiRequest& request);
base::Result<Plan> plan_download(Job& job, Books& books, const wire::pb::MeterAllowDownload& request);

// Carried out from the terms.
base::Result<wire::pb::AdminReply> issue_ukey(Undertaking& u);
base::Result<wire::pb::AdminReply> renew_ukey(Undertaking& u);
base::Result<wire::pb::AdminReply> inject_masters(Undertaking& u);
base::Result<wire::pb::AdminReply> set_grant(Undertaking& u);
base::Result<wire::pb::AdminReply> unblock_ukey(Undertaking& u);
base::Result<wire::pb::AdminReply> destroy_ukey(Undertaking& u);
base::Result<wire::pb::AdminReply> revoke_ukey(Undertaking& u);
base::Result<wire::pb::AdminReply> make_backup(Undertaking& u);
base::Result<wire::pb::AdminReply> add_master(Undertaking& u);
base::Result<wire::pb::AdminReply> change_quorum(Undertaking& u);
base::Result<wire::pb::AdminReply> publish_crl(Undertaking& u);
base::Result<wire::pb::AdminReply> rotate_keys(Undertaking& u);
base::Result<wire::pb::AdminReply> destroy_version(Undertaking& u);
base::Result<wire::pb::AdminReply> issue_account(Undertaking& u);
base::Result<wire::pb::AdminReply> enable_account(Undertaking& u);
base::Result<wire::pb::AdminReply> bind_account(Undertaking& u);
base::Result<wire::pb::AdminReply> reset_account(Undertaking& u);
/// Has the issuing key ask for a certificate, for a root to answer.
base::Result<wire::pb::AdminReply> request_certificate(Undertaking& u);
base::Result<wire::pb::AdminReply> allow_download(Undertaking& u);

/// Does it with the PIN of role `master`, or makes a request of it where officers must agree.
base::Result<wire::pb::AdminReply> do_or_ask(Job& job, Books& books, const Plan& plan);
/// By the deed's own function. unsupported: this version cannot do it.
base::Result<wire::pb::AdminReply> carry_out(Undertaking& u, model::Deed deed);
/// Makes a request, unless one for the same deed in the same terms is open: then it is that one. Nobody is asked for anything yet.
base::Result<wire::pb::RequestMade> make_request(Job& job, Books& books, const Plan& plan, const std::string& by);

base::Result<wire::pb::RequestListReply> list_requests(Job& job, const wire::pb::RequestList& request);
base::Result<wire::pb::RequestShowReply> show_request(Job& job, const wire::pb::RequestShow& request);
base::Result<wire::pb::RequestJudgeReply> judge_request(Job& job, const wire::pb::RequestJudge& request);
base::Result<wire::pb::AdminReply> run_request(Job& job, const wire::pb::RequestRun& request);

base::Result<wire::pb::KeysListReply> list_keys(Job& job);
base::Result<wire::pb::QuorumShowReply> show_quorum(Job& job);
base::Result<wire::pb::MeterShowReply> show_meter(Job& job, const wire::pb::MeterShow& request);
base::Result<wire::pb::MeterListReply> list_meters(Job& job, const wire::pb::MeterList& request);

/// The reply of everything that changes a UKEY.
wire::pb::AdminReply changed_reply(Job& job, Books& books, const base::UkeySerial& serial, const audit::Receipt& receipt);
/// A UKEY of ours by its serial. not_found.
base::Result<tokens::UkeyRecord> find_ukey(Job& job, Books& books, const std::string& serial);

}  // namespace kmp::service
