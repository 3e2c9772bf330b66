#include <nlohmann/json.hpp>

#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "model/ukey.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;
using Use = wire::PinSource::Use;

std::string ukey_text(const pb::Ukey& u) {
    Sheet sheet;
    sheet.add("serial", u.serial());
    sheet.add("kind", u.kind());
    sheet.add("state", u.state());
    sheet.add("holder", u.holder());
    sheet.add("plugged in at", u.reader().empty() ? "nowhere" : u.reader());
    sheet.add("token serial", u.token_serial());
    sheet.add("issued", time_text(u.issued_ms()));
    sheet.add("valid until", time_text(u.not_after_ms()));
    if (u.last_used_ms() > 0) sheet.add("last used", time_text(u.last_used_ms()));
    sheet.add("grant", u.grant());
    std::string masters;
    for (const std::string& m : u.masters()) masters += (masters.empty() ? "" : ", ") + m;
    sheet.add("class masters", masters);
    if (u.must_change_pin()) sheet.add("PIN", "to be changed before the first use");
    if (u.attended()) sheet.add("opens", "by itself: its PIN is kept");
    if (u.wrong_pins() > 0) sheet.add("wrong PINs", std::to_string(u.wrong_pins()));
    if (u.spent_today_fen() > 0) sheet.add("spent today", yuan_text(u.spent_today_fen()) + " yuan");
    if (u.spent_this_month_fen() > 0) sheet.add("spent this month", yuan_text(u.spent_this_month_fen()) + " yuan");
    return sheet.text();
}

base::Result<pb::AdminReply> ask_ukey(Officer& officer, const std::string& serial) {
    pb::AdminRequest request;
    request.mutable_ukey_show()->set_serial(serial);
    return officer.ask(std::move(request));
}

}  // namespace

std::string changed_text(std::string_view action, const pb::Ukey& u) {
    if (action == "suspend") return "UKEY " + u.serial() + " is suspended; kmpctl ukey resume " + u.serial() + " lifts it.\n";
    if (action == "resume") return "UKEY " + u.serial() + " is in use again.\n";
    if (action == "report-lost") return "UKEY " + u.serial() + " is reported lost and refused from now on; revoke it next.\n";
    if (action == "revoke") return "UKEY " + u.serial() + " is revoked for good.\n";
    if (action == "unblock") return "UKEY " + u.serial() + " is in use again, with the new PIN; its holder changes it before the first use: kmpctl ukey set-pin " + u.serial() + "\n";
    if (action == "destroy") return "UKEY " + u.serial() + " is erased.\n";
    return "UKEY " + u.serial() + " is " + u.state() + ".\n";
}

std::string issued_text(const pb::Ukey& u) {
    return "The " + u.kind() + " UKEY is issued.\n" + ukey_text(u) +
           (u.must_change_pin() ? "Its holder changes the PIN before the first use: kmpctl ukey set-pin " + u.serial() + "\n" : "");
}

std::string master_text(const pb::Ukey& u) { return "There is another master-control UKEY, " + u.serial() + ". Keep it in another place than the first.\n"; }

std::string renewed_text(const pb::Ukey& u) { return "UKEY " + u.serial() + " is renewed.\n" + ukey_text(u); }

std::string injected_text(const pb::Ukey& u) { return "UKEY " + u.serial() + " holds every master that its grant allows.\n" + ukey_text(u); }

std::string granted_text(const pb::Ukey& u) { return "The grant of UKEY " + u.serial() + " is set: " + u.grant() + "\n"; }

base::Result<pb::UkeyListReply> all_ukeys(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_ukey_list();
    pb::UkeyListReply all;
    KMP_TRY(const pb::AdminReply last, officer.ask(std::move(request), [&](const pb::AdminReply& part) -> base::Status {
        all.MergeFrom(part.ukey_list());
        return {};
    }));
    all.MergeFrom(last.ukey_list());
    return all;
}

