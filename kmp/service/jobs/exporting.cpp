// The log as a file: all of it or a range, in clear or for auditor UKEYs alone.
#include <algorithm>

#include "audit/archive.h"
#include "audit/checkpoint.h"
#include "audit/envelope.h"
#include "audit/export.h"
#include "kmp/service/jobs/recipients.h"
#include "kmp/service/own_checkpoint.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

/// Records [first, end), and a signed checkpoint over end.
struct Range {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    std::string note;
    base::Bytes certificate;  ///< DER: of the key that signed it
};

/// The certificate of the key that signed this note: the platform UKEY's of today, or of one that was replaced.
base::Result<base::Bytes> signer_of(Books& books, const std::string& note) {
    KMP_TRY(const std::vector<CheckpointKey> keys, checkpoint_keys(*books.exports));
    for (const CheckpointKey& key : keys)
        if (audit::verify_checkpoint(note, key.certificate.spki())) return key.certificate.der();
    return {Code::tampered, "a checkpoint in the log was signed by no platform UKEY of this house; tell the auditor"};
}

/// The first checkpoint that was signed over `end` records or more; nothing: none was yet. A checkpoint stands in the log behind what it is over.
base::Result<std::optional<std::pair<std::uint64_t, std::string>>> signed_over(audit::LogReader& log, std::uint64_t end, std::uint64_t size) {
    std::optional<std::pair<std::uint64_t, std::string>> out;
    base::Status trouble;
    KMP_CHECK(log.read(end, size, [&](std::uint64_t, base::ByteView bytes) {
        const auto record = audit::Record::decode(bytes);
        if (!record) {
            trouble = record.error();
            return false;
        }
        const bool covers = record->type() == EventType::checkpoint_signed && record->number(Field::size) >= end && record->has(Field::note);
        if (covers) out = std::pair(record->number(Field::size), std::string(record->text(Field::note)));
        return !covers;
    }));
    KMP_CHECK(std::move(trouble));
    return out;
}

/// Where the records begin that are not archived; nullopt: none is. not_found: some that are were asked for, and where they are.
base::Result<std::optional<std::uint64_t>> check_live(Books& books, const wire::pb::AuditExport& request, bool by_time) {
    KMP_TRY(const std::uint64_t archived, audit::archived_to(*books.exports));
    if (archived == 0) return std::optional<std::uint64_t>{};
    KMP_TRY(const auto newest, audit::segment_of(*books.exports, archived - 1));
    if (by_time ? request.from_ms() > newest->newest : request.first() >= archived) return std::optional<std::uint64_t>(archived);
    const std::string rest = std::to_string(archived);
    return base::Error{Code::not_found, "export: the events before " + rest + " are archived, the newest of them in " + newest->file + "; export from " + rest + " on, and verify the file together with the segments"};
}

/// What was asked for, up to a checkpoint: one cannot be signed over a log of the past, so a range goes on to the next one that was.
base::Result<Range> range_of(Job& job, Books& books, audit::LogReader& log, const wire::pb::AuditExport& request) {
    const bool by_time = request.from_ms() != 0 || request.until_ms() != 0;
    if (by_time && (request.first() != 0 || request.end() != 0)) return {Code::invalid_argument, "export: name a range by its events or by its times, not both"};
    KMP_TRY(const std::uint64_t size, log.size());
    Range out{request.first(), request.end(), {}, {}};
    KMP_TRY(const auto live, check_live(books, request, by_time));
    if (by_time) {
        KMP_TRY(out.first, log.first_at(live.value_or(0), size, request.from_ms()));
        if (request.until_ms() != 0) {
            KMP_TRY(out.end, log.first_at(live.value_or(0), size, request.until_ms()));
        }
        if (out.first >= size || (request.until_ms() != 0 && out.end <= out.first)) return {Code::invalid_argument, "export: no event was recorded in that time"};
    }
    if (out.end > size || out.first >= size) return {Code::invalid_argument, "export: the log has " + std::to_string(size) + " events"};
    if (out.end != 0 && out.end <= out.first) return {Code::invalid_argument, "export: the range ends before it begins"};
    if (out.end != 0) {
        KMP_TRY(const auto point, signed_over(log, out.end, size));
        if (point) {
            out.end = point->first;
            out.note = point->second;
        }
    }
    if (out.note.empty()) {
        KMP_TRY(const wire::pb::AuditCheckpointReply now, sign_checkpoint(job));
        for (const std::string& missing : now.missing()) job.progress("without the cosignature of " + missing, 0, 0);
        KMP_TRY(const audit::Checkpoint point, audit::read_checkpoint(now.note()));
        out.end = point.size;
        out.note = now.note();
    }
    KMP_TRY(out.certificate, signer_of(books, out.note));
    return out;
}

