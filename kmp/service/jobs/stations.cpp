// Stations that are held for an unusual burst of sales.
#include "audit/replay.h"
#include "kmp/service/deed.h"
#include "kmp/service/errand.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr std::size_t kMostListed = 200;  // they fit a frame

}  // namespace

base::Result<wire::pb::StationListReply> list_stations(Job& job) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    const std::vector<policy::StationHold> holds = job.service.on_io([&] { return books->velocity.holds(); });
    wire::pb::StationListReply out;
    for (std::size_t i = 0; i < std::min(holds.size(), kMostListed); ++i) {
        auto& h = *out.add_held();
        h.set_station(holds[i].station);
        h.set_since_ms(holds[i].since);
        h.set_orders(holds[i].orders);
        h.set_amount_fen(holds[i].amount.value());
        h.set_window_minutes(static_cast<std::uint32_t>(holds[i].window / base::kMinute));
    }
    return out;
}

base::Result<wire::pb::StationListReply> release_station(Job& job, const wire::pb::StationRelease& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_CHECK(check_reason(request.reason()));
    const std::vector<policy::StationHold> holds = job.service.on_io([&] { return books->velocity.holds(); });
    const auto held = std::find_if(holds.begin(), holds.end(), [&](const policy::StationHold& h) { return h.station == request.station(); });
    if (held == holds.end()) return {Code::not_found, "station " + request.station() + " is not held; see 'kmpctl station list'"};
    // Which hold is lifted: one signature does not lift the next.
    const base::Bytes act = audit::release_statement(held->station, held->since);
    Event event(EventType::station_released);
    job.describe(event);
    event.text(Field::station, held->station).text(Field::reason, request.reason()).time(Field::happened_at, held->since);
    KMP_CHECK(sign_by_one_hand(job, *books, request.officer(), act, event));
    Entry entry = entry_of(std::move(event));
    entry.effect = [station = held->station](store::Transaction& t, const audit::Receipt&) { return policy::remove_hold(t, station); };
    KMP_CHECK(books->writer->write(std::move(entry)));
    KMP_CHECK(job.service.on_io([&] { return books->velocity.free(request.station()); }));
    return list_stations(job);
}

}  // namespace kmp::service
