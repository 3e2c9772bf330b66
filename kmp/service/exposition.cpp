#include "kmp/service/exposition.h"

#include <prometheus/text_serializer.h>
#include <sys/resource.h>

#include <sstream>

#include "base/version.h"
#include "wire/pb.h"

namespace kmp::service {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr double kNanos = 1e9;
constexpr double kMillis = 1000;

/// What is being put together: families in the order in which they are added.
class Page {
public:
    MetricFamily& family(std::string name, std::string help, MetricType type) {
        families_.push_back({std::move(name), std::move(help), type, {}});
        return families_.back();
    }
    void gauge(std::string name, std::string help, double value) { add(family(std::move(name), std::move(help), MetricType::Gauge), {}, value); }
    void counter(std::string name, std::string help, const Counter& counter) { add(family(std::move(name), std::move(help), MetricType::Counter), {}, static_cast<double>(counter.value())); }
    static void add(MetricFamily& to, Labels labels, double value) {
        ClientMetric m;
        m.label = std::move(labels);
        if (to.type == MetricType::Gauge) m.gauge.value = value;
        else m.counter.value = value;
        to.metric.push_back(std::move(m));
    }
    /// `unit`: how many of the histogram's are one of what is shown.
    static void add(MetricFamily& to, Labels labels, const Histogram& histogram, double unit) {
        const Histogram::Counts counts = histogram.counts();
        ClientMetric m;
        m.label = std::move(labels);
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < histogram.bounds().size(); ++i) {
            sum += counts.below[i];
            m.histogram.bucket.push_back({sum, static_cast<double>(histogram.bounds()[i]) / unit});
        }
        m.histogram.sample_count = counts.all();
        m.histogram.sample_sum = static_cast<double>(counts.sum) / unit;
        m.histogram.bucket.push_back({m.histogram.sample_count, std::numeric_limits<double>::infinity()});
        to.metric.push_back(std::move(m));
    }
    std::string text() const {
        std::ostringstream out;
        prometheus::TextSerializer().Serialize(out, families_);
        return std::move(out).str();
    }

private:
    std::vector<MetricFamily> families_;
};

double on(bool is) { return is ? 1 : 0; }

std::string operation_name(std::size_t number) {
    const auto* field = wire::pb::StationRequest::descriptor()->FindFieldByNumber(static_cast<int>(number));
    return field == nullptr ? "unknown" : field->name();
}

void add_state(Page& page, const Figures& f) {
    Page::add(page.family("kmp_build_info", "The program that runs; always 1.", MetricType::Gauge), {{"version", std::string(base::kVersion)}}, 1);
    auto& phase = page.family("kmp_phase", "1 for the phase that the service is in.", MetricType::Gauge);
    for (const Phase p : {Phase::uninitialised, Phase::sealed, Phase::open}) Page::add(phase, {{"phase", std::string(name(p))}}, on(f.phase == p));
    page.gauge("kmp_failing", "1 while the audit log cannot be written: nothing is signed.", on(f.failing));
    page.gauge("kmp_start_time_seconds", "When the service started, since 1970.", static_cast<double>(f.started) / kMillis);
    page.gauge("kmp_disk_free_bytes", "Room left where the log lies.", static_cast<double>(f.disk_free));
    page.gauge("kmp_disk_size_bytes", "Size of the file system where the log lies.", static_cast<double>(f.disk_total));
    page.gauge("kmp_memory_locked", "1 while all secrets stand in locked memory.", on(f.memory_locked));
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
    Page::add(page.family("kmp_cpu_seconds_total", "Processor time of kmpd itself, its tokenhosts aside.", MetricType::Counter), {}, seconds(used.ru_utime) + seconds(used.ru_stime));
    if (f.platform_not_after != 0)
        page.gauge("kmp_platform_certificate_end_seconds", "When the first certificate of the platform UKEY ends, since 1970.", static_cast<double>(f.platform_not_after) / kMillis);
}