base::Status log_export(Job& job, Books& books, const Range& range, const std::vector<pki::Certificate>& recipients) {
    Event event(EventType::export_made);
    job.describe(event);
    event.number(Field::first, range.first).number(Field::size, range.end);
    event.text(Field::recipients, serials_of(recipients));
    Entry entry;
    entry.events.push_back(std::move(event));
    KMP_CHECK(books.writer->write(std::move(entry)));
    return {};
}

}  // namespace

base::Result<std::vector<pki::Certificate>> recipients_of(Job& job, Books& books, const google::protobuf::RepeatedPtrField<std::string>& serials) {
    return job.service.on_io([&]() -> base::Result<std::vector<pki::Certificate>> {
        std::vector<pki::Certificate> out;
        const base::Millis now = job.service.now();
        for (const std::string& serial : serials) {
            KMP_TRY(const base::UkeySerial ukey, base::UkeySerial::parse(serial));
            const std::string who = "recipient: UKEY " + ukey.text();
            const tokens::UkeyRecord* record = books.registry.find(ukey);
            if (record == nullptr) return {Code::invalid_argument, who + " was not issued by this platform"};
            if (record->kind != model::UkeyKind::auditor) return {Code::invalid_argument, who + " is " + model::one(record->kind) + "; files are sealed to auditor UKEYs"};
            if (record->state != model::UkeyState::issued) return {Code::refused, who + " is " + std::string(model::name(record->state)) + "; name one that is in force"};
            if (now > record->not_after) return {Code::expired, who + " expired on " + base::to_rfc3339(record->not_after)};
            const base::Bytes* der = record->certificate(pki::Profile::transport);
            if (der == nullptr) return {Code::token_unsuitable, who + " opens no sealed files: its token cannot decrypt"};
            KMP_TRY(pki::Certificate certificate, pki::Certificate::from_der(*der));
            // Whoever changed the database must not have the log sealed to a key of his own.
            if (auto genuine = books.house.check(certificate, now); !genuine) return std::move(genuine).error().in(who);
            if (certificate.subject().ukey != ukey) return {Code::tampered, who + " has the certificate of another UKEY: the database was changed"};
            out.push_back(std::move(certificate));
        }
        return out;
    });
}

std::string serials_of(const std::vector<pki::Certificate>& recipients) {
    std::string out;
    for (const pki::Certificate& c : recipients) out += (out.empty() ? "" : " ") + c.subject().ukey.text();
    return out;
}

base::Result<wire::pb::AuditExportReply> export_audit(Job& job, const wire::pb::AuditExport& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    audit::LogReader log(*books->exports);
    KMP_TRY(const std::vector<pki::Certificate> recipients, recipients_of(job, *books, request.recipients()));
    KMP_TRY(const Range range, range_of(job, *books, log, request));
    const audit::ExportHead head{books->house.origin, range.first, range.end, job.service.on_io([&] { return books->house.certificates(range.certificate); })};
    const audit::ChunkSink to_client = [&](base::ByteView piece) -> base::Status {
        wire::pb::AdminReply part;
        part.mutable_audit_export()->set_chunk(base::to_string(piece));
        if (!job.part(std::move(part))) return {Code::cancelled, "it was cancelled, or the client has gone"};
        return {};
    };
    std::optional<audit::EnvelopeWriter> sealed;
    if (!recipients.empty()) {
        KMP_TRY(auto writer, audit::EnvelopeWriter::begin(recipients, to_client));
        sealed.emplace(std::move(writer));
    }
    // In the log before the first of it leaves: whoever breaks off has read as well.
    KMP_CHECK(log_export(job, *books, range, recipients));
    constexpr std::uint64_t kTellEvery = 20000;  // records
    KMP_CHECK(audit::write_export(log, head, range.note, sealed ? [&](base::ByteView piece) { return sealed->add(piece); } : to_client, [&](std::uint64_t done) {
        if (done % kTellEvery == 0) job.progress("events are exported", static_cast<unsigned>(done), static_cast<unsigned>(range.end - range.first));
    }));
    if (sealed) KMP_CHECK(sealed->finish());
    wire::pb::AuditExportReply out;
    out.set_first(range.first);
    out.set_end(range.end);
    for (const pki::Certificate& c : recipients) out.add_recipients(c.subject().ukey.text());
    return out;
}

}  // namespace kmp::service
