// The log into a file: as the service sends it, or turned into rows on the way.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "audit/rows.h"
#include "base/output_file.h"
#include "kmp/kmpctl/auditing.h"
#include "kmp/kmpctl/search.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;
using base::Code;

/// How far it is, in one line of a terminal at stderr that is written over and over; elsewhere nothing.
class ProgressLine {
public:
    ~ProgressLine() {
        if (shown_) std::fputs("\r\033[K", stderr);
    }
    void of(const pb::Progress& progress) {
        done_ = progress.done();
        of_ = progress.of();
    }
    void bytes(std::uint64_t all) {
        const auto now = std::chrono::steady_clock::now();
        if (!terminal_ || now - last_ < std::chrono::milliseconds(200)) return;
        last_ = now;
        shown_ = true;
        const double seconds = std::chrono::duration<double>(now - begin_).count();
        const double percent = of_ == 0 ? 0 : 100.0 * done_ / of_;
        std::fprintf(stderr, "\r\033[K%u of %u events, %.0f %%, %.1f MB, %.1f MB/s", done_, of_, percent, static_cast<double>(all) / 1e6, static_cast<double>(all) / 1e6 / seconds);
        std::fflush(stderr);
    }

private:
    const bool terminal_ = isatty(STDERR_FILENO) != 0;
    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point last_ = begin_;
    bool shown_ = false;
    unsigned done_ = 0;
    unsigned of_ = 0;
};

/// Turns an export into rows while it comes in: what makes them reads at its own pace, on a thread of its own, from the other end of a pipe.
class RowMaker {
public:
    static base::Result<std::unique_ptr<RowMaker>> start(audit::RowFormat format, base::OutputFile& out) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) return base::errno_error("cannot make a pipe", errno);
        std::unique_ptr<RowMaker> maker(new RowMaker);
        maker->in_ = base::Fd(ends[1]);
        maker->thread_ = std::thread([maker = maker.get(), from = base::Fd(ends[0]), format, &out]() mutable {
            maker->made_ = audit::write_rows([&](std::span<std::uint8_t> room) { return read_some(from, room); }, format, [&](base::ByteView piece) { return out.add(piece); });
            from.reset();  // whoever still writes learns that it is over
        });
        return maker;
    }
    ~RowMaker() { end(); }

    base::Status add(std::string_view piece) {
        while (!piece.empty()) {
            const ssize_t n = write(in_.get(), piece.data(), piece.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return finish();
            piece.remove_prefix(static_cast<std::size_t>(n));
        }
        return {};
    }
    base::Status finish() {
        end();
        if (!made_) return made_.error();
        return {};
    }

private:
    RowMaker() = default;
    static base::Result<std::size_t> read_some(const base::Fd& from, std::span<std::uint8_t> room) {
        for (;;) {
            const ssize_t n = read(from.get(), room.data(), room.size());
            if (n >= 0) return static_cast<std::size_t>(n);
            if (errno != EINTR) return base::errno_error("cannot read the export", errno);
        }
    }
    void end() {
        in_.reset();
        if (thread_.joinable()) thread_.join();
    }
    base::Fd in_;
    std::thread thread_;
    base::Result<audit::Rows> made_ = base::Error{Code::internal, "no rows were made"};
};

base::Result<pb::AuditExport> asked(const ExportArguments& a) {
    pb::AuditExport out;
    out.set_first(a.first.value_or(0));
    out.set_end(a.end.value_or(0));
    const base::Millis now = base::SystemClock().now();
    KMP_TRY(const base::Millis from, parse_moment(a.from, "--from", false, now));
    KMP_TRY(const base::Millis until, parse_moment(a.until, "--until", true, now));
    out.set_from_ms(from);
    out.set_until_ms(until);
    for (const std::string& ukey : a.recipients) out.add_recipients(ukey);
    return out;
}

