#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "model/approval.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;
using model::Deed;
using Use = wire::PinSource::Use;

/// The deed as people call it; the name of one that only a newer service knows.
std::string deed_text(const pb::Request& r) {
    const auto deed = model::parse_deed(r.deed());
    return deed ? std::string(model::phrase(*deed)) : r.deed();
}

/// "1 of 2"; "3 (2 needed)" where there are more than it takes.
std::string of_needed(std::uint32_t have, std::uint32_t needed) {
    return have > needed ? std::to_string(have) + " (" + std::to_string(needed) + " needed)" : std::to_string(have) + " of " + std::to_string(needed);
}

std::string request_text(const pb::Request& r) {
    Sheet sheet;
    sheet.add("request", std::to_string(r.number()));
    sheet.add("what", deed_text(r));
    for (const auto& [term, value] : std::map<std::string, std::string>(r.terms().begin(), r.terms().end())) sheet.add("  " + term, value);
    sheet.add("asked by", r.by());
    sheet.add("made", time_text(r.made_ms()));
    sheet.add("good until", time_text(r.expires_ms()));
    sheet.add("state", r.state() + ", " + of_needed(r.agreeing(), r.needed()) + " agree");
    for (const auto& v : r.votes()) sheet.add(v.agrees() ? "  agrees" : "  rejects", v.holder() + " (" + v.officer() + ")");
    if (r.state() == "approved") sheet.add("shares at hand", of_needed(r.shares(), r.needed()));
    sheet.add("outcome", r.outcome());
    return sheet.text();
}

std::string quorum_text(const pb::Quorum& q) {
    Table table({"OFFICER", "UKEY", "STATE", "READER"});
    for (const auto& o : q.officers()) table.add({o.holder(), o.ukey(), o.state(), o.reader()});
    std::string out = std::to_string(q.needed()) + " of " + std::to_string(q.officers_size()) + " officers must agree (generation " + std::to_string(q.generation()) + ").\n\n" + table.text();
    for (const std::string& ukey : q.behind()) out += "\nMaster-control UKEY " + ukey + " still opens with what former officers had; plug it in, and let the next request run: it follows then.\n";
    return out;
}

base::Result<pb::Request> ask_request(Officer& officer, std::uint64_t number) {
    pb::AdminRequest request;
    request.mutable_request_show()->set_number(number);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return reply.request_show().request();
}

/// ok when it can be run now; otherwise what is missing. kmpd judges for itself: this is so that nobody types a PIN for nothing.
base::Status can_be_run(const pb::Request& r) {
    const std::string number = std::to_string(r.number());
    if (r.state() == "waiting")
        return {base::Code::refused, "request " + number + " waits: " + of_needed(r.agreeing(), r.needed()) + " officers agree; others of them: kmpctl request approve " + number};
    if (r.state() != "approved") return {base::Code::refused, "request " + number + " is " + r.state() + "; make a new one"};
    if (r.shares() < r.needed())
        return {base::Code::refused, of_needed(r.shares(), r.needed()) + " officers have given their share in the last minutes; let them approve request " + number + " again, their UKEYs at hand"};
    return {};
}

std::string term(const pb::Request& r, const std::string& name) {
    const auto at = r.terms().find(name);
    return at == r.terms().end() ? std::string() : at->second;
}

/// What was done, in the words of the command that does it at once where one person holds the master-control UKEY.
std::string outcome_text(const pb::Request& r, const pb::AdminReply& reply) {
    const auto deed = model::parse_deed(r.deed());
    if (!deed) return {};
    switch (*deed) {
        case Deed::issue: return issued_text(reply.ukey_issue().ukey());
        case Deed::add_master: return master_text(reply.ukey_issue().ukey());
        case Deed::renew: return renewed_text(reply.ukey_change().ukey());
        case Deed::reinject: return injected_text(reply.ukey_change().ukey());
        case Deed::set_grant: return granted_text(reply.ukey_change().ukey());
        case Deed::unblock:
        case Deed::revoke:
        case Deed::destroy: return changed_text(model::name(*deed), reply.ukey_change().ukey());
        case Deed::rotate: return rotated_text(reply.keys_list());
        case Deed::destroy_version: return destroyed_text(term(r, "version"), reply.keys_list());
        case Deed::backup: return backup_text(reply.backup());
        case Deed::change_quorum: return quorum_text(reply.quorum_show().quorum());
        case Deed::publish_crl: return crls_text(reply.crl_refresh());
        case Deed::issue_account: return added_text(reply.account_add().account());
        case Deed::enable_account: return enabled_text(reply.account_add().account());
        case Deed::bind_account: return bound_text(reply.account_add().account());
        case Deed::reset_account: return reset_text(reply.account_add().account());
        case Deed::recover_meter: return allowed_text(reply.meter_show().meter());
        case Deed::retention: return retention_text(reply.retention_set());
        case Deed::request_certificate: return certificate_request_text(reply.pki_request());
        // No requests are run for these: a ceremony and a restore have their officers at hand.
        case Deed::hold_ceremony:
        case Deed::restore:
        case Deed::replace_platform: return {};
    }
    return {};
}

