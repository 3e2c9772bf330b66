#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/output_file.h"
#include "base/words.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

constexpr std::uint32_t kMostMinutes = 100;  ///< asked for at once

using Events = std::vector<pb::AuditEvent>;

/// A page as the service gives it: it may hold fewer events than were asked for, but never none where there are some.
base::Result<pb::AuditListReply> page_of_events(Officer& officer, std::optional<std::uint64_t> first, std::uint64_t limit) {
    pb::AdminRequest request;
    auto& list = *request.mutable_audit_list();
    list.set_limit(static_cast<std::uint32_t>(limit));
    list.set_newest(!first);
    list.set_first(first.value_or(0));
    KMP_TRY(pb::AdminReply reply, officer.ask(std::move(request)));
    return std::move(*reply.mutable_audit_list());
}

/// Events [first, end), page by page. Fewer when the log ends before.
base::Status add_events(Officer& officer, std::uint64_t first, std::uint64_t end, Events& out) {
    while (first < end) {
        KMP_TRY(const pb::AuditListReply page, page_of_events(officer, first, end - first));
        if (page.events().empty()) return {};
        for (const auto& e : page.events()) out.push_back(e);
        first = out.back().index() + 1;
    }
    return {};
}

}  // namespace

base::Status list_events(Officer& officer, std::optional<std::uint64_t> first, std::uint32_t limit) {
    KMP_TRY(const pb::AuditListReply page, page_of_events(officer, first, limit));
    Events events;
    if (!first && !page.events().empty()) {
        // The newest come first; what their page had no room for is older.
        KMP_CHECK(add_events(officer, page.size() > limit ? page.size() - limit : 0, page.events(0).index(), events));
    }
    events.insert(events.end(), page.events().begin(), page.events().end());
    if (first && !events.empty()) KMP_CHECK(add_events(officer, events.back().index() + 1, *first + std::min<std::uint64_t>(limit, page.size()), events));
    Table table({"INDEX", "TIME", "TYPE", "WHAT"});
    nlohmann::ordered_json document = {{"events", nlohmann::ordered_json::array()}, {"size", page.size()}};
    for (const auto& e : events) {
        table.add({std::to_string(e.index()), time_text(e.time_ms()), e.type(), e.text()});
        // The fields of an event are a JSON text of their own; in a JSON document they stand as what they are.
        nlohmann::ordered_json event = wire::to_json(e);
        if (auto fields = nlohmann::ordered_json::parse(e.json(), nullptr, false); !fields.is_discarded()) event["json"] = std::move(fields);
        document["events"].push_back(std::move(event));
    }
    return officer.show(document, table.text() + std::to_string(events.size()) + " of " + base::counted(page.size(), "event") + "\n");
}

base::Status show_minutes(Officer& officer) {
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    std::string text;
    for (std::uint64_t first = 0;;) {
        pb::AdminRequest request;
        auto& list = *request.mutable_audit_list();
        list.mutable_filter()->add_types("ceremony_minutes");
        list.set_first(first);
        list.set_limit(kMostMinutes);
        KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
        if (reply.audit_list().events().empty()) break;
        for (const auto& e : reply.audit_list().events()) {
            const auto fields = nlohmann::ordered_json::parse(e.json(), nullptr, false);
            const std::string note = fields.is_object() ? fields.value("note", std::string()) : std::string();
            document.push_back({{"index", e.index()}, {"time_ms", e.time_ms()}, {"minutes", note}});
            text += (text.empty() ? "" : "\n") + note;
            first = e.index() + 1;
        }
    }
    return officer.show(document, text);
}

base::Status checkpoint(Officer& officer, const std::string& file, bool key) {
    pb::AdminRequest request;
    request.mutable_audit_checkpoint();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const std::string note = key ? reply.audit_checkpoint().key() + "\n" : reply.audit_checkpoint().note();
    if (!file.empty() && file != "-") {
        KMP_TRY(base::OutputFile out, base::OutputFile::open(file, 0644));
        KMP_CHECK(out.add(note));
        KMP_CHECK(out.finish());
    }
    return officer.show({{"note", reply.audit_checkpoint().note()}, {"key", reply.audit_checkpoint().key()}}, note);
}

}  // namespace kmp::kmpctl
