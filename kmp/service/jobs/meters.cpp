// What officers see and decide of one meter.
#include <algorithm>
#include <future>

#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/jobs/meter_rows.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr std::uint32_t kMostDays = 7;
constexpr std::uint32_t kOldest = 3650;     // days
constexpr std::size_t kMostListed = 200;  // they fit a frame

wire::pb::MeterOrder describe(const policy::LastOrder& last) {
    wire::pb::MeterOrder out;
    out.set_order_id(base::to_string(last.id.raw()));
    out.set_kind(std::string(model::name(last.kind)));
    out.set_amount_fen(last.amount.value());
    out.set_count(last.count);
    out.set_by_card(!last.card.empty());
    out.set_card(last.card);
    out.set_credited(last.credited);
    out.set_made_ms(last.made);
    return out;
}

wire::pb::Meter describe(const policy::Meter& m, base::Millis now) {
    wire::pb::Meter out;
    out.set_number(m.number.number());
    out.set_state(std::string(model::name(m.state)));
    out.set_key_version(m.version);
    out.set_purchase_count(m.count);
    out.set_customer(m.customer.number());
    out.set_keyed(m.keyed);
    out.set_card(m.card);
    if (m.last) *out.mutable_last_order() = describe(*m.last);
    if (m.allowed_until < now) return out;
    out.set_download_until_ms(m.allowed_until);
    out.set_download_ukey(m.allowed_to);
    return out;
}

base::Result<policy::Meter> find_meter(Job& job, Books& books, model::MeterNumber number) {
    return job.service.on_io([&]() -> base::Result<policy::Meter> {
        KMP_TRY(const auto* entry, books.meters.find(number));
        if (!entry->meter.known) return {Code::not_found, "meter " + number.text() + " is not known here: it was neither given keys nor sold to"};
        return entry->meter;
    });
}

/// Writes the event and lets it act on the books in the order of the log: what is flushed after it must hold it.
base::Result<audit::Receipt> enter(Books& books, Event event, model::MeterNumber number, base::Millis until) {
    std::promise<base::Result<audit::Receipt>> promise;
    auto written = promise.get_future();
    Entry entry = entry_of(std::move(event));
    entry.done = [&](base::Result<audit::Receipt> receipt) {
        if (receipt) {
            auto found = books.meters.find(number);
            if (found) {
                (*found)->meter.allow_download(until);
                books.meters.changed(**found);
                books.applied(*receipt);
            } else {
                receipt = std::move(found).error();
            }
        }
        promise.set_value(std::move(receipt));
    };
    books.writer->submit(std::move(entry));
    return written.get();
}

}  // namespace

base::Status write_meter_rows(Job& job, Books& books) {
    // An entry is written behind what was on its way before it. After the first one the service takes another piece, or has begun one meanwhile: the second is behind that.
    KMP_CHECK(books.writer->write(Entry{}));
    job.service.on_io([&] { job.service.flush_meters(); });
    KMP_CHECK(books.writer->write(Entry{}));
    return {};
}

base::Result<wire::pb::MeterShowReply> show_meter(Job& job, const wire::pb::MeterShow& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_TRY(const model::MeterNumber number, model::MeterNumber::assigned(request.meter()));
    KMP_TRY(const policy::Meter meter, find_meter(job, *books, number));
    wire::pb::MeterShowReply out;
    *out.mutable_meter() = describe(meter, job.service.on_io([&] { return job.service.now(); }));
    return out;
}

base::Result<wire::pb::MeterListReply> list_meters(Job& job, const wire::pb::MeterList& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    if (request.days() > kOldest) return {Code::invalid_argument, "days: 0 to 3650"};
    KMP_TRY(const model::MeterNumber first, model::MeterNumber::from_number(request.from()));
    const base::Millis now = job.service.on_io([&] { return job.service.now(); });
    const base::Millis before = now - static_cast<base::Millis>(request.days()) * base::kDay;
    KMP_CHECK(write_meter_rows(job, *books));
    const auto found = request.uninserted() ? policy::uninserted(*books->reports, before, kMostListed + 1) : policy::meters_from(*books->reports, first, kMostListed + 1);
    if (!found) return found.error();
    wire::pb::MeterListReply out;
    out.set_cut(found->size() > kMostListed);
    for (std::size_t i = 0; i < std::min(found->size(), kMostListed); ++i) {
        KMP_TRY(const policy::Meter meter, find_meter(job, *books, (*found)[i]));
        const bool waits = meter.last && !meter.last->card.empty() && !meter.last->credited && meter.last->made <= before;
        if (!request.uninserted() || waits) *out.add_meters() = describe(meter, now);
    }
    return out;
}

base::Result<Plan> plan_download(Job& job, Books& books, const wire::pb::MeterAllowDownload& request) {
    KMP_CHECK(check_reason(request.reason()));
    KMP_TRY(const model::MeterNumber number, model::MeterNumber::assigned(request.meter()));
    const std::uint32_t days = request.days() == 0 ? kMostDays : request.days();
    if (days > kMostDays) return {Code::invalid_argument, "days: 1 to 7"};
    KMP_TRY(const policy::Meter meter, find_meter(job, books, number));
    if (!meter.keyed) return {Code::refused, "state: meter " + number.text() + " has had no private keys yet: its download needs no approval"};
    return Plan{model::Deed::recover_meter, {{"meter", number.text()}, {"reason", request.reason()}, {"days", std::to_string(days)}}};
}

base::Result<wire::pb::AdminReply> allow_download(Undertaking& u) {
    KMP_TRY(const model::MeterNumber number, model::MeterNumber::parse(u.term("meter")));
    KMP_TRY(const std::uint64_t days, u.number("days"));
    if (days < 1 || days > kMostDays) return {Code::malformed, "the term 'days' of this request is not 1 to 7"};
    const base::Millis now = u.job.service.on_io([&] { return u.job.service.now(); });
    const base::Millis until = now + static_cast<base::Millis>(days) * base::kDay;
    Event event(EventType::download_allowed);
    u.job.describe(event);
    event.number(Field::meter, number.number()).text(Field::reason, u.term("reason")).time(Field::not_after, until);
    u.word.name(event);
    KMP_TRY(const audit::Receipt receipt, enter(u.books, std::move(event), number, until));
    KMP_TRY(const policy::Meter meter, find_meter(u.job, u.books, number));
    wire::pb::AdminReply reply;
    *reply.mutable_meter_show()->mutable_meter() = describe(meter, now);
    fill(*reply.mutable_meter_show()->mutable_receipt(), receipt);
    return reply;
}

}  // namespace kmp::service
