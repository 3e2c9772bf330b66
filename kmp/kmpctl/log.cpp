#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/output_file.h"
#include "base/words.h"
#include "kmp/kmpctl/commands.h"
#include "qr/qr.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

constexpr std::uint32_t kMostMinutes = 100;  ///< asked for at once

base::Status write_whole(const std::string& name, std::string_view content) {
    KMP_TRY(base::OutputFile out, base::OutputFile::open(name, 0644));
    KMP_CHECK(out.add(content));
    return out.finish();
}

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
        if (reply.audit_list().end()) {
            const std::uint64_t archived = reply.audit_list().archived();
            if (archived > 1) text += (text.empty() ? "" : "\n") + ("Minutes among the events 1 to " + std::to_string(archived - 1) + " are in archive segments: 'kmp-audit convert SEGMENT --format jsonl' shows them there.\n");
            break;
        }
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

base::Status checkpoint(Officer& officer, const CheckpointArguments& arguments) {
    constexpr unsigned kPixels = 6;  // about 0.5 mm on paper at 300 dpi
    pb::AdminRequest request;
    request.mutable_audit_checkpoint();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const pb::AuditCheckpointReply& point = reply.audit_checkpoint();
    if (arguments.witness_key && point.witness_key().empty())
        return {base::Code::unsupported, "this platform UKEY cosigns nothing: its checkpoint key is not Ed25519; another platform UKEY can be a witness"};
    std::string text = arguments.key ? point.key() + "\n" : arguments.witness_key ? point.witness_key() + "\n" : point.note();
    if (!arguments.file.empty() && arguments.file != "-") KMP_CHECK(write_whole(arguments.file, text));
    if (arguments.qr || !arguments.picture.empty()) {
        KMP_TRY(const qr::Matrix symbol, qr::encode(text));
        if (arguments.qr) text += "\n" + qr::terminal(symbol);
        if (!arguments.picture.empty()) {
            KMP_TRY(const base::Bytes png, qr::png(symbol, kPixels));
            KMP_CHECK(write_whole(arguments.picture, base::as_text(png)));
        }
    }
    if (!arguments.key && !arguments.witness_key)
        for (const std::string& missing : point.missing()) std::fprintf(stderr, "kmpctl: without the cosignature of %s\n", missing.c_str());
    nlohmann::ordered_json document{{"note", point.note()}, {"key", point.key()}, {"witness_key", point.witness_key()}, {"missing", nlohmann::ordered_json::array()}};
    for (const std::string& missing : point.missing()) document["missing"].push_back(missing);
    return officer.show(document, text);
}

}  // namespace kmp::kmpctl
