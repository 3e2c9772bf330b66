#pragma once
#include <string>
#include <vector>

#include "audit/day_report.h"
#include "audit/export_file.h"
#include "audit/reconcile_words.h"
#include "audit/review_arguments.h"

namespace CLI {
class App;
}

/// The commands that make something of a whole export: kmpctl gets one from the service, kmp-audit from a file.
namespace audit {

/// --certificate, --checkpoint and --with.
void add_certificate_options(CLI::App& command, TrustArguments& arguments);
/// These and --unsound.
void add_trust_options(CLI::App& command, TrustArguments& arguments);
/// errors of the files; malformed: no certificate
base::Result<VerifyOptions> verify_options(const TrustArguments& arguments);
/// tampered: it is not sound, and nobody said to go on.
base::Result<Verdict> verify_first(ExportFile& file, const TrustArguments& arguments);

void add_reconcile_options(CLI::App& command, ReconcileArguments& arguments);

/// The outcome for standard output, and how the command ends: conflict where ledger and log differ.
struct Reviewed {
    std::string text;
    base::Status end;
};
base::Result<Reviewed> reconcile_export(ExportFile& file, const ReconcileArguments& arguments);

/// Verifies an export and gathers the figures of a day of it ("2026-11-22"; empty: that of its newest record). A log that is not sound is reported all the
/// same, and says so. errors: of the files; invalid_argument: no such day
base::Result<DayReportPage> report_day(ExportFile& file, const TrustArguments& trust, const std::string& day);

}  // namespace audit