base::Status list_ukeys(Officer& officer) {
    KMP_TRY(const pb::UkeyListReply all, all_ukeys(officer));
    return officer.show(all, [&]() -> std::string {
        if (all.ukeys().empty()) return "no UKEY has been issued\n";
        Table table({"SERIAL", "KIND", "STATE", "HOLDER", "READER", "VALID UNTIL"});
        for (const auto& u : all.ukeys())
            table.add({u.serial(), u.kind(), u.state(), u.holder(), u.reader().empty() ? "-" : u.reader(), time_text(u.not_after_ms())});
        return table.text();
    });
}

base::Status show_ukey(Officer& officer, const std::string& serial) {
    KMP_TRY(const pb::AdminReply reply, ask_ukey(officer, serial));
    const pb::UkeyShowReply& shown = reply.ukey_show();
    return officer.show(wire::to_json(shown), ukey_text(shown.ukey()) + (shown.ukey().certificate_pem().empty() ? "" : "\n" + shown.ukey().certificate_pem()));
}

base::Status show_certificate(Officer& officer, const std::string& serial) {
    KMP_TRY(const pb::AdminReply reply, ask_ukey(officer, serial));
    const pb::Ukey& ukey = reply.ukey_show().ukey();
    if (ukey.certificate_pem().empty()) return {base::Code::not_found, "UKEY " + serial + " (" + ukey.kind() + ") has no certificate"};
    return officer.show({{"ukey", ukey.serial()}, {"certificate_pem", ukey.certificate_pem()}}, ukey.certificate_pem());
}

base::Status show_grant(Officer& officer, const std::string& serial) {
    KMP_TRY(const pb::AdminReply reply, ask_ukey(officer, serial));
    const pb::UkeyShowReply& shown = reply.ukey_show();
    if (!shown.has_terms()) return {base::Code::not_found, "UKEY " + serial + " (" + shown.ukey().kind() + ") has no grant"};
    nlohmann::ordered_json document = {{"ukey", shown.ukey().serial()}, {"grant", shown.ukey().grant()}};
    document["terms"] = wire::to_json(shown.terms());
    return officer.show(document, terms_text(shown.terms()));
}

base::Status issue_ukey(Officer& officer, const IssueArguments& arguments, const pb::GrantTerms& terms) {
    // Where officers must agree first, the PIN is wanted when the request is run.
    KMP_TRY(const bool at_once, officer.enter_master());
    if (at_once) KMP_CHECK(officer.enter_pin("ukey", "PIN of the new UKEY", Use::fresh));
    pb::AdminRequest request;
    auto& issue = *request.mutable_ukey_issue();
    issue.set_kind(arguments.kind);
    issue.set_reader(arguments.reader);
    issue.set_holder(arguments.holder);
    issue.set_holder_chose_pin(arguments.holder_present);
    issue.set_not_after_ms(terms.not_after_ms());
    *issue.mutable_terms() = terms;
    auto answer = officer.ask(std::move(request));
    if (!answer) return named_as_typed(std::move(answer).error(), "valid until", "--valid-until");
    const pb::AdminReply& reply = *answer;
    return officer.show_or_request(reply, reply.ukey_issue(), issued_text(reply.ukey_issue().ukey()));
}

base::Status add_master(Officer& officer, const MasterArguments& arguments) {
    KMP_TRY(const bool at_once, officer.enter_master());
    if (at_once) KMP_CHECK(officer.enter_pin("ukey", "PIN of the new master-control UKEY", Use::fresh));
    pb::AdminRequest request;
    auto& add = *request.mutable_master_add();
    add.set_reader(arguments.reader);
    add.set_holder(arguments.holder);
    add.set_reason(arguments.reason);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show_or_request(reply, reply.ukey_issue(), master_text(reply.ukey_issue().ukey()));
}

base::Status change_ukey(Officer& officer, const std::string& serial, const std::string& action, const std::string& reason, const std::string& by) {
    KMP_TRY(const pb::AdminReply present, ask_ukey(officer, serial));
    KMP_TRY(const model::UkeyKind kind, model::parse_ukey_kind(present.ukey_show().ukey().kind()));
    KMP_TRY(const model::UkeyAction what, model::parse_ukey_action(action));
    bool at_once = true;
    if (model::takes_quorum(kind, what)) {
        KMP_TRY(at_once, officer.enter_master());  // where there are officers it becomes a request, and takes no PIN yet
    } else {
        KMP_CHECK(officer.enter_hand());
    }
    if (action == "unblock" && at_once) KMP_CHECK(officer.enter_pin("ukey", "new PIN of the UKEY", Use::fresh));
    pb::AdminRequest request;
    auto& change = *request.mutable_ukey_change();
    change.set_serial(serial);
    change.set_action(action);
    change.set_reason(reason);
    change.set_officer(by);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show_or_request(reply, reply.ukey_change(), changed_text(action, reply.ukey_change().ukey()));
}

