// What leaves the live database: under which policy, and into which file.
#include "kmp/service/jobs/archiving.h"

#include <algorithm>
#include <thread>

#include "audit/archive.h"
#include "audit/segment.h"
#include "audit/tile.h"
#include "kmp/service/errand.h"
#include "kmp/service/jobs/meter_rows.h"
#include "kmp/service/jobs/recipients.h"
#include "kmp/service/own_checkpoint.h"
#include "kmp/service/retention.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr std::size_t kSegmentsPage = 100;
constexpr std::chrono::milliseconds kLook{20};  ///< how far the shedding is

constexpr const char* kNoPolicy = "retention: no policy is set, so nothing is ever archived; 'kmpctl audit retention --live-days N --keep-days N --reason WHY' sets one";

base::Result<std::optional<model::Retention>> policy_in_force(Books& books, store::Database& database) {
    KMP_TRY(const auto record, retention::newest(database));
    if (!record) return std::optional<model::Retention>{};
    KMP_CHECK(check_retention(*record, books));
    return std::optional<model::Retention>(record->policy);
}

// ---- what may go ------------------------------------------------------------------------------------------------------

struct Range {
    std::uint64_t first = 0;
    std::uint64_t end = 0;     ///< first: nothing may go
    base::Millis newest = 0;   ///< the time of its newest record
    std::string waits_for;     ///< why nothing, or no more, may go
};

/// Checkpoints over no more than the record by which another platform UKEY took over would need the former one's signature.
base::Result<std::uint64_t> least_end(Books& books) {
    KMP_TRY(const std::vector<CheckpointKey> keys, checkpoint_keys(*books.exports));
    return keys.size() == 1 ? 0 : keys.back().from + 1;
}

base::Result<Range> range_of(Books& books, audit::LogReader& log, const model::Retention& policy, base::Millis now, std::uint64_t most) {
    Range out;
    KMP_TRY(out.first, audit::archived_to(*books.exports));
    out.end = out.first;
    if (policy.live_days == 0) {
        out.waits_for = "retention: by the policy no event leaves the live database; 'kmpctl audit retention' sets another";
        return out;
    }
    KMP_TRY(const std::uint64_t size, log.size());
    KMP_TRY(const std::uint64_t stays, log.first_at(out.first, size, policy.stays_from(now)));
    std::uint64_t end = stays;
    if (most != 0) end = std::min(end, out.first + std::min(most, size));
    end = end / audit::kTileWidth * audit::kTileWidth;
    KMP_TRY(const std::uint64_t least, least_end(books));
    if (end <= out.first && stays >= out.first + audit::kTileWidth) {
        out.waits_for = "most: whole tiles of 256 events are archived; name 256 or more";
    } else if (end <= out.first) {
        out.waits_for = "age: from event " + std::to_string(out.first) + " on " + std::to_string(stays - out.first) + " are older than " + std::to_string(policy.live_days) + " days, and whole tiles of 256 are archived; try again later";
    } else if (end < least) {
        out.waits_for = "platform: the events before " + std::to_string(least) + ", when another platform UKEY took over, are archived in one piece, and not all of them are old enough" + (most == 0 ? "; try again later" : " or asked for");
    } else {
        out.end = end;
        KMP_TRY(out.newest, log.time(end - 1));
    }
    return out;
}

// ---- moving it --------------------------------------------------------------------------------------------------------

base::Result<std::string> sign_over(Job& job, Books& books, audit::LogReader& log, std::uint64_t end, audit::Checkpoint& point) {
    KMP_TRY(const audit::Digest root, audit::root_at(log, end));
    point = {books.house.origin, end, root};
    std::promise<base::Result<std::string>> promise;
    auto future = promise.get_future();
    job.service.post([&] { job.service.sign_point(point, [&](base::Result<std::string> note) { promise.set_value(std::move(note)); }); });
    return future.get();
}

/// Nothing that the books still follow from the log is in the range: what it did to the meters is in their rows.
base::Status settle_meters(Job& job, Books& books) {
    KMP_CHECK(books.writer->write(Entry{}));  // what was on its way has had its effect
    KMP_CHECK(write_meter_rows(job, books));
    const std::string failing = job.service.on_io([&] { return job.service.failing(); });
    if (!failing.empty()) return {Code::storage_failed, failing};
    return {};
}

