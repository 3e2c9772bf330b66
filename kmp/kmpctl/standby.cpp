#include <nlohmann/json.hpp>

#include "base/words.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "standby/series.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

std::string ago(base::Millis time, base::Millis now) { return time_text(time) + ", " + base::counted(static_cast<std::uint64_t>(std::max<base::Millis>(now - time, 0) / 1000), "second") + " ago"; }

std::string size_text(std::uint64_t bytes) { return std::to_string((bytes + (1u << 20) - 1) >> 20) + " MiB"; }

std::string status_text(const pb::StandbyStatusReply& s) {
    if (s.folder().empty()) return "No standby is fed: kmp.toml names no [standby] folder.\n";
    Sheet sheet;
    sheet.add("folder", s.folder());
    sheet.add("state", !s.problem().empty() ? "stopped: " + s.problem() : s.whole() ? "fed" : "the base is being copied; nobody can take over yet");
    if (s.copying_percent() > 0) sheet.add("new base", std::to_string(s.copying_percent()) + " % copied");
    if (!s.series().empty()) sheet.add("series", s.series() + ": a base of " + size_text(s.base_bytes()) + ", " + base::counted(s.segments(), "segment") + " of " + size_text(s.segment_bytes()));
    if (s.last_ms() != 0) sheet.add("last segment", time_text(s.last_ms()));
    sheet.add("behind", base::counted(s.lag_events(), "event") + (s.lag_events() > 0 ? ", " + std::to_string(s.lag_ms() / 1000) + " s" : ""));
    return sheet.text();
}

/// What a checkpoint's second line says: over how many events it is. It is a signed note; whoever restores verifies it.
std::string checkpoint_size(const std::string& note) {
    const std::size_t first = note.find('\n');
    const std::size_t second = first == std::string::npos ? first : note.find('\n', first + 1);
    return second == std::string::npos ? "none" : note.substr(first + 1, second - first - 1);
}

}  // namespace

base::Status standby_status(Officer& officer) {
    pb::AdminRequest request;
    request.mutable_standby_status();
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show(reply.standby_status(), [&] { return status_text(reply.standby_status()); });
}

base::Status check_standby(const std::string& folder, bool json) {
    KMP_TRY(const standby::Report r, standby::check(folder));
    const base::Millis now = base::SystemClock().now();
    const nlohmann::ordered_json document{{"series", r.path}, {"platform", r.base.platform}, {"base_made", base::to_rfc3339(r.base.made)}, {"base_bytes", r.base.bytes}, {"segments", r.segments},
                                          {"segment_bytes", r.bytes}, {"last", base::to_rfc3339(r.last.made)}, {"age_ms", std::max<base::Millis>(now - r.last.made, 0)}, {"events", r.last.events},
                                          {"checkpoint", r.checkpoint}, {"hash", base::to_hex(r.hash)}, {"notes", r.notes}};
    Sheet sheet;
    sheet.add("series", r.path);
    sheet.add("of platform UKEY", r.base.platform);
    sheet.add("base", size_text(r.base.bytes) + ", begun " + time_text(r.base.made));
    sheet.add("segments", std::to_string(r.segments) + " of " + size_text(r.bytes) + ", none missing, none changed");
    sheet.add("last segment", ago(r.last.made, now));
    sheet.add("events", "at least " + std::to_string(r.last.events));
    sheet.add("last checkpoint", "over " + checkpoint_size(r.checkpoint) + " events");
    std::string text = sheet.text();
    for (const std::string& note : r.notes) text += "note: " + note + "\n";
    return show(document, text + "What was sold after the last segment is not in it: docs/STANDBY.md says what a station does then.\n", json);
}

}  // namespace kmp::kmpctl