/// The one document of --json: the answer of the deed.
nlohmann::ordered_json outcome_json(const pb::AdminReply& reply) {
    if (reply.has_ukey_issue()) return wire::to_json(reply.ukey_issue());
    if (reply.has_backup()) return wire::to_json(reply.backup());
    if (reply.has_quorum_show()) return wire::to_json(reply.quorum_show());
    if (reply.has_ukey_change()) return wire::to_json(reply.ukey_change());
    if (reply.has_account_add()) return wire::to_json(reply.account_add());
    if (reply.has_crl_refresh()) return wire::to_json(reply.crl_refresh());
    if (reply.has_meter_show()) return wire::to_json(reply.meter_show());
    if (reply.has_retention_set()) return wire::to_json(reply.retention_set());
    if (reply.has_pki_request()) return wire::to_json(reply.pki_request());
    return wire::to_json(reply);
}

}  // namespace

base::Status list_requests(Officer& officer, bool all) {
    pb::AdminRequest request;
    request.mutable_request_list()->set_all(all);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    Table table({"REQUEST", "WHAT", "UKEY", "ASKED BY", "GOOD UNTIL", "STATE", "AGREE"});
    for (const auto& r : reply.request_list().requests()) {
        const auto ukey = r.terms().find("ukey");
        table.add({std::to_string(r.number()), deed_text(r), ukey == r.terms().end() ? "-" : ukey->second, r.by(), time_text(r.expires_ms()), r.state(), of_needed(r.agreeing(), r.needed())});
    }
    return officer.show(wire::to_json(reply.request_list()), reply.request_list().requests().empty() ? "no request waits\n" : table.text());
}

base::Status show_request(Officer& officer, std::uint64_t number) {
    KMP_TRY(const pb::Request request, ask_request(officer, number));
    return officer.show(wire::to_json(request), request_text(request));
}

base::Status judge_requests(Officer& officer, const std::vector<std::uint64_t>& numbers, const std::string& by, bool agree) {
    std::vector<pb::Request> shown;
    for (const std::uint64_t number : numbers) {
        KMP_TRY(pb::Request request, ask_request(officer, number));
        if (!officer.json() && isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "%s\n", request_text(request).c_str());
        shown.push_back(std::move(request));
    }
    KMP_TRY(const base::Secret pin, officer.read_pin("officer", "PIN of your officer UKEY", Use::existing));
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    std::string text;
    for (const pb::Request& r : shown) {
        // What is signed is what was read here: kmpd refuses when it has another statement by then.
        KMP_CHECK(officer.enter("officer", pin));
        pb::AdminRequest request;
        auto& judge = *request.mutable_request_judge();
        judge.set_number(r.number());
        judge.set_officer(by);
        judge.set_agree(agree);
        judge.set_statement_hash(base::to_string(base::sha256(base::as_bytes(r.statement()))));
        KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
        const pb::Request& now = reply.request_judge().request();
        const std::string number = std::to_string(now.number());
        text += "Request " + number + " is " + now.state() + ": " + of_needed(now.agreeing(), now.needed()) + " agree.\n";
        if (now.state() == "approved") text += "Run it within ten minutes, while the shares are at hand: kmpctl request run " + number + "\n";
        document.push_back(wire::to_json(reply.request_judge()));
    }
    return officer.show(document.size() == 1 ? document.front() : document, text);
}

base::Status show_quorum(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_quorum_show();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(wire::to_json(reply.quorum_show()), quorum_text(reply.quorum_show().quorum()));
}

base::Status change_quorum(Officer& officer, const QuorumArguments& arguments) {
    pb::AdminRequest request;
    auto& change = *request.mutable_quorum_change();
    for (const std::string& serial : arguments.remove) change.add_remove(serial);
    KMP_CHECK(add_officers(*change.mutable_add(), arguments.add));
    change.set_needed(arguments.needed);
    change.set_reason(arguments.reason);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show_or_request(reply, reply.quorum_show(), "");
}

base::Status run_request(Officer& officer, std::uint64_t number) {
    KMP_TRY(const pb::Request shown, ask_request(officer, number));
    KMP_CHECK(can_be_run(shown));
    for (const pb::RequestPin& pin : shown.pins()) KMP_CHECK(officer.enter_pin(pin.role(), pin.prompt(), pin.fresh() ? Use::fresh : Use::existing));
    pb::AdminRequest request;
    request.mutable_request_run()->set_number(number);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    // A certificate request is piped to where the root is: nothing else is printed then.
    const std::string before = reply.has_pki_request() ? "" : "Request " + std::to_string(number) + " is done: " + deed_text(shown) + ".\n";
    return officer.show(outcome_json(reply), before + outcome_text(shown, reply));
}

}  // namespace kmp::kmpctl
