#include <nlohmann/json.hpp>

#include "audit/day_report.h"
#include "audit/review_options.h"

namespace audit {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell.value)) return *text;
    if (const auto* n = std::get_if<std::uint64_t>(&cell.value)) return *n;
    if (const auto* fen = std::get_if<model::Fen>(&cell.value)) return fen->value();
    return base::to_rfc3339(std::get<Cell::Time>(cell.value).at);
}

ordered_json to_json(const Section& section) {
    ordered_json out = ordered_json::array();
    for (std::size_t r = 0; r < section.rows.size() - (section.has_sum ? 1 : 0); ++r) {
        ordered_json row = ordered_json::object();
        for (std::size_t c = 0; c < section.columns.size(); ++c) {
            const Cell& cell = section.rows[r][c];
            row[section.columns[c].key + (std::holds_alternative<model::Fen>(cell.value) ? "_fen" : "")] = to_json(cell);
        }
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace

std::string in_json(const DayReportPage& page) {
    const DayReport& report = page.report;
    ordered_json out{{"utility", report.utility}, {"origin", report.origin}, {"day", report.date}, {"zone", report.time.zone()}, {"from", base::to_rfc3339(report.day.from)}, {"until", base::to_rfc3339(report.day.until)},
                     {"newest_event", base::to_rfc3339(report.newest)}, {"over", report.newest >= report.day.until}, {"lacks_its_beginning", page.lacks_its_beginning()}};
    const Verdict& v = page.verdict;
    out["verification"] = {{"sound", v.sound}, {"first", v.first}, {"size", v.size}, {"root", base::to_hex(v.root)}, {"rules_replayed", v.rules_replayed}, {"deeds_signed_from", v.deeds_from ? ordered_json(*v.deeds_from) : ordered_json()}, {"signed_by", v.signed_by}, {"trust_anchor_sha256", v.anchor_fingerprint},
                           {"trust_anchor_from_export", v.anchor_from_export}, {"earlier_checkpoint_size", page.known_size ? ordered_json(*page.known_size) : ordered_json()}, {"finding_count", v.finding_count}, {"findings", ordered_json::array()}};
    for (const Finding& f : v.findings) {
        out["verification"]["findings"].push_back({{"rule", f.rule}, {"message", f.message}});
        if (f.index) out["verification"]["findings"].back()["index"] = *f.index;
    }
    out["checkpoint"] = page.checkpoint;
    out["figures"] = ordered_json::object();
    for (const KeyFigure& f : report.figures) out["figures"][f.key + (std::holds_alternative<model::Fen>(f.cell.value) ? "_fen" : "")] = to_json(f.cell);
    for (const Section& s : report.sections) out[s.key] = to_json(s);
    return out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace audit
