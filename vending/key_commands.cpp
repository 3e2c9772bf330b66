#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "base/fd.h"
#include "sheet/csv.h"
#include "vending/interrupt.h"
#include "vending/meter_list.h"
#include "vending/vend_station.h"

namespace vending {
namespace {

using base::Code;
using nlohmann::ordered_json;

constexpr int kRounds = 2;  ///< a meter that did not answer is tried again once the others are done

std::string_view move_name(Move move) {
    switch (move) {
        case Move::download: return "download";
        case Move::update: return "update";
        case Move::recover: return "recover";
    }
    return "unknown";
}

/// Names a run by what it does to which meters: the same command finds what an earlier run has done.
base::Digest run_name(Move move, const std::vector<model::MeterNumber>& meters) {
    std::string text = "keys " + std::string(move_name(move));
    for (const auto& m : meters) text += " " + m.text();
    return base::sha256(base::as_bytes(text));
}

enum class Outcome { waiting, before, done, already, failed };

struct Row {
    model::MeterNumber meter;
    Outcome outcome = Outcome::waiting;
    KeysMoved moved;
    std::string said;
    bool again = false;  ///< silence or noise: worth another try
};

std::string_view name(Outcome outcome) {
    switch (outcome) {
        case Outcome::waiting: return "not asked";
        case Outcome::before: return "done before";
        case Outcome::done: return "done";
        case Outcome::already: return "held already";
        case Outcome::failed: return "failed";
    }
    return "unknown";
}

std::string report_csv(const std::vector<Row>& rows) {
    std::string out = sheet::csv_line({"meter", "outcome", "key_version", "frames", "said"});
    for (const Row& r : rows) out += sheet::csv_line({r.meter.text(), std::string(name(r.outcome)), std::to_string(r.moved.key_version), std::to_string(r.moved.records), r.said});
    return out;
}

base::Status move_one(Journal& journal, Platform& platform, Line& line, const base::Digest& run, Move move, Row& row) {
    const auto moved = [&]() -> base::Result<KeysMoved> {
        KMP_TRY(const MeterHold hold, journal.hold(row.meter));
        Dialogue meter(line, row.meter);
        return move_keys(platform, meter, move);
    }();
    row.again = !moved && (moved.error().code == Code::timeout || moved.error().code == Code::malformed || moved.error().code == Code::outcome_unknown);
    if (moved) row.moved = *moved;
    row.outcome = !moved ? Outcome::failed : moved->already ? Outcome::already : Outcome::done;
    row.said = moved ? "proved by an identity authentication" : moved.error().message;
    KMP_CHECK(journal.note_keys(run, {row.meter, moved.ok(), row.said, row.moved.key_version, row.moved.records, 0}));
    // The line, or kmpd, is gone: so it is for every other meter.
    if (!moved && (moved.error().code == Code::io_failed || moved.error().code == Code::sealed || moved.error().code == Code::token_removed)) return moved.error();
    return {};
}

struct Run {
    std::vector<Row> rows;
    std::string stopped;

    std::size_t count(Outcome outcome) const {
        return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [&](const Row& r) { return r.outcome == outcome; }));
    }
};

base::Status move_all(const VendArguments& a, VendRequest& request, Journal& journal, const base::Digest& name_of_run, Move move, Run& run) {
    KMP_TRY(Line line, Line::open(a.line));
    KMP_TRY(Platform platform, open_platform(a, std::move(request.pins)));
    Interrupt interrupt;
    const bool terminal = !a.json && isatty(STDERR_FILENO) != 0;
    for (int round = 0; round < kRounds; ++round) {
        for (std::size_t i = 0; i < run.rows.size(); ++i) {
            Row& row = run.rows[i];
            if (round == 0 ? row.outcome != Outcome::waiting : !row.again) continue;
            if (interrupt.asked()) {
                run.stopped = "it was interrupted";
                return {};
            }
            if (terminal) std::fprintf(stderr, "%zu of %zu: meter %s\n", i + 1, run.rows.size(), row.meter.text().c_str());
            const auto moved = move_one(journal, platform, line, name_of_run, move, row);
            if (!moved) {
                run.stopped = moved.error().message;
                return {};
            }
        }
    }
    return {};
}

}  // namespace

base::Status move_many_keys_command(const VendArguments& a, VendRequest request, Move move) {
    KMP_TRY(const auto meters, read_meter_list(a.meters));
    KMP_TRY(Journal journal, open_journal(a));
    const base::Digest name_of_run = run_name(move, meters);
    KMP_TRY(const auto earlier, journal.key_rows(name_of_run));
    std::map<model::MeterNumber, Journal::KeyRow> known;
    for (const auto& row : earlier) known.emplace(row.meter, row);
    Run run;
    for (const auto& meter : meters) {
        Row& row = run.rows.emplace_back();
        row.meter = meter;
        const auto at = known.find(meter);
        if (a.again || at == known.end() || !at->second.done) continue;
        row.outcome = Outcome::before;
        row.moved.key_version = at->second.key_version;
        row.moved.records = at->second.frames;
        row.said = at->second.said;
    }
    const auto write_report = [&]() -> base::Status {
        if (a.result.empty()) return {};
        return base::write_file_atomically(a.result, base::as_bytes(report_csv(run.rows)), 0644);
    };
    KMP_CHECK(write_report());
    auto moved = move_all(a, request, journal, name_of_run, move, run);
    KMP_CHECK(write_report());
    KMP_CHECK(moved);
    const std::size_t done = run.count(Outcome::done), already = run.count(Outcome::already), before = run.count(Outcome::before), failed = run.count(Outcome::failed),
                      left = run.count(Outcome::waiting);
    ordered_json document{{"meters", run.rows.size()}, {"done", done}, {"already", already}, {"done_before", before}, {"failed", failed}, {"left", left}, {"troubles", ordered_json::array()}};
    std::string text = std::string(move == Move::recover ? "Factory keys" : "Private keys") + " for " + std::to_string(run.rows.size()) + " meters: " + std::to_string(done) + " done now, " +
                       std::to_string(already) + " held them already, " + std::to_string(before) + " done by an earlier run, " + std::to_string(failed) + " failed, " + std::to_string(left) + " not asked.\n";
    for (const Row& r : run.rows) {
        if (r.outcome != Outcome::failed) continue;
        document["troubles"].push_back({{"meter", r.meter.text()}, {"said", r.said}});
        text += "  " + r.meter.text() + ": " + r.said + "\n";
    }
    KMP_CHECK(show(a, document, text));
    if (!run.stopped.empty()) return {Code::cancelled, "stopped with " + std::to_string(left) + " meters not asked: " + run.stopped + "; the same command goes on with the rest"};
    if (failed > 0) return {Code::refused, std::to_string(failed) + " meters failed; the same command tries them again"};
    return {};
}

}  // namespace vending
