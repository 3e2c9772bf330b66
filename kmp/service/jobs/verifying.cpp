// The log verified where it lies, while the service goes on writing to it.
#include <chrono>

#include "audit/archive.h"
#include "audit/database_check.h"
#include "audit/text.h"
#include "base/fd.h"
#include "kmp/service/books.h"
#include "kmp/service/job.h"
#include "kmp/service/own_checkpoint.h"
#include "kmp/service/recovery.h"

namespace kmp::service {
namespace {

using base::Code;
namespace pb = wire::pb;

constexpr std::size_t kFindings = 100;           // in the reply; the rest is counted
constexpr std::size_t kFindingBytes = 400;       // of one line, so that all fit a frame
constexpr std::chrono::milliseconds kBetween{500};  // between two words to the client

/// Tells the client how far it is, now and then, and notices when it has gone.
class Telling {
public:
    explicit Telling(Job& job) : job_(job) {}
    bool operator()(std::string_view step, std::uint64_t done, std::uint64_t of) {
        const auto now = std::chrono::steady_clock::now();
        if (now - last_ < kBetween) return true;
        last_ = now;
        pb::AdminReply part;
        // In parts of 10000, for the numbers of a large log do not fit the message.
        constexpr std::uint64_t kParts = 10'000;
        part.mutable_progress()->set_step(std::string(step));
        part.mutable_progress()->set_done(static_cast<std::uint32_t>(of == 0 ? done >> 20 : done * kParts / of));
        part.mutable_progress()->set_of(of == 0 ? 0 : kParts);
        return job_.part(part);
    }

private:
    Job& job_;
    std::chrono::steady_clock::time_point last_{};
};

std::string line_of(const audit::Finding& finding) {
    std::string out = finding.index ? "record " + std::to_string(*finding.index) + ": " : "";
    out += finding.rule + ": " + finding.message;
    return audit::clean_text(out, kFindingBytes);
}

/// What is archived is not there; its hashes are, and what is there is held against them.
base::Result<audit::ExportHead> head_of(Job& job, const Books& books, std::uint64_t end) {
    audit::ExportHead head;
    KMP_TRY(head.first, audit::archived_to(*books.exports));
    head.origin = books.house.origin;
    head.end = end;
    head.certificates = job.service.on_io([&] { return books.house.certificates(books.house.checkpoint.der()); });
    return head;
}

}  // namespace

base::Result<pb::AuditVerifyReply> verify_audit(Job& job) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    audit::VerifyOptions options;
    options.trust_anchor = books->house.anchor.der();
    options.max_findings = kFindings;
    // The one in the file is of before: what was signed then must still be in the log. A new one follows, over all of it.
    const std::string file = job.service.on_io([&] { return job.service.config().checkpoint_file(); });
    std::string unread;
    if (const auto kept = base::read_file(file, audit::kMaxNoteBytes); !kept) {
        if (kept.error().code != Code::not_found) return kept.error();
    } else if (const auto point = audit::read_checkpoint(base::as_text(*kept)); !point) {
        unread = file + " holds no checkpoint: " + point.error().message;
    } else {
        options.known_checkpoint = base::to_string(*kept);
    }
    KMP_TRY(const pb::AuditCheckpointReply checkpoint, sign_checkpoint(job));
    KMP_TRY(const audit::Checkpoint point, audit::read_checkpoint(checkpoint.note()));
    KMP_TRY(const base::Secret key, database_key(job, *books));
    KMP_TRY(const audit::ExportHead head, head_of(job, *books, point.size));
    // That the platform UKEY was replaced may stand in what is archived.
    KMP_TRY(options.checkpoint_key, checkpoint_key_at(*books->exports, head.first));
    Telling telling(job);
    auto verdict = audit::verify_database(*books->exports, key, head, checkpoint.note(), options, std::ref(telling));
    if (!verdict && verdict.error().code == Code::cancelled) return {Code::cancelled, "it was cancelled, or the client has gone"};
    if (!verdict) return std::move(verdict).error();

    if (!unread.empty()) {
        verdict->findings.insert(verdict->findings.begin(), {{}, "checkpoint", unread});
        verdict->sound = ++verdict->finding_count == 0;
    }
    pb::AuditVerifyReply out;
    out.set_sound(verdict->sound);
    out.set_size(point.size);
    out.set_root(base::to_string(point.root));
    out.set_finding_count(verdict->finding_count);
    for (const audit::Finding& finding : verdict->findings) out.add_findings(line_of(finding));
    audit::Event event(audit::EventType::log_verified);
    job.describe(event);
    event.number(audit::Field::size, point.size).bytes(audit::Field::root, point.root).number(audit::Field::findings, verdict->finding_count);
    if (out.findings_size() > 0) event.text(audit::Field::detail, out.findings(0));
    Entry entry;
    entry.events.push_back(std::move(event));
    KMP_CHECK(books->writer->write(std::move(entry)));
    return out;
}

}  // namespace kmp::service
