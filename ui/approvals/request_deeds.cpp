#include "ui/approvals/request_deeds.h"

#include <QCoreApplication>

#include "base/digest.h"
#include "ui/approvals/request_words.h"
#include "ui/parts/words.h"

namespace ui::approvals {
namespace {

using parts::Deed;
using parts::text;

struct Say {
    Q_DECLARE_TR_FUNCTIONS(approvals)
};

QStringList what_of(const pb::Request& r) {
    QStringList out{title_of(r)};
    for (const Term& t : terms_of(r)) out << Say::tr("%1: %2").arg(t.name, QString(t.value).replace(QLatin1Char('\n'), QStringLiteral("; ")));
    return out;
}

QString label_of(const pb::Request& r, const pb::RequestPin& pin) {
    if (pin.role() == "ukey") return pin.fresh() ? Say::tr("New PIN of UKEY %1").arg(text(term(r, "ukey"))) : Say::tr("PIN of UKEY %1").arg(text(term(r, "ukey")));
    if (pin.role() == "account") {
        const std::string name = term(r, "name");
        return Say::tr("New password of account %1").arg(text(name.empty() ? term(r, "new_password_for") : name));
    }
    return text(pin.prompt());
}

/// Nobody can take it back. As `revoke` the service also asks for a suspension and its end, which differ by the request's action alone.
bool is_final(const pb::Request& r) {
    const std::string action = term(r, "action");
    return r.deed() == "destroy-version" || r.deed() == "destroy" || (r.deed() == "revoke" && action != "suspend" && action != "resume");
}

}  // namespace

void caution(Deed& deed, const QString& words) {
    if (words.isEmpty()) return;
    deed.warning = (words + QLatin1Char(' ') + deed.warning).trimmed();
    deed.danger = true;
}

Deed judging(const pb::Request& r, bool agree, const pb::Quorum& quorum) {
    parts::Deed deed;
    deed.title = agree ? Say::tr("Approve request %1").arg(r.number()) : Say::tr("Reject request %1").arg(r.number());
    deed.button = agree ? Say::tr("Approve") : Say::tr("Reject");
    deed.what = what_of(r);
    if (agree) {
        deed.warning = Say::tr("Your UKEY signs exactly this. Its share of the master-control UKEY's PIN is kept for ten minutes.");
        caution(deed, too_few_after(quorum, r));
    } else {
        deed.warning = Say::tr("One officer's no ends the request for good.");
        deed.danger = true;
    }
    deed.hand = parts::Hand::officer;
    for (const pb::RequestVote& v : r.votes()) deed.officers_last.push_back(v.officer());
    deed.request = [number = r.number(), agree, hash = base::to_string(base::sha256(base::as_bytes(r.statement())))](const QString&, const std::string& officer) {
        pb::AdminRequest request;
        auto& judge = *request.mutable_request_judge();
        judge.set_number(number);
        judge.set_officer(officer);
        judge.set_agree(agree);
        judge.set_statement_hash(hash);
        return request;
    };
    deed.outcome = [](const pb::AdminReply& reply) {
        const pb::Request& now = reply.request_judge().request();
        return now.state() == "rejected" ? Say::tr("Request %1 is rejected.").arg(now.number()) : agreement_of(now);
    };
    return deed;
}

Deed running(const pb::Request& r, const pb::Quorum& quorum) {
    parts::Deed deed;
    deed.title = Say::tr("Run request %1").arg(r.number());
    deed.button = Say::tr("Run");
    deed.what = what_of(r);
    // What cannot be taken back is said again, though officers agreed to it.
    if (is_final(r)) {
        deed.warning = Say::tr("This cannot be taken back.");
        deed.danger = true;
    }
    caution(deed, too_few_after(quorum, r));
    const bool on_present_ukey = r.deed() == "renew" || r.deed() == "reinject" || r.deed() == "unblock";
    for (const pb::RequestPin& pin : r.pins()) deed.pins.push_back({pin.role(), label_of(r, pin), pin.fresh(), pin.role() == "ukey" && on_present_ukey ? term(r, "ukey") : std::string()});
    deed.request = [number = r.number()](const QString&, const std::string&) {
        pb::AdminRequest request;
        request.mutable_request_run()->set_number(number);
        return request;
    };
    deed.outcome = [r](const pb::AdminReply& reply) { return outcome_of(r, reply); };
    return deed;
}

}  // namespace ui::approvals