void add_requests(Page& page, const Metrics& m) {
    auto& requests = page.family("kmp_requests_total", "Requests of stations by operation and outcome: done, or the code of the failure.", MetricType::Counter);
    for (std::size_t o = 0; o < kMostOperations; ++o)
        for (std::size_t c = 0; c < kOutcomes; ++c)
            if (const std::uint64_t n = m.requests[o][c].value(); n > 0) Page::add(requests, {{"operation", operation_name(o)}, {"outcome", std::string(outcome_name(c))}}, static_cast<double>(n));
    auto& times = page.family("kmp_request_duration_seconds", "From a request to its reply, by operation.", MetricType::Histogram);
    for (std::size_t o = 0; o < kMostOperations; ++o)
        if (m.request_time[o].counts().all() > 0) Page::add(times, {{"operation", operation_name(o)}}, m.request_time[o], kNanos);
    auto& orders = page.family("kmp_orders_total", "Orders by operation and outcome, those in batches too.", MetricType::Counter);
    constexpr std::array<std::string_view, kOrderEnds> ends{"done", "repeated", "refused"};
    for (std::size_t o = 0; o < model::kOperationCount; ++o)
        for (std::size_t e = 0; e < kOrderEnds; ++e)
            if (model::is_order(static_cast<model::Operation>(o)) || m.orders[o][e].value() > 0)
                Page::add(orders, {{"operation", std::string(model::name(static_cast<model::Operation>(o)))}, {"outcome", std::string(ends[e])}}, static_cast<double>(m.orders[o][e].value()));
    Page::add(page.family("kmp_order_duration_seconds", "From an order to its answer, refusals aside, each order of a batch for itself.", MetricType::Histogram), {}, m.order_time, kNanos);
    auto& refusals = page.family("kmp_refusals_total", "Refusals by the rule or field that their message begins with.", MetricType::Counter);
    for (std::size_t r = 0; r < known_rules().size(); ++r)
        if (const std::uint64_t n = m.refusals[r].value(); n > 0) Page::add(refusals, {{"rule", std::string(known_rules()[r])}}, static_cast<double>(n));
    page.counter("kmp_denials_coalesced_total", "Refusals in a flood that share an event of the log with others.", m.coalesced_denials);
    page.counter("kmp_denials_coalesced_events_total", "Events of the log that stand for them.", m.coalesced_events);
}

void add_load(Page& page, const Metrics& m, const Figures& f) {
    page.gauge("kmp_sessions", "Open sessions.", static_cast<double>(f.sessions));
    page.counter("kmp_sessions_opened_total", "Sessions that were opened.", m.sessions_opened);
    page.counter("kmp_sessions_refused_total", "Sessions that were refused.", m.sessions_refused);
    page.gauge("kmp_writer_queue_entries", "Entries that wait for the log.", static_cast<double>(f.writer_queue));
    page.gauge("kmp_requests_under_way", "Requests of stations that were not answered yet.", static_cast<double>(f.stations.under_way));
    page.gauge("kmp_denials_waiting", "Refusals in a flood whose shared event is not durable yet.", static_cast<double>(f.stations.denials));
    page.gauge("kmp_officer_queue_requests", "Requests of officers that wait or are being done.", static_cast<double>(f.officers_queue));
    struct Socket {
        const char* name;
        std::size_t open;
        const ConnectionMetrics& m;
    };
    const std::array sockets{Socket{"kmp", f.stations.local, m.stations}, Socket{"network", f.stations.network, m.network}, Socket{"admin", f.officers, m.officers}};
    auto& open = page.family("kmp_connections", "Open connections by socket.", MetricType::Gauge);
    for (const Socket& s : sockets) Page::add(open, {{"socket", s.name}}, static_cast<double>(s.open));
    auto& accepted = page.family("kmp_connections_accepted_total", "Connections that were let in, by socket.", MetricType::Counter);
    for (const Socket& s : sockets) Page::add(accepted, {{"socket", s.name}}, static_cast<double>(s.m.accepted.value()));
    auto& ended = page.family("kmp_connections_ended_total", "Connections that the service ended or turned away, by socket and reason.", MetricType::Counter);
    for (const Socket& s : sockets)
        for (const auto& [reason, counter] : {std::pair("full", &s.m.full), std::pair("broken", &s.m.broken), std::pair("unread", &s.m.unread), std::pair("silent", &s.m.silent)})
            Page::add(ended, {{"socket", s.name}, {"reason", reason}}, static_cast<double>(counter->value()));
    auto& handshakes = page.family("kmp_tls_handshakes_total", "TLS connections by what became of them before their first frame.", MetricType::Counter);
    for (const auto& [outcome, counter] : {std::pair("done", &m.tls.done), std::pair("failed", &m.tls.failed), std::pair("late", &m.tls.late), std::pair("address_full", &m.tls.address_full),
                                           std::pair("busy", &m.tls.busy), std::pair("sealed", &m.tls.sealed)})
        Page::add(handshakes, {{"outcome", outcome}}, static_cast<double>(counter->value()));
}

void add_ukeys(Page& page, const Metrics& m, const Figures& f) {
    auto& present = page.family("kmp_ukey_present", "1 while a UKEY that was seen since the start is plugged in.", MetricType::Gauge);
    for (const Figures::Ukey& u : f.ukeys) Page::add(present, {{"serial", u.serial}, {"kind", u.kind}}, on(u.present));
    auto& logged_in = page.family("kmp_ukey_logged_in", "1 while it is open with its PIN.", MetricType::Gauge);
    for (const Figures::Ukey& u : f.ukeys) Page::add(logged_in, {{"serial", u.serial}, {"kind", u.kind}}, on(u.logged_in));
    auto& readers = page.family("kmp_readers", "Readers by what is in them.", MetricType::Gauge);
    for (const auto& [content, count] : f.readers) Page::add(readers, {{"content", content}}, static_cast<double>(count));
    Page::add(page.family("kmp_ukey_operation_duration_seconds", "What UKEYs took for what a request asked of them, waiting for their turn included.", MetricType::Histogram), {}, m.ukey_time, kNanos);
    page.counter("kmp_ukey_operations_failed_total", "Operations that a UKEY did not do.", m.ukey_failed);
}

