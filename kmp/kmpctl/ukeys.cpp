#include <nlohmann/json.hpp>

#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
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
    sheet.add("grant", u.grant());
    if (u.wrong_pins() > 0) sheet.add("wrong PINs", std::to_string(u.wrong_pins()));
    if (u.spent_today_fen() > 0) sheet.add("spent today", yuan_text(u.spent_today_fen()) + " yuan");
    return sheet.text();
}

base::Result<pb::AdminReply> ask_ukey(Officer& officer, const std::string& serial) {
    pb::AdminRequest request;
    request.mutable_ukey_show()->set_serial(serial);
    return officer.ask(std::move(request));
}

std::string done_text(const std::string& action, const pb::Ukey& u) {
    if (action == "suspend") return "UKEY " + u.serial() + " is suspended; kmpctl ukey resume " + u.serial() + " lifts it.\n";
    if (action == "resume") return "UKEY " + u.serial() + " is in use again.\n";
    if (action == "report-lost") return "UKEY " + u.serial() + " is reported lost and refused from now on; revoke it next.\n";
    if (action == "revoke") return "UKEY " + u.serial() + " is revoked for good.\n";
    return "UKEY " + u.serial() + " is " + u.state() + ".\n";
}

}  // namespace

base::Status list_ukeys(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_ukey_list();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    Table table({"SERIAL", "KIND", "STATE", "HOLDER", "READER", "VALID UNTIL"});
    for (const auto& u : reply.ukey_list().ukeys())
        table.add({u.serial(), u.kind(), u.state(), u.holder(), u.reader().empty() ? "-" : u.reader(), time_text(u.not_after_ms())});
    return officer.show(wire::to_json(reply.ukey_list()), reply.ukey_list().ukeys().empty() ? "no UKEY has been issued\n" : table.text());
}

base::Status show_ukey(Officer& officer, const std::string& serial) {
    KMP_TRY(const pb::AdminReply reply, ask_ukey(officer, serial));
    const pb::UkeyShowReply& shown = reply.ukey_show();
    return officer.show(wire::to_json(shown), ukey_text(shown.ukey()) + (shown.ukey().certificate_pem().empty() ? "" : "\n" + shown.ukey().certificate_pem()));
}

base::Status show_grant(Officer& officer, const std::string& serial) {
    KMP_TRY(const pb::AdminReply reply, ask_ukey(officer, serial));
    const pb::UkeyShowReply& shown = reply.ukey_show();
    if (!shown.has_terms()) return {base::Code::not_found, "UKEY " + serial + " (" + shown.ukey().kind() + ") has no grant"};
    nlohmann::ordered_json document = {{"ukey", shown.ukey().serial()}, {"grant", shown.ukey().grant()}};
    document["terms"] = wire::to_json(shown.terms());
    return officer.show(document, terms_text(shown.terms()));
}

base::Status issue_ukey(Officer& officer, const std::string& kind, const std::string& reader, const std::string& holder,
                        const pb::GrantTerms& terms) {
    KMP_CHECK(officer.enter_pin("master", "PIN of the master-control UKEY", Use::existing));
    KMP_CHECK(officer.enter_pin("ukey", "PIN of the new UKEY", Use::fresh));
    pb::AdminRequest request;
    auto& issue = *request.mutable_ukey_issue();
    issue.set_kind(kind);
    issue.set_reader(reader);
    issue.set_holder(holder);
    *issue.mutable_terms() = terms;
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.ukey_issue()), "The " + kind + " UKEY is issued.\n" + ukey_text(reply.ukey_issue().ukey()));
}

base::Status change_ukey(Officer& officer, const std::string& serial, const std::string& action, const std::string& reason) {
    KMP_CHECK(officer.enter_pin("master", "PIN of the master-control UKEY", Use::existing));
    pb::AdminRequest request;
    auto& change = *request.mutable_ukey_change();
    change.set_serial(serial);
    change.set_action(action);
    // The log wants to know why; an officer in a hurry may leave it open.
    change.set_reason(reason.empty() ? "no reason given" : reason);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.ukey_change()), done_text(action, reply.ukey_change().ukey()));
}

}  // namespace kmp::kmpctl
