#include <nlohmann/json.hpp>

#include "base/output_file.h"
#include "base/words.h"
#include "kmp/kmpctl/commands.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

constexpr std::uint32_t kMostMinutes = 100;  ///< asked for at once

}  // namespace

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
        for (const auto& e : reply.audit_list().events()) {
            const auto fields = nlohmann::ordered_json::parse(e.json(), nullptr, false);
            const std::string note = fields.is_object() ? fields.value("note", std::string()) : std::string();
            document.push_back({{"index", e.index()}, {"time_ms", e.time_ms()}, {"minutes", note}});
            text += (text.empty() ? "" : "\n") + note;
        }
        // A page may be empty before the log is at its end.
        if (reply.audit_list().end()) break;
        first = reply.audit_list().next();
    }
    return officer.show(document, text);
}

base::Status verify_log(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_audit_verify();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const pb::AuditVerifyReply& v = reply.audit_verify();
    std::string text;
    for (const std::string& finding : v.findings()) text += "finding     " + finding + "\n";
    const std::uint64_t more = v.finding_count() - static_cast<std::uint64_t>(v.findings_size());
    if (more > 0) text += "finding     and " + std::to_string(more) + " more\n";
    text += "The database holds " + base::counted(v.size(), "event") + ", root " + base::to_hex(base::as_bytes(v.root())) + ": " + (v.sound() ? "sound" : "NOT SOUND") + "\n";
    KMP_CHECK(officer.show(v, [&] { return text; }));
    if (v.sound()) return {};
    return {base::Code::tampered, "the database is not sound: " + base::counted(v.finding_count(), "finding") + "; keep its files for examination, and verify the newest export and archive"};
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