void add_log(Page& page, const Metrics& m, const Figures& f) {
    Page::add(page.family("kmp_commit_duration_seconds", "A commit of the log, until it is durable.", MetricType::Histogram), {}, m.commits.time, kNanos);
    Page::add(page.family("kmp_commit_entries", "Entries of a commit.", MetricType::Histogram), {}, m.commits.entries, 1);
    page.counter("kmp_commits_failed_total", "Commits that failed.", m.commits.failed);
    page.counter("kmp_log_events_total", "Events written to the log since the start.", m.commits.events);
    page.counter("kmp_reloads_total", "Times that the configuration was read anew.", m.reloads);
    page.counter("kmp_reloads_failed_total", "Times that it could not be, or was refused.", m.reloads_failed);
    if (f.phase != Phase::open) return;
    page.gauge("kmp_log_size_events", "Events in the log.", static_cast<double>(f.log_size));
    page.gauge("kmp_checkpoint_lag_events", "Events that no checkpoint covers yet.", static_cast<double>(f.checkpoint_lag));
    if (f.standby) {
        page.gauge("kmp_standby_fed", "1 while a standby can take over from its folder and the feed goes on.", on(f.standby->fed));
        page.gauge("kmp_standby_lag_events", "Events that are not in the standby's folder yet.", static_cast<double>(f.standby->lag_events));
        page.gauge("kmp_standby_lag_seconds", "Since the standby's folder had everything; 0: it does.", static_cast<double>(f.standby->lag_time) / kMillis);
    }
    if (!f.outlets.empty()) {
        auto& lag = page.family("kmp_outlet_lag_events", "Events that no checkpoint covers that got to this drop or witness since the service was opened.", MetricType::Gauge);
        for (const OutletState& s : f.outlets) Page::add(lag, {{"outlet", s.name}}, static_cast<double>(f.log_size - std::min(s.size, f.log_size)));
        auto& waiting = page.family("kmp_outlet_waiting_checkpoints", "Checkpoints that did not get there yet.", MetricType::Gauge);
        for (const OutletState& s : f.outlets) Page::add(waiting, {{"outlet", s.name}}, static_cast<double>(s.waiting));
        auto& well = page.family("kmp_outlet_up", "1 while the last attempt to get a checkpoint there did.", MetricType::Gauge);
        for (const OutletState& s : f.outlets) Page::add(well, {{"outlet", s.name}}, on(s.problem.empty()));
        auto& failures = page.family("kmp_outlet_failures_total", "Attempts to get a checkpoint there that failed.", MetricType::Counter);
        for (const OutletState& s : f.outlets) Page::add(failures, {{"outlet", s.name}}, static_cast<double>(s.failures));
    }
    if (!f.has_checkpoint) return;
    page.gauge("kmp_checkpoint_age_seconds", "How old the last checkpoint is.", static_cast<double>(f.checkpoint_age.count()) / kMillis);
    page.gauge("kmp_checkpoint_time_seconds", "When it was signed, since 1970.", static_cast<double>(f.checkpoint_time) / kMillis);
}

}  // namespace

std::string expose(const Metrics& metrics, const Figures& figures) {
    Page page;
    add_state(page, figures);
    add_requests(page, metrics);
    add_load(page, metrics, figures);
    add_ukeys(page, metrics, figures);
    add_log(page, metrics, figures);
    return page.text();
}

std::function<base::Result<std::string>()> metrics_page(Service& service) {
    return [&service, seen = std::make_shared<SeenUkeys>()]() -> base::Result<std::string> {
        constexpr std::chrono::seconds kPatience{2};
        constexpr std::chrono::milliseconds kStep{20};
        const auto promise = std::make_shared<std::promise<Figures>>();
        auto figures = promise->get_future();
        service.post([&service, seen, promise] { promise->set_value(gather(service, *seen)); });
        const auto end = std::chrono::steady_clock::now() + kPatience;
        while (figures.wait_for(kStep) != std::future_status::ready)
            if (service.ended || std::chrono::steady_clock::now() > end) return base::Error{base::Code::busy, "the service did not answer in two seconds; it is very busy, or stops"};
        return expose(service.metrics(), figures.get());
    };
}

}  // namespace kmp::service
