#include "kmp/service/jobs/reports.h"

#include <algorithm>
#include <unordered_map>

#include "audit/checkpoint.h"
#include "kmp/service/feed_watch.h"
#include "kmp/service/health.h"
#include "kmp/service/job.h"
#include "kmp/service/jobs/revocation.h"
#include "kmp/service/keys_held.h"
#include "kmp/service/search.h"
#include "kmp/service/warning.h"
#include "kmp/terms/grant.h"

namespace kmp::service {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

namespace {

constexpr std::size_t kPage = 48 * 1024;  ///< of a long answer: below the largest frame, with room for what stands around it
constexpr std::size_t kAround = 8;         ///< tag and length of one entry
constexpr std::size_t kTurn = 256;         ///< UKEYs described in one turn of the I/O thread: orders pass in between

using ReaderNames = std::unordered_map<base::UkeySerial, std::string>;

/// Where our UKEYs are plugged in. The bay copies all it knows for this: once for a list, not once a UKEY.
ReaderNames readers_of_ukeys(Service& service) {
    ReaderNames out;
    for (const tokens::Slot& slot : service.bay().slots())
        if (slot.content == tokens::Content::ours) out.emplace(slot.serial, slot.reader.name);
    return out;
}

void describe(const model::Spent& spent, wire::pb::Ukey& out) {
    out.set_spent_today_fen(spent.today.value());
    out.set_spent_this_month_fen(spent.this_month.value());
    out.set_orders_this_minute(spent.orders_this_minute);
}

wire::pb::Ukey describe(Service& service, Books& books, const tokens::UkeyRecord& r, const ReaderNames& readers) {
    wire::pb::Ukey out;
    out.set_serial(r.serial.text());
    out.set_kind(std::string(model::name(r.kind)));
    out.set_state(std::string(model::name(r.state)));
    out.set_holder(r.holder);
    out.set_token_serial(r.token_serial);
    out.set_issued_ms(r.issued);
    out.set_not_after_ms(r.not_after);
    out.set_wrong_pins(r.wrong_pins);
    if (r.grant) out.set_grant(r.grant->grant.in_words());
    out.set_must_change_pin(r.must_change_pin);
    out.set_attended(books.attended.contains(r.serial));
    out.set_last_used_ms(r.last_used);
    for (const tokens::MasterName& m : r.masters)
        out.add_masters(std::string(model::name(m.key_class)) + (m.state == model::KeyState::factory ? " factory" : " " + std::to_string(static_cast<unsigned>(m.version))));
    if (const auto reader = readers.find(r.serial); reader != readers.end()) out.set_reader(reader->second);
    if (const auto spending = books.spending.find(r.serial); spending != books.spending.end())
        describe(spending->second.view(service.now(), books.house.day_offset), out);
    return out;
}

void describe_figures(const Figures& f, const LastMinute::Summary& minute, wire::pb::StatusReply& out) {
    const auto u32 = [](std::uint64_t n) { return static_cast<std::uint32_t>(std::min<std::uint64_t>(n, UINT32_MAX)); };
    out.set_up_since_ms(f.started);
    out.set_orders_last_minute(minute.orders);
    out.set_refused_last_minute(minute.refused);
    out.set_p50_us(u32(minute.p50_us));
    out.set_p99_us(u32(minute.p99_us));
    out.set_queue(u32(f.writer_queue));
    out.set_under_way(u32(f.stations.under_way + f.stations.denials));
    out.set_officers_queue(u32(f.officers_queue));
    out.set_connections(u32(f.stations.local + f.stations.network));
    out.set_disk_free_bytes(f.disk_free);
    out.set_disk_total_bytes(f.disk_total);
    out.set_checkpoint_age_ms(f.has_checkpoint ? f.checkpoint_age.count() : -1);
    out.set_checkpoint_lag(f.checkpoint_lag);
    out.set_memory_locked(f.memory_locked);
    out.set_platform_not_after_ms(f.platform_not_after);
}

void describe_feed(const Books& books, base::Millis now, wire::pb::StatusReply& out) {
    const FeedState state = books.feed->state();
    const FeedLag lag = lag_of(state, books.writer->head().size, now);
    out.set_standby(books.feed->folder());
    out.set_standby_lag_events(lag.events);
    out.set_standby_lag_ms(lag.time);
    out.set_standby_problem(state.problem);
    warn(out, feed_warnings(state, lag, books.feed->folder()));
}

void describe_outlets(Service& service, const Books& books, wire::pb::StatusReply& out) {
    const std::vector<OutletState> states = books.outlets->states();
    for (const OutletState& s : states) {
        auto& o = *out.add_outlets();
        o.set_name(s.name);
        o.set_place(s.place);
        o.set_size(s.size);
        o.set_last_ms(s.last);
        o.set_waiting(static_cast<std::uint32_t>(s.waiting));
        o.set_problem(s.problem);
    }
    warn(out, outlet_warnings(states));
    for (const std::string& problem : service.witness_problems) warn(out, Warning{problem});
}

void describe_readers(Service& service, wire::pb::StatusReply& out) {
    const std::shared_ptr<Books>& books = service.books();
    for (const tokens::Slot& slot : service.bay().slots()) {
        auto& r = *out.add_readers();
        r.set_name(slot.reader.name);
        r.set_kind(std::string(tokens::name(slot.reader.kind)));
        r.set_content(slot.content == tokens::Content::ours ? "ukey" : std::string(tokens::name(slot.content)));
        r.set_problem(slot.problem);
        if (slot.content != tokens::Content::ours) continue;
        r.set_ukey(slot.serial.text());
        // The platform UKEY is open for as long as the service is; the custodian opens all others.
        r.set_logged_in(service.custodian().opened(slot.serial) == slot.incarnation || (books && slot.serial == books->house.platform));
        if (const tokens::UkeyRecord* record = books ? books->registry.find(slot.serial) : nullptr) {
            r.set_ukey_kind(std::string(model::name(record->kind)));
            r.set_ukey_state(std::string(model::name(record->state)));
        } else if (books) {
            r.set_problem("this UKEY was not issued by this platform");
        }
    }
}

void describe_books(Service& service, Books& books, wire::pb::StatusReply& out) {
    out.set_utility(books.house.utility);
    out.set_platform(books.house.platform.text());
    out.set_log_size(books.writer->head().size);
    out.set_archived(books.archived);
    out.set_last_checkpoint_ms(service.last_checkpoint().time);
    out.set_last_checkpoint_size(service.last_checkpoint().size);
    out.set_sessions(static_cast<std::uint32_t>(service.count_sessions ? service.count_sessions() : 0));
    if (const tokens::SignedQuorum* quorum = books.quorum()) {
        out.set_officers(static_cast<std::uint32_t>(quorum->quorum.officers.size()));
        out.set_officers_needed(quorum->quorum.needed);
    }
    using Of = Warning::Of;
    if (!service.failing().empty()) warn(out, Warning{service.failing(), Of::LOG_FAILING});
    if (!books.archive_held) warn(out, Warning{books.archive_held.error().message, Of::ARCHIVE_DIFFERS});
    out.set_searchable(books.search->searchable());
    if (const std::string problem = books.search->problem(); !problem.empty()) warn(out, Warning{"searches of the log are slow, for their index cannot be kept: " + problem, Of::SEARCH_UNKEPT});
    if (books.feed) describe_feed(books, service.now(), out);
    describe_outlets(service, books, out);
    for (const policy::StationHold& h : books.velocity.holds())
        warn(out, Warning{"station " + h.station + " is held for an unusual burst of sales: 'kmpctl station list' tells of it, 'kmpctl station release " + h.station + "' lets it sell again", Of::STATION_HELD, h.station});
    warn(out, crl_warnings(books.crls, service.now()));
    warn(out, master_warnings(books.registry, books.quorum() == nullptr ? 0 : books.quorum()->quorum.generation));
    warn(out, ending_warnings(books.registry, service.now()));
    out.set_last_backup_ms(books.last_backup);
    warn(out, backup_warnings(books.last_backup, service.now()));
}

}  // namespace

wire::pb::Ukey describe_ukey(Service& service, Books& books, const tokens::UkeyRecord& r) { return describe(service, books, r, readers_of_ukeys(service)); }

wire::pb::StandbyStatusReply standby_status(Service& service) {
    wire::pb::StandbyStatusReply out;
    out.set_folder(service.config().standby_folder);
    const std::shared_ptr<Books>& books = service.books();
    if (!books || !books->feed) return out;
    const FeedState state = books->feed->state();
    const FeedLag lag = lag_of(state, books->writer->head().size, service.now());
    out.set_problem(state.problem);
    out.set_series(state.series);
    out.set_segments(state.segments);
    out.set_segment_bytes(state.segment_bytes);
    out.set_base_bytes(state.base_bytes);
    out.set_events(state.events);
    out.set_lag_events(lag.events);
    out.set_lag_ms(lag.time);
    out.set_last_ms(state.last);
    out.set_copying_percent(state.copying);
    out.set_whole(state.whole);
    return out;
}

wire::pb::StatusReply describe_status(Service& service) {
    wire::pb::StatusReply out;
    const std::shared_ptr<Books>& books = service.books();
    out.set_state(books && !service.failing().empty() ? "failing" : std::string(name(service.phase())));
    out.set_version(std::string(kVersion));
    describe_readers(service, out);
    out.set_network(service.network_address);
    out.set_metrics(service.metrics_address);
    SeenUkeys none;
    const Figures figures = gather(service, none);
    Limits limits;
    limits.now = service.clock().now();
    limits.last_event = books ? books->writer->last_time() : 0;
    limits.checkpoint_interval = service.config().checkpoint_interval;
    warn(out, figure_warnings(figures, limits));
    describe_figures(figures, service.last_minute().summary(service.metrics()), out);
    if (books) describe_books(service, *books, out);
    else if (!service.sealed_because.empty()) warn(out, Warning{"sealed: " + service.sealed_because, Warning::Of::SEALED});
    out.set_witness_address(service.witness_address);
    if (service.describe_witness) service.describe_witness(out);
    // By every warning, whoever gave it.
    out.set_health(std::string(health(figures, !out.warnings().empty())));
    return out;
}

base::Result<wire::pb::UkeyListReply> list_ukeys(Job& job) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    struct Begin {
        std::vector<base::UkeySerial> ukeys;
        ReaderNames readers;
    };
    const Begin begin = job.service.on_io([&] {
        Begin out{{}, readers_of_ukeys(job.service)};
        for (const tokens::UkeyRecord* r : books->registry.all()) out.ukeys.push_back(r->serial);
        return out;
    });
    wire::pb::AdminReply page;
    std::size_t size = 0;
    for (std::size_t done = 0; done < begin.ukeys.size(); done += kTurn) {
        std::vector<wire::pb::Ukey> turn = job.service.on_io([&] {
            std::vector<wire::pb::Ukey> out;
            for (std::size_t i = done; i < std::min(done + kTurn, begin.ukeys.size()); ++i)
                if (const tokens::UkeyRecord* r = books->registry.find(begin.ukeys[i])) {
                    out.push_back(describe(job.service, *books, *r, begin.readers));
                    if (r->grant) *out.back().mutable_terms() = terms::terms_of(r->grant->grant);
                }
            return out;
        });
        for (wire::pb::Ukey& ukey : turn) {
            const std::size_t more = ukey.ByteSizeLong();
            if (page.ukey_list().ukeys_size() > 0 && size + more > kPage) {
                if (!job.part(page)) return {Code::cancelled, "it was cancelled, or the client has gone"};
                page.clear_ukey_list();
                size = 0;
            }
            *page.mutable_ukey_list()->add_ukeys() = std::move(ukey);
            size += more + kAround;
        }
    }
    return std::move(*page.mutable_ukey_list());
}

base::Result<wire::pb::UkeyShowReply> show_ukey(Job& job, const wire::pb::UkeyShow& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_TRY(const base::UkeySerial serial, base::UkeySerial::parse(request.serial()));
    return job.service.on_io([&]() -> base::Result<wire::pb::UkeyShowReply> {
        const tokens::UkeyRecord* record = books->registry.find(serial);
        if (record == nullptr) return {Code::not_found, "UKEY " + serial.text() + " was not issued by this platform; see 'kmpctl ukey list'"};
        wire::pb::UkeyShowReply out;
        *out.mutable_ukey() = describe_ukey(job.service, *books, *record);
        if (const base::Bytes* identity = record->certificate(pki::Profile::identity))
            if (auto certificate = pki::Certificate::from_der(*identity)) out.mutable_ukey()->set_certificate_pem(certificate->pem());
        if (record->grant) *out.mutable_terms() = terms::terms_of(record->grant->grant);
        return out;
    });
}

}  // namespace kmp::service
