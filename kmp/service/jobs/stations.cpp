// Stations that are held for an unusual burst of sales, and sessions that are open.
#include "audit/replay.h"
#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/session.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

constexpr std::size_t kMostListed = 200;  // they fit a frame
constexpr std::size_t kPage = 48 * 1024;  // of sessions, beside which there is room for what stands around them

/// On the I/O thread: sessions and books are its.
wire::pb::StationSession describe(const Session& s, Books& books) {
    wire::pb::StationSession out;
    out.set_number(s.number);
    out.set_ukey(s.ukey.text());
    out.set_account(s.account);
    out.set_from(s.peer.text());
    out.set_proven_by(std::string(name(s.proof)));
    out.set_since_ms(s.since);
    out.set_orders(s.orders);
    const tokens::UkeyRecord* record = books.registry.find(s.ukey);
    if (record != nullptr && record->grant) out.set_station(record->grant->grant.station);
    const auto account = books.accounts.find(s.account);
    out.set_holder(account != books.accounts.end() ? account->second.account.holder : record != nullptr ? record->holder : std::string());
    return out;
}

/// The last page stays in `page`.
base::Status list_sessions(Job& job, Books& books, wire::pb::StationListReply& page) {
    const auto sessions = job.service.on_io([&] {
        std::vector<wire::pb::StationSession> out;
        if (job.service.open_sessions)
            for (const auto& s : job.service.open_sessions()) out.push_back(describe(*s, books));
        return out;
    });
    std::size_t size = page.ByteSizeLong();
    for (const wire::pb::StationSession& s : sessions) {
        const std::size_t more = s.ByteSizeLong();
        if (size + more > kPage) {
            wire::pb::AdminReply part;
            *part.mutable_station_list() = std::move(page);
            if (!job.part(std::move(part))) return {Code::cancelled, "it was cancelled, or the client has gone"};
            page.Clear();
            size = 0;
        }
        *page.add_sessions() = s;
        size += more;
    }
    return {};
}

}  // namespace

base::Result<wire::pb::StationListReply> list_stations(Job& job, const wire::pb::StationList& request) {
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
    if (request.sessions()) KMP_CHECK(list_sessions(job, *books, out));
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
    return list_stations(job, {});
}

}  // namespace kmp::service