base::Status renew_ukey(Officer& officer, const std::string& serial, std::int64_t not_after_ms) {
    KMP_TRY(const bool at_once, officer.enter_master());
    if (at_once) KMP_CHECK(officer.enter_pin("ukey", "PIN of the UKEY", Use::existing));
    pb::AdminRequest request;
    request.mutable_ukey_renew()->set_serial(serial);
    request.mutable_ukey_renew()->set_not_after_ms(not_after_ms);
    auto answer = officer.ask(std::move(request));
    if (!answer) return named_as_typed(std::move(answer).error(), "valid until", "--valid-until");
    const pb::AdminReply& reply = *answer;
    return officer.show_or_request(reply, reply.ukey_change(), renewed_text(reply.ukey_change().ukey()));
}

base::Status inject_ukey(Officer& officer, const std::string& serial) {
    KMP_TRY(const bool at_once, officer.enter_master());
    if (at_once) KMP_CHECK(officer.enter_pin("ukey", "PIN of the UKEY", Use::existing));
    pb::AdminRequest request;
    request.mutable_ukey_inject()->set_serial(serial);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show_or_request(reply, reply.ukey_change(), injected_text(reply.ukey_change().ukey()));
}

base::Status set_pin(Officer& officer, const std::string& serial) {
    KMP_CHECK(officer.enter_pin("ukey", "present PIN of UKEY " + serial, Use::existing));
    KMP_CHECK(officer.enter_pin("fresh", "new PIN of UKEY " + serial, Use::fresh));
    pb::AdminRequest request;
    request.mutable_ukey_set_pin()->set_serial(serial);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.ukey_set_pin()), "The PIN of UKEY " + serial + " is changed.\n");
}

base::Status attend_ukey(Officer& officer, const std::string& serial, bool end) {
    if (!end) KMP_CHECK(officer.enter_pin("ukey", "PIN of UKEY " + serial, Use::existing));
    pb::AdminRequest request;
    request.mutable_ukey_attend()->set_serial(serial);
    request.mutable_ukey_attend()->set_end(end);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.ukey_change()), end ? "The PIN of UKEY " + serial + " is forgotten; it opens by its holder's hand again.\n"
                                                                : "The PIN of UKEY " + serial + " is kept: it opens by itself while this platform is unsealed.\n");
}

base::Status set_grant(Officer& officer, const std::string& serial, const TermsText& changes, const std::string& by) {
    KMP_TRY(const pb::AdminReply present, ask_ukey(officer, serial));
    if (!present.ukey_show().has_terms()) return {base::Code::not_found, "UKEY " + serial + " (" + present.ukey_show().ukey().kind() + ") has no grant"};
    TermsText text = changes;
    text.kind = present.ukey_show().ukey().kind();
    KMP_TRY(const pb::GrantTerms terms, parse_changes(text, present.ukey_show().terms()));
    // Narrower is one officer's hand, wider is a request: kmpd tells which. A PIN of role officer that it does not need is wiped.
    if (by.empty() && !officer.has_pin("officer")) {
        KMP_CHECK(officer.enter_master());
    } else {
        KMP_CHECK(officer.enter_hand());
    }
    pb::AdminRequest request;
    request.mutable_grant_set()->set_serial(serial);
    request.mutable_grant_set()->set_officer(by);
    *request.mutable_grant_set()->mutable_terms() = terms;
    auto answer = officer.ask(std::move(request));
    if (!answer) return named_as_typed(std::move(answer).error(), "validity", "--valid-until");
    const pb::AdminReply& reply = *answer;
    return officer.show_or_request(reply, reply.ukey_change(), granted_text(reply.ukey_change().ukey()));
}

}  // namespace kmp::kmpctl
