#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;
using Use = wire::PinSource::Use;

std::string request_text(const pb::Request& r) {
    Sheet sheet;
    sheet.add("request", std::to_string(r.number()));
    sheet.add("what", r.deed());
    for (const auto& [term, value] : std::map<std::string, std::string>(r.terms().begin(), r.terms().end())) sheet.add("  " + term, value);
    sheet.add("asked by", r.by());
    sheet.add("made", time_text(r.made_ms()));
    sheet.add("good until", time_text(r.expires_ms()));
    sheet.add("state", r.state() + ", " + std::to_string(r.agreeing()) + " of " + std::to_string(r.needed()) + " agree");
    for (const auto& v : r.votes()) sheet.add(v.agrees() ? "  agrees" : "  rejects", v.holder() + " (" + v.officer() + ")");
    if (r.state() == "approved") sheet.add("shares at hand", std::to_string(r.shares()) + " of " + std::to_string(r.needed()));
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

}  // namespace

base::Status list_requests(Officer& officer, bool all) {
    pb::AdminRequest request;
    request.mutable_request_list()->set_all(all);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    Table table({"REQUEST", "WHAT", "UKEY", "ASKED BY", "GOOD UNTIL", "STATE", "AGREE"});
    for (const auto& r : reply.request_list().requests()) {
        const auto ukey = r.terms().find("ukey");
        table.add({std::to_string(r.number()), r.deed(), ukey == r.terms().end() ? "-" : ukey->second, r.by(), time_text(r.expires_ms()), r.state(),
                   std::to_string(r.agreeing()) + " of " + std::to_string(r.needed())});
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
        text += "Request " + number + " is " + now.state() + ": " + std::to_string(now.agreeing()) + " of " + std::to_string(now.needed()) + " agree.\n";
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
    for (const pb::RequestPin& pin : shown.pins()) KMP_CHECK(officer.enter_pin(pin.role(), pin.prompt(), pin.fresh() ? Use::fresh : Use::existing));
    pb::AdminRequest request;
    request.mutable_request_run()->set_number(number);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    if (reply.has_ukey_issue()) return officer.show(wire::to_json(reply.ukey_issue()), "Request " + std::to_string(number) + " is done: UKEY " + reply.ukey_issue().ukey().serial() + " is issued.\n");
    if (reply.has_backup()) return officer.show(wire::to_json(reply.backup()), "Request " + std::to_string(number) + " is done.\n" + backup_text(reply.backup()));
    if (reply.has_quorum_show()) return officer.show(wire::to_json(reply.quorum_show()), "Request " + std::to_string(number) + " is done: the officers are others.\n" + quorum_text(reply.quorum_show().quorum()));
    if (reply.has_ukey_change())
        return officer.show(wire::to_json(reply.ukey_change()), "Request " + std::to_string(number) + " is done: UKEY " + reply.ukey_change().ukey().serial() + " is " + reply.ukey_change().ukey().state() + ".\n");
    if (reply.has_account_add())
        return officer.show(wire::to_json(reply.account_add()), "Request " + std::to_string(number) + " is done: account " + reply.account_add().account().name() + " is " + reply.account_add().account().state() + ".\n");
    if (reply.has_meter_show()) return officer.show(wire::to_json(reply.meter_show()), "Request " + std::to_string(number) + " is done.\n" + meter_text(reply.meter_show().meter()));
    if (reply.has_crl_refresh()) return officer.show(wire::to_json(reply.crl_refresh()), "Request " + std::to_string(number) + " is done.\n" + crls_text(reply.crl_refresh()));
    // As `pki request` prints it, and nothing else: it is piped to where the root is.
    if (reply.has_pki_request()) return officer.show(wire::to_json(reply.pki_request()), certificate_request_text(reply.pki_request()));
    return officer.show(wire::to_json(reply), "Request " + std::to_string(number) + " is done.\n");
}

}  // namespace kmp::kmpctl
