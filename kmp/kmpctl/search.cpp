#include "kmp/kmpctl/search.h"

#include <iterator>
#include <nlohmann/json.hpp>

#include "base/words.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;
using base::Code;

using Events = std::vector<pb::AuditEvent>;

struct Listed {
    Events events;
    pb::AuditListReply last;
};

/// Page by page until the limit: a page may hold fewer events than were asked for, or none, before the end.
base::Result<Listed> ask_for_events(Officer& officer, const ListArguments& a, const pb::AuditFilter& filter) {
    Listed out;
    std::uint64_t next = a.first ? *a.first : a.before.value_or(0);
    if (a.before == 0U) out.last.set_end(true);  // nothing is below
    while (out.events.size() < a.limit && !out.last.end()) {
        pb::AdminRequest request;
        auto& list = *request.mutable_audit_list();
        list.set_limit(a.limit - static_cast<std::uint32_t>(out.events.size()));
        list.set_newest(!a.first);
        if (a.first) list.set_first(next);
        else list.set_before(next);
        *list.mutable_filter() = filter;
        KMP_TRY(pb::AdminReply reply, officer.ask(std::move(request)));
        out.last = std::move(*reply.mutable_audit_list());
        auto& page = *out.last.mutable_events();
        out.events.insert(a.first ? out.events.end() : out.events.begin(), std::make_move_iterator(page.begin()), std::make_move_iterator(page.end()));
        next = out.last.next();
    }
    return out;
}

/// The fields of an event are a JSON text of their own; in a JSON document they stand as what they are.
nlohmann::ordered_json document_of(const pb::AuditEvent& e) {
    nlohmann::ordered_json out = wire::to_json(e);
    if (auto fields = nlohmann::ordered_json::parse(e.json(), nullptr, false); !fields.is_discarded()) out["json"] = std::move(fields);
    return out;
}

std::string closing_line(const ListArguments& a, const Listed& listed) {
    const bool filtered = a.search != SearchText();
    std::string out = std::to_string(listed.events.size()) + (filtered ? " found among " : " of ") + base::counted(listed.last.size(), "event");
    if (!listed.last.end()) out += (a.first ? "; later ones: kmpctl " : "; older ones: kmpctl ") + a.command + (a.first ? " --first " : " --before ") + std::to_string(listed.last.next());
    else if (listed.last.archived() > 1) out += "; events 1 to " + std::to_string(listed.last.archived() - 1) + " are in archive segments and were not looked at";
    return out + "\n";
}

}  // namespace

base::Status list_events(Officer& officer, const ListArguments& a) {
    KMP_TRY(const pb::AuditFilter filter, parse_search(a.search, base::SystemClock().now()));
    KMP_TRY(const Listed listed, ask_for_events(officer, a, filter));
    Table table({"INDEX", "TIME", "TYPE", "WHAT"});
    nlohmann::ordered_json document = {{"events", nlohmann::ordered_json::array()}, {"size", listed.last.size()}, {"next", listed.last.next()}, {"end", listed.last.end()}, {"archived", listed.last.archived()}};
    for (const pb::AuditEvent& e : listed.events) {
        table.add({std::to_string(e.index()), time_text(e.time_ms()), e.type(), e.text()});
        document["events"].push_back(document_of(e));
    }
    return officer.show(document, table.text() + closing_line(a, listed));
}

base::Status show_event(Officer& officer, std::uint64_t index) {
    pb::AdminRequest request;
    request.mutable_audit_list()->set_first(index);
    request.mutable_audit_list()->set_limit(1);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const pb::AuditListReply& page = reply.audit_list();
    if (page.events().empty() || page.events(0).index() != index) {
        if (index > 0 && index < page.archived()) return {Code::not_found, "event " + std::to_string(index) + " left the live database: it is in an archive segment"};
        return {Code::not_found, "there is no event " + std::to_string(index) + "; the log has " + base::counted(page.size(), "event")};
    }
    const pb::AuditEvent& e = page.events(0);
    Sheet sheet;
    sheet.add("index", std::to_string(e.index()));
    sheet.add("time", base::to_rfc3339(e.time_ms()));
    sheet.add("type", e.type());
    sheet.add("what", e.text());
    const auto fields = nlohmann::ordered_json::parse(e.json(), nullptr, false);
    for (const auto& [name, value] : fields.items()) {
        if (name == "index" || name == "time" || name == "type") continue;
        if (value.is_string()) sheet.add(name, value.get<std::string>());
        else if (name == "amount") sheet.add(name, yuan_text(value.get<std::int64_t>()) + " yuan");
        else if (value.is_boolean()) sheet.add(name, value.get<bool>() ? "yes" : "no");
        else sheet.add(name, value.dump());
    }
    sheet.add("leaf hash", base::to_hex(base::as_bytes(e.leaf_hash())));
    nlohmann::ordered_json document = document_of(e);
    document["leaf_hash"] = base::to_hex(base::as_bytes(e.leaf_hash()));
    return officer.show(document, sheet.text());
}

}  // namespace kmp::kmpctl
