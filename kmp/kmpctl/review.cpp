// What an auditor makes of the whole log: it is fetched from the service, or lies in a file, and is verified before anything is read out of it.
#include "audit/review_options.h"
#include "base/fd.h"
#include "base/words.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/print.h"
#include "report/day_page.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;

base::Status add(audit::ExportFile& file, const std::vector<std::string>& further) {
    for (const std::string& path : further) KMP_CHECK(file.add(path));
    return {};
}

base::Result<audit::ExportFile> open(const std::string& name, const std::vector<std::string>& further) {
    KMP_TRY(audit::ExportFile file, audit::ExportFile::open(name));
    KMP_CHECK(add(file, further));
    return file;
}

/// All of the log that is not archived, in a file that goes with it, and what lies in these.
base::Result<audit::ExportFile> fetch(Officer& officer, const std::vector<std::string>& further) {
    KMP_TRY(audit::ExportFile file, audit::ExportFile::temporary());
    KMP_CHECK(add(file, further));
    pb::AdminRequest status;
    status.mutable_status();
    KMP_TRY(const pb::AdminReply now, officer.ask(std::move(status)));
    pb::AdminRequest request;
    request.mutable_audit_export()->set_first(now.status().archived());
    KMP_CHECK(officer.ask(std::move(request), [&](const pb::AdminReply& part) { return base::write_all(file.fd(), base::as_bytes(part.audit_export().chunk()), "the export"); }));
    return file;
}

base::Status show_review(base::Result<audit::Reviewed> done) {
    if (!done) return std::move(done).error();
    KMP_CHECK(show(done->text));
    return std::move(done->end);
}

base::Status report(audit::ExportFile& file, const ReportArguments& a) {
    KMP_TRY(const audit::DayReportPage page, audit::report_day(file, a.trust, a.day));
    if (!a.file.empty()) {
        KMP_TRY(const base::Bytes pdf, ::report::draw_day(page, base::SystemClock().now()));
        KMP_CHECK(base::write_file_atomically(a.file, pdf, 0600));
    }
    const audit::Verdict& v = page.verdict;
    const std::string where = a.file.empty() ? "" : "The report of " + page.report.date + " is in " + a.file + ".\n" +
                                                         (page.lacks_its_beginning() ? "What that day had before record " + std::to_string(page.verdict.first) + " is not in it: that is in an archive segment (audit archive --list) or another export; --with FILE takes it in.\n" : "");
    KMP_CHECK(show(a.json ? audit::in_json(page) : where));
    if (v.sound) return {};
    return {base::Code::tampered, "the log is NOT SOUND: " + base::counted(v.finding_count, "finding") + ", first " + v.findings.front().rule + ": " + v.findings.front().message};
}

}  // namespace

base::Status reconcile(Officer& officer, const audit::ReconcileArguments& arguments) {
    KMP_TRY(audit::ExportFile file, fetch(officer, arguments.trust.with));
    return show_review(audit::reconcile_export(file, arguments));
}

base::Status reconcile_offline(const std::string& name, const audit::ReconcileArguments& arguments) {
    KMP_TRY(audit::ExportFile file, open(name, arguments.trust.with));
    return show_review(audit::reconcile_export(file, arguments));
}

base::Status report_day(Officer& officer, const ReportArguments& arguments) {
    KMP_TRY(audit::ExportFile file, fetch(officer, arguments.trust.with));
    return report(file, arguments);
}

base::Status report_day_offline(const std::string& name, const ReportArguments& arguments) {
    KMP_TRY(audit::ExportFile file, open(name, arguments.trust.with));
    return report(file, arguments);
}

}  // namespace kmp::kmpctl
