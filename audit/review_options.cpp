#include "audit/review_options.h"

#include <CLI/CLI.hpp>

#include "base/fd.h"
#include "base/words.h"
#include "pki/certificate.h"

namespace audit {
namespace {

using base::Code;

constexpr std::size_t kMaxPemBytes = 65536;

struct Chosen {
    Period period;
    std::string words;
};

base::Result<Chosen> period_of(const ReconcileArguments& a, const UtilityTime& time) {
    const std::string zone = " (" + time.zone() + ")";
    if (!a.day.empty()) {
        auto at = time.parse(a.day);
        if (!at || a.day.size() != 10) return base::Error{Code::invalid_argument, "--day: '" + a.day + "' is no day such as 2026-11-22"};
        return Chosen{time.day_around(*at), a.day + zone};
    }
    Chosen out;
    const auto set = [&](const std::string& text, const char* option, base::Millis& to) -> base::Status {
        if (text.empty()) return {};
        auto at = time.parse(text);
        if (!at) return std::move(at).error().in(option);
        to = *at;
        out.words += (out.words.empty() ? "" : " ") + std::string(option + 2) + " " + time.text(to);
        return {};
    };
    KMP_CHECK(set(a.from, "--from", out.period.from));
    KMP_CHECK(set(a.until, "--until", out.period.until));
    if (out.period.from >= out.period.until) return base::Error{Code::invalid_argument, "--until: it must be after --from"};
    out.words = out.words.empty() ? "all of the log" : out.words + zone;
    return out;
}

}  // namespace

void add_certificate_options(CLI::App& command, TrustArguments& a) {
    command.add_option("--certificate", a.certificate, "PEM file of the trust anchor that you have from the ceremony [the one in the log]");
    command.add_option("--checkpoint", a.checkpoint, "A checkpoint you kept: the log must still contain it");
    command.add_option("--with", a.with, "A further file of the same log, as an archive segment; repeatable")->allow_extra_args(false);
}

void add_trust_options(CLI::App& command, TrustArguments& a) {
    add_certificate_options(command, a);
    command.add_flag("--unsound", a.unsound, "Go on with a log that is not sound");
}

base::Result<VerifyOptions> verify_options(const TrustArguments& a) {
    VerifyOptions out;
    if (!a.certificate.empty()) {
        KMP_TRY(const base::Bytes pem, base::read_file(a.certificate, kMaxPemBytes));
        auto certificate = pki::Certificate::from_pem(base::as_text(pem));
        if (!certificate) return std::move(certificate).error().in(a.certificate);
        out.trust_anchor = certificate->der();
    }
    if (!a.checkpoint.empty()) {
        KMP_TRY(out.known_checkpoint, kept_checkpoint(a.checkpoint));
    }
    return out;
}

base::Result<Verdict> verify_first(ExportFile& file, const TrustArguments& a) {
    KMP_TRY(const VerifyOptions options, verify_options(a));
    KMP_TRY(Verdict verdict, file.verify(options));
    if (verdict.sound || a.unsound) return verdict;
    const Finding& first = verdict.findings.front();
    return base::Error{Code::tampered, file.name() + " is not sound: " + base::counted(verdict.finding_count, "finding") + ", first " + (first.index ? "record " + std::to_string(*first.index) + ": " : "") + first.rule + ": " +
                                           first.message + "; kmp-audit verify tells all, --unsound goes on with it"};
}

void add_reconcile_options(CLI::App& command, ReconcileArguments& a) {
    command.add_option("ORDERS", a.ledgers, "The vending system's ledger, or those of several stations: CSV with the columns order_id, station, meter, amount; where wanted kind, state, time, ukey")->required();
    command.add_option("--station", a.stations, "Judge only this station's orders; repeatable. Where a ledger names no station, and one is given here, its rows are of that one")->allow_extra_args(false);
    auto* day = command.add_option("--day", a.day, "Only orders that were signed on this day of the utility, as 2026-11-22");
    command.add_option("--from", a.from, "Only orders signed from here on: 2026-11-22, '2026-11-22 14:00' (the utility's time) or 2026-11-22T06:00:00Z")->excludes(day);
    command.add_option("--until", a.until, "Only orders signed before")->excludes(day);
    command.add_option("--readings", a.readings, "A meter reading round: CSV with the columns meter, count; where wanted credited, balance, time");
    command.add_option("--csv", a.differences, "Also write the differences into this file");
    command.add_flag("--totals", a.totals, "Show the sums of every station, day and UKEY, also of those that agree, and the oldest orders that no meter has shown as credited");
    add_trust_options(command, a.trust);
}

base::Result<Reviewed> reconcile_export(ExportFile& file, const ReconcileArguments& a) {
    ReconcileBasis basis;
    KMP_TRY(basis.log, file.log());
    KMP_TRY(Chosen chosen, period_of(a, basis.log.time));
    basis.period = chosen.period;
    basis.period_words = std::move(chosen.words);
    basis.stations = {a.stations.begin(), a.stations.end()};
    // The books first: a line that is wrong is told before a long log is verified.
    for (const std::string& path : a.ledgers) KMP_CHECK(basis.ledger.add(path, basis.log.time, basis.stations.size() == 1 ? *basis.stations.begin() : ""));
    std::vector<MeterReading> readings;
    if (!a.readings.empty()) { KMP_TRY(readings, read_meter_readings(a.readings, basis.log.time)); }
    basis.readings = !a.readings.empty();
    KMP_TRY(basis.verdict, verify_first(file, a.trust));

    Reconciliation reconciliation(basis.ledger, readings, basis.log.time, {basis.period, basis.stations, basis.log.first == 0});
    KMP_CHECK(file.each([&](const Record& r) { reconciliation.record(r); }));
    const Reconciled found = reconciliation.finish();
    if (!a.differences.empty()) KMP_CHECK(base::write_file_atomically(a.differences, base::as_bytes(in_csv(basis, found)), 0600));
    Reviewed out{a.json ? in_json(basis, found) : in_words(basis, found, a.totals), {}};
    if (!basis.verdict.sound) out.end = base::Error{Code::tampered, "the log is not sound: what it says of orders proves nothing" + (found.agrees() ? std::string() : "; " + verdict_line(found))};
    else if (!found.agrees()) out.end = base::Error{Code::conflict, verdict_line(found)};
    return out;
}

base::Result<DayReportPage> report_day(ExportFile& file, const TrustArguments& trust, const std::string& day) {
    DayReportPage out;
    KMP_TRY(const ExportFile::Log log, file.log());
    KMP_TRY(const VerifyOptions options, verify_options(trust));
    if (options.known_checkpoint) {
        KMP_TRY(const Checkpoint known, read_checkpoint(*options.known_checkpoint));
        out.known_size = known.size;
    }
    const auto asked = log.time.parse(day);
    if (!day.empty() && (!asked || day.size() != 10)) return base::Error{Code::invalid_argument, "--day: '" + day + "' is no day such as 2026-11-22"};
    KMP_TRY(out.verdict, file.verify(options));
    if (!day.empty() && *asked > out.verdict.last_time)
        return base::Error{Code::invalid_argument, "--day: the log ends at " + log.time.text(out.verdict.last_time) + ", before " + day + " begins"};
    DayFigures figures(log.time, log.time.day_around(day.empty() ? out.verdict.last_time : *asked));
    KMP_CHECK(file.each([&](const Record& r) { figures.record(r); }));
    out.report = figures.finish();
    out.checkpoint = file.checkpoint();
    return out;
}

}  // namespace audit
