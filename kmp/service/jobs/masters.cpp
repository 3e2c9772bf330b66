// A further master-control UKEY: it issues with a key of its own, and holds what the vault holds.
#include <algorithm>

#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/jobs/making.h"
#include "kmp/service/jobs/reports.h"
#include "kmp/service/recovery.h"

namespace kmp::service {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

base::Result<Plan> plan_master(Job& job, Books& books, const wire::pb::MasterAdd& request) {
    KMP_CHECK(check_line(request.reader(), "reader", 64));
    KMP_CHECK(check_line(request.holder(), "holder", 64));
    KMP_CHECK(check_reason(request.reason()));
    KMP_CHECK(blank_in(job, request.reader()));
    const base::Millis now = job.service.on_io([&] { return job.service.now(); });
    return Plan{model::Deed::add_master,
                {{"reader", request.reader()}, {"holder", request.holder()}, {"kind", std::string(model::name(model::UkeyKind::master_control))},
                 {"ukey", tokens::make_serial(model::UkeyKind::master_control).text()}, {"valid_until", base::to_rfc3339(std::min(now + kLongUkeyLife, books.house.anchor.not_after()))}, {"reason", request.reason()}}};
}

base::Result<wire::pb::AdminReply> add_master(Undertaking& u) {
    if (u.master.record().serial != u.books.house.anchor.subject().ukey)
        return {Code::refused, "a further master-control UKEY is certified by the first one, " + u.books.house.anchor.subject().ukey.text() + "; plug that in instead of " + u.master.record().serial.text()};
    Issue issue;
    issue.reader = u.term("reader");
    issue.holder = u.term("holder");
    KMP_TRY(issue.serial, u.ukey());
    issue.kind = model::UkeyKind::master_control;
    issue.not_before = u.job.service.on_io([&] { return u.job.service.now(); });
    KMP_TRY(issue.not_after, base::from_rfc3339(u.term("valid_until")));
    issue.holder_chose_pin = true;
    base::Secret pin;
    if (!u.master.by_quorum()) {
        KMP_TRY(pin, u.job.take_pin("ukey"));
    }
    KMP_TRY(const Issued done, issue_one(u, issue, pin));
    // The database key is sealed to it as well: with it and what opens it a backup can be restored.
    KMP_CHECK(write_recovery(u.job, u.books));
    wire::pb::AdminReply reply;
    auto& issued = *reply.mutable_ukey_issue();
    *issued.mutable_ukey() = u.job.service.on_io([&] { return describe_ukey(u.job.service, u.books, done.record); });
    fill(*issued.mutable_receipt(), done.receipt);
    return reply;
}

}  // namespace kmp::service