std::string told(const ExportArguments& a, const pb::AuditExportReply& done, std::uint64_t bytes) {
    const bool whole = !a.first && !a.end && a.from.empty() && a.until.empty();
    std::string out = whole ? "The log is in " : "Events " + std::to_string(done.first()) + " up to " + std::to_string(done.end()) + " are in ";
    out += a.file + " (" + std::to_string(bytes) + " bytes)";
    if (a.format != "kmpaudit") return out + ", as rows, which prove nothing: keep an export beside them.\n";
    std::string whom;
    for (const std::string& ukey : done.recipients()) whom += (whom.empty() ? "" : " or ") + ukey;
    out += "; kmp-audit verify checks it anywhere" + (whom.empty() ? std::string() : ", with auditor UKEY " + whom) + ".\n";
    if (a.end && done.end() > *a.end) out += "It goes on to event " + std::to_string(done.end()) + ", up to where the next checkpoint was signed: without one nothing is proved.\n";
    return out;
}

}  // namespace

base::Status log_in_as_auditor(Officer& officer, const std::string& ukey) {
    KMP_CHECK(officer.enter_pin("auditor", "PIN of your auditor UKEY", wire::PinSource::Use::existing));
    pb::AdminRequest request;
    request.mutable_audit_login()->set_ukey(ukey);
    KMP_CHECK(officer.ask(std::move(request)));
    return {};
}

bool wants_auditor(const base::Error& error) noexcept { return error.code == Code::denied && error.message.starts_with("auditor: "); }

base::Status check_export(const ExportArguments& a, bool json) {
    const auto wrong = [](std::string what) { return base::Status(Code::invalid_argument, "audit export: " + std::move(what)); };
    if (json && a.file == "-") return wrong("the export and a JSON document cannot both go to standard output; name a FILE");
    if (a.format != "kmpaudit") {
        KMP_CHECK(audit::parse_row_format(a.format));
        if (!a.recipients.empty()) return wrong("rows are in clear; with --for the format is kmpaudit, and 'kmp-audit convert' makes rows of it where its UKEY is");
    }
    if ((a.first || a.end) && !(a.from.empty() && a.until.empty())) return wrong("--first and --end, or --from and --until, not both");
    if (a.end && *a.end <= a.first.value_or(0)) return wrong("--end is the event behind the last one: it is greater than --first");
    KMP_TRY(const pb::AuditExport request, asked(a));
    if (request.until_ms() != 0 && request.until_ms() <= request.from_ms()) return wrong("--until is a time after --from");
    return {};
}

base::Status export_events(Officer& officer, const ExportArguments& a) {
    KMP_TRY(base::OutputFile out, base::OutputFile::open(a.file, 0600));
    pb::AdminRequest request;
    KMP_TRY(*request.mutable_audit_export(), asked(a));
    std::unique_ptr<RowMaker> rows;
    if (a.format != "kmpaudit") {
        KMP_TRY(const audit::RowFormat format, audit::parse_row_format(a.format));
        KMP_TRY(rows, RowMaker::start(format, out));
    }
    ProgressLine line;
    std::uint64_t bytes = 0;
    const auto take = [&](const pb::AdminReply& part) -> base::Status {
        if (part.has_progress()) {
            line.of(part.progress());
            return {};
        }
        const std::string& chunk = part.audit_export().chunk();
        line.bytes(bytes += chunk.size());
        return rows ? rows->add(chunk) : out.add(chunk);
    };
    KMP_TRY(const pb::AdminReply last, officer.ask(std::move(request), take, Officer::Progress::to_part));
    if (rows) KMP_CHECK(rows->finish());
    KMP_CHECK(out.finish());
    if (a.file == "-") return {};
    const pb::AuditExportReply& done = last.audit_export();
    nlohmann::ordered_json document{{"file", a.file}, {"bytes", out.bytes()}, {"first", done.first()}, {"end", done.end()}, {"format", a.format}, {"recipients", nlohmann::ordered_json::array()}};
    for (const std::string& ukey : done.recipients()) document["recipients"].push_back(ukey);
    return officer.show(document, told(a, done, out.bytes()));
}

}  // namespace kmp::kmpctl