/// The segment is in its place: from here on its records are archived.
base::Result<audit::Receipt> enter(Job& job, Books& books, const wire::pb::AuditArchive& request, const audit::Checkpoint& point, const std::string& note, audit::Segment segment) {
    Event checkpoint(EventType::checkpoint_signed);
    checkpoint.number(Field::size, point.size).bytes(Field::root, point.root).text(Field::note, note);
    Event archived(EventType::archived);
    job.describe(archived);
    archived.number(Field::first, segment.first).number(Field::size, segment.end).bytes(Field::data_hash, segment.hash).number(Field::data_size, segment.bytes);
    archived.text(Field::recipients, segment.recipients).text(Field::detail, request.folder() + "/" + segment.file);
    Entry entry = entry_of(std::move(checkpoint));
    entry.events.push_back(std::move(archived));
    audit::Receipt second;
    entry.effect = [&](store::Transaction& t, const audit::Receipt& first) -> base::Status {
        second = first;
        second.index = segment.event = first.index + 1;
        segment.at = first.time;
        KMP_CHECK(policy::raise_meters_current_to(t, segment.end));
        return audit::add_segment(t, segment);
    };
    KMP_CHECK(books.writer->write(std::move(entry)));
    KMP_TRY(second.leaf, audit::LogReader(*books.exports).node(0, second.index));
    job.service.on_io([&] {
        books.archived = segment.end;
        books.shedding = true;
        job.service.shed();
    });
    return second;
}

/// Waits until what was archived has gone. Whatever ends this earlier, the service goes on with it.
base::Status wait_for_shedding(Job& job, const std::shared_ptr<Books>& books, std::uint64_t end) {
    std::optional<std::uint64_t> begin;
    for (;;) {
        const bool on_its_way = job.service.on_io([&] { return job.service.books() == books && books->shedding && job.service.failing().empty(); });
        if (!on_its_way) return {};
        KMP_TRY(const auto oldest, audit::oldest_live(*books->exports));
        const std::uint64_t at = std::min(oldest.value_or(end), end);
        if (!begin) begin = at;
        job.progress("records leave the database", static_cast<unsigned>(at - *begin), static_cast<unsigned>(end - *begin));
        std::this_thread::sleep_for(kLook);
    }
}

base::Result<audit::SegmentFile> write_file(Job& job, Books& books, const wire::pb::AuditArchive& request, audit::LogReader& log, const Range& range, const std::string& note,
                                            std::vector<pki::Certificate> recipients) {
    audit::SegmentOrder order;
    order.folder = request.folder();
    order.head.origin = books.house.origin;
    order.head.first = range.first;
    order.head.end = range.end;
    order.head.certificates = job.service.on_io([&] { return books.house.certificates(books.house.checkpoint.der()); });
    order.checkpoint = note;
    KMP_TRY(order.key, checkpoint_key_at(*books.exports, range.first));
    order.recipients = std::move(recipients);
    order.tell = [&](std::string_view step, std::uint64_t done, std::uint64_t of) { job.progress(step, static_cast<unsigned>(done), static_cast<unsigned>(of)); };
    return audit::write_segment(log, order);
}

base::Status check_request(const wire::pb::AuditArchive& request) {
    KMP_CHECK(check_line(request.folder(), "folder", 1024));
    if (request.folder().front() != '/') return {Code::invalid_argument, "folder: the service needs its whole path, from / on"};
    if (request.recipients_size() > static_cast<int>(audit::kMaxRecipients)) return {Code::invalid_argument, "recipients: at most 16 auditor UKEYs"};
    return {};
}

base::Result<wire::pb::AuditArchiveReply> list_segments(Job& job, Books& books) {
    KMP_TRY(const auto policy, policy_in_force(books, *books.exports));
    wire::pb::AdminReply page;
    for (std::uint64_t from = 0;;) {
        KMP_TRY(const auto some, audit::segments(*books.exports, from, kSegmentsPage));
        wire::pb::AuditArchiveReply& out = *page.mutable_audit_archive();
        for (const audit::Segment& s : some) {
            auto& one = *out.add_segments();
            one.set_file(s.file);
            one.set_first(s.first);
            one.set_end(s.end);
            one.set_bytes(s.bytes);
            one.set_data_hash(base::to_string(s.hash));
            for (std::size_t at = 0; at < s.recipients.size();) {
                const std::size_t end = std::min(s.recipients.find(' ', at), s.recipients.size());
                one.add_recipients(s.recipients.substr(at, end - at));
                at = end + 1;
            }
            one.set_newest_ms(s.newest);
            one.set_archived_ms(s.at);
            // A later policy may want it longer, and never shorter.
            model::Retention held;
            held.keep_days = std::max(s.keep_days, policy ? policy->keep_days : 0);
            one.set_keep_until_ms(held.kept_until(s.at));
            one.set_index(s.event);
            from = s.end;
        }
        if (some.size() < kSegmentsPage) return std::move(out);
        if (!job.part(page)) return {Code::cancelled, "it was cancelled, or the client has gone"};
        out.clear_segments();
    }
}

