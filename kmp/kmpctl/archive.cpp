// What leaves the live database, how long it is kept, and whether it is still there.
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/words.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;
namespace fs = std::filesystem;

constexpr double kMebi = 1024.0 * 1024.0;

std::string size_text(std::uint64_t bytes) {
    char out[32];
    std::snprintf(out, sizeof out, "%.1f MiB", static_cast<double>(bytes) / kMebi);
    return out;
}

std::string policy_text(std::uint32_t live_days, std::uint32_t keep_days) {
    const std::string kept = "archive segments are kept for " + base::counted(keep_days, "day") + ".\n";
    if (live_days == 0) return "No event leaves the live database; " + kept;
    return "An event may be archived when it is older than " + base::counted(live_days, "day") + "; " + kept;
}

/// From what a policy lets go, and how large the database is.
std::string room_text(const pb::AuditArchiveReply& r) {
    return "The database has " + size_text(r.database_bytes()) + ", of which " + size_text(r.free_bytes()) + " are free for what comes.\n";
}

std::string range_text(std::uint64_t first, std::uint64_t end) { return std::to_string(first) + " to " + std::to_string(end - 1); }

base::Result<pb::AuditArchiveReply> list_of(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_audit_archive()->set_list(true);
    pb::AuditArchiveReply all;
    const auto take = [&](const pb::AdminReply& part) -> base::Status {
        for (const auto& s : part.audit_archive().segments()) *all.add_segments() = s;
        return {};
    };
    KMP_TRY(const pb::AdminReply last, officer.ask(std::move(request), take));
    KMP_CHECK(take(last));
    return all;
}

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : " ") + text;
    return out;
}

/// Whether a segment's file is what the log says.
std::string state_of(const fs::path& file, const pb::ArchiveSegment& s) {
    std::error_code error;
    if (!fs::exists(file, error)) return "missing";
    const auto hash = base::sha256_of_file(file.string());
    if (!hash) return "unreadable: " + hash.error().message;
    return base::to_string(*hash) == s.data_hash() ? "good" : "changed";
}

bool is_segment_name(const std::string& name) { return name.ends_with(".kmpaudit") || name.ends_with(".kmpaudit.sealed") || name.ends_with(".partial"); }

}  // namespace

std::string retention_text(const pb::RetentionReply& reply) { return policy_text(reply.live_days(), reply.keep_days()); }

base::Status show_retention(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_audit_archive()->set_only_tell(true);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const pb::AuditArchiveReply& r = reply.audit_archive();
    std::string text = r.live_days() == 0 && r.keep_days() == 0 ? "No retention policy is set: nothing is ever archived.\n" : policy_text(r.live_days(), r.keep_days());
    if (r.archived() > 0) text += "Events 1 to " + std::to_string(r.archived() - 1) + " are in archive segments.\n";
    if (r.end() > r.first()) text += "Events " + range_text(r.first(), r.end()) + " may be archived now.\n";
    return officer.show(wire::to_json(r), text + room_text(r));
}

base::Status set_retention(Officer& officer, std::uint32_t live_days, std::uint32_t keep_days, const std::string& reason) {
    KMP_CHECK(officer.enter_master());
    pb::AdminRequest request;
    auto& set = *request.mutable_retention_set();
    set.set_live_days(live_days);
    set.set_keep_days(keep_days);
    set.set_reason(reason);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show_or_request(reply, reply.retention_set(), retention_text(reply.retention_set()));
}

base::Status archive(Officer& officer, const ArchiveArguments& arguments) {
    pb::AdminRequest request;
    auto& ask = *request.mutable_audit_archive();
    if (!arguments.folder.empty()) ask.set_folder(whole_path(arguments.folder));
    for (const std::string& serial : arguments.recipients) ask.add_recipients(serial);
    ask.set_only_tell(arguments.only_tell);
    ask.set_most(arguments.most);
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    const pb::AuditArchiveReply& r = reply.audit_archive();
    std::string text;
    if (!r.waits_for().empty()) text = "Nothing would be archived: " + r.waits_for() + ".\n";
    else if (arguments.only_tell) text = "Events " + range_text(r.first(), r.end()) + " would be archived.\n";
    else
        text = "Events " + range_text(r.first(), r.end()) + " are in " + r.file() + " (" + std::to_string(r.bytes()) + " bytes), verified, and have left the database.\nSHA-256 " +
               base::to_hex(base::as_bytes(r.data_hash())) + "\nCarry a copy away; 'kmpctl audit archive --list' says until when it is to be kept.\n";
    return officer.show(wire::to_json(r), text + room_text(r));
}

base::Status list_segments(Officer& officer) {
    KMP_TRY(const pb::AuditArchiveReply all, list_of(officer));
    if (all.segments().empty()) return officer.show(wire::to_json(all), "nothing is archived\n");
    Table table({"EVENTS", "UP TO", "ARCHIVED", "KEEP UNTIL", "BYTES", "FOR", "FILE", "SHA-256"});
    for (const auto& s : all.segments())
        table.add({range_text(s.first(), s.end()), time_text(s.newest_ms()), time_text(s.archived_ms()), time_text(s.keep_until_ms()), std::to_string(s.bytes()),
                   s.recipients().empty() ? "-" : joined(s.recipients()), s.file(), base::to_hex(base::as_bytes(s.data_hash()))});
    return officer.show(wire::to_json(all), table.text());
}

base::Status check_segments(Officer& officer, const std::string& folder) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) return base::Error{base::Code::not_found, "there is no folder " + folder + "; mount what it is on"};
    KMP_TRY(const pb::AuditArchiveReply all, list_of(officer));
    nlohmann::ordered_json document = {{"segments", nlohmann::ordered_json::array()}, {"others", nlohmann::ordered_json::array()}};
    Table table({"FILE", "EVENTS", "STATE"});
    std::size_t wrong = 0;
    for (const auto& s : all.segments()) {
        const std::string state = state_of(fs::path(folder) / s.file(), s);
        wrong += state == "good" ? 0 : 1;
        table.add({s.file(), range_text(s.first(), s.end()), state});
        document["segments"].push_back({{"file", s.file()}, {"first", s.first()}, {"end", s.end()}, {"state", state}});
    }
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (!is_segment_name(name) || std::ranges::any_of(all.segments(), [&](const auto& s) { return s.file() == name; })) continue;
        table.add({name, "-", "not of this log"});
        document["others"].push_back(name);
    }
    KMP_CHECK(officer.show(document, table.empty() ? "nothing is archived\n" : table.text()));
    if (wrong == 0) return {};
    return base::Error{base::Code::tampered, folder + ": " + std::to_string(wrong) + " of " + base::counted(static_cast<std::uint64_t>(all.segments_size()), "segment") + " missing or changed; bring them back from a copy"};
}

}  // namespace kmp::kmpctl