base::Status describe_room(Books& books, const std::optional<model::Retention>& policy, wire::pb::AuditArchiveReply& out) {
    KMP_TRY(const audit::Room room, audit::room_of(*books.exports));
    out.set_database_bytes(room.bytes);
    out.set_free_bytes(room.free);
    KMP_TRY(const std::uint64_t archived, audit::archived_to(*books.exports));
    out.set_archived(archived);
    if (!policy) return {};
    out.set_live_days(policy->live_days);
    out.set_keep_days(policy->keep_days);
    return {};
}

}  // namespace

base::Result<Plan> plan_retention(Job& job, Books& books, const wire::pb::RetentionSet& request) {
    KMP_CHECK(check_reason(request.reason()));
    KMP_TRY(const auto newest, retention::newest(*books.reports));
    const base::UkeySerial home = job.service.on_io([&] { return books.house.home; });
    const model::Retention policy{home, newest ? newest->policy.number + 1 : 1, request.live_days(), request.keep_days()};
    KMP_CHECK(policy.validate());
    return Plan{model::Deed::retention,
                {{"retention", base::to_string(policy.encode())}, {"live_days", std::to_string(policy.live_days)}, {"keep_days", std::to_string(policy.keep_days)}, {"reason", request.reason()}}};
}

base::Result<wire::pb::AdminReply> set_retention(Undertaking& u) {
    RetentionRecord record;
    KMP_TRY(record.policy, model::Retention::decode(base::as_bytes(u.term("retention"))));
    KMP_TRY(const auto newest, retention::newest(*u.books.reports));
    if (record.policy.number != (newest ? newest->policy.number + 1 : 1)) return {Code::conflict, "retention: another policy was set meanwhile; ask anew"};
    record.statement = record.policy.encode();
    KMP_TRY(record.signature, u.master.token().sign_statement("retention", record.statement));
    if (u.approved != nullptr) {
        record.request = u.approved->statement;
        record.votes = u.approved->votes;
    }
    Event event(EventType::retention_set);
    u.job.describe(event);
    event.number(Field::days, record.policy.live_days).number(Field::keep_days, record.policy.keep_days).text(Field::reason, u.term("reason"));
    event.bytes(Field::statement, record.statement).bytes(Field::signature, record.signature);
    u.word.name(event);
    Entry entry = entry_of(std::move(event));
    entry.effect = [&](store::Transaction& t, const audit::Receipt&) { return retention::insert(t, record); };
    KMP_TRY(const audit::Receipt receipt, u.books.writer->write(std::move(entry)));
    wire::pb::AdminReply reply;
    auto& done = *reply.mutable_retention_set();
    done.set_live_days(record.policy.live_days);
    done.set_keep_days(record.policy.keep_days);
    fill(*done.mutable_receipt(), receipt);
    return reply;
}

base::Result<wire::pb::AuditArchiveReply> archive_audit(Job& job, const wire::pb::AuditArchive& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    if (request.list()) return list_segments(job, *books);
    // Nothing goes on from rows that did not hold when the books were opened.
    const base::Status held = job.service.on_io([&] { return books->archive_held; });
    if (!request.only_tell()) {
        KMP_CHECK(check_request(request));
        if (!held) return held.error();
    }
    KMP_TRY(const auto policy, policy_in_force(*books, *books->exports));
    audit::LogReader log(*books->exports);
    Range range;
    range.waits_for = held ? kNoPolicy : held.error().message;
    if (policy && held) {
        KMP_TRY(range, range_of(*books, log, *policy, job.service.on_io([&] { return job.service.now(); }), request.most()));
    }
    wire::pb::AuditArchiveReply out;
    if (!request.only_tell()) {
        if (!range.waits_for.empty()) return {Code::refused, range.waits_for};
        KMP_TRY(const std::vector<pki::Certificate> recipients, recipients_of(job, *books, request.recipients()));
        if (job.service.on_io([&] { return job.service.last_checkpoint().size; }) < range.end) KMP_CHECK(sign_checkpoint(job));
        KMP_CHECK(settle_meters(job, *books));
        audit::Checkpoint point;
        KMP_TRY(const std::string note, sign_over(job, *books, log, range.end, point));
        KMP_TRY(const audit::SegmentFile file, write_file(job, *books, request, log, range, note, recipients));
        const audit::Segment segment{range.first, range.end, 0, 0, range.newest, policy->keep_days, file.name, file.hash, file.bytes, serials_of(recipients)};
        KMP_TRY(const audit::Receipt receipt, enter(job, *books, request, point, note, segment));
        KMP_CHECK(wait_for_shedding(job, books, range.end));
        fill(*out.mutable_receipt(), receipt);
        out.set_file(request.folder() + "/" + file.name);
        out.set_bytes(file.bytes);
        out.set_data_hash(base::to_string(file.hash));
    }
    out.set_first(range.first);
    out.set_end(policy ? range.end : range.first);
    out.set_waits_for(range.waits_for);
    KMP_CHECK(describe_room(*books, policy, out));
    return out;
}

}  // namespace kmp::service
