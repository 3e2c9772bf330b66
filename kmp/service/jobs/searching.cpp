// What an auditor finds in the log.
#include <algorithm>
#include <deque>

#include "audit/merkle.h"
#include "kmp/service/job.h"
#include "kmp/service/search.h"

namespace kmp::service {
namespace {

using base::Code;

constexpr std::size_t kPage = 48 * 1024;  ///< of events: below the largest frame, with room for what stands around them

base::Status too_many(const char* what) { return {Code::invalid_argument, std::string("filter: at most ") + std::to_string(audit::Filter::kMaxValues) + " " + what}; }

template <class Value, class Values>
base::Status copy(std::vector<Value>& out, const Values& values, const char* what) {
    if (static_cast<std::size_t>(values.size()) > audit::Filter::kMaxValues) return too_many(what);
    out.assign(values.begin(), values.end());
    return {};
}

template <class Value, class Values, class Parse>
base::Status parse_all(std::vector<Value>& out, const Values& values, const char* what, Parse parse) {
    if (static_cast<std::size_t>(values.size()) > audit::Filter::kMaxValues) return too_many(what);
    for (const auto& value : values) {
        KMP_TRY(auto parsed, parse(value));
        out.push_back(parsed);
    }
    return {};
}

base::Result<std::array<std::uint8_t, 16>> order_id(const std::string& bytes) {
    std::array<std::uint8_t, 16> out;
    if (bytes.size() != out.size()) return {Code::invalid_argument, "filter: an order id has 16 bytes"};
    std::ranges::copy(base::as_bytes(bytes), out.begin());
    return out;
}

base::Result<audit::Filter> filter_of(const wire::pb::AuditFilter& f) {
    audit::Filter out;
    if (f.from_ms() < 0 || f.until_ms() < 0 || (f.until_ms() != 0 && f.until_ms() <= f.from_ms())) return {Code::invalid_argument, "filter: until_ms is a time after from_ms"};
    out.from = f.from_ms();
    out.until = f.until_ms();
    KMP_CHECK(parse_all(out.types, f.types(), "types", audit::parse_event_type));
    KMP_CHECK(copy(out.actors, f.actors(), "actors"));
    KMP_CHECK(copy(out.ukeys, f.ukeys(), "UKEYs"));
    KMP_CHECK(copy(out.stations, f.stations(), "stations"));
    KMP_CHECK(copy(out.meters, f.meters(), "meters"));
    KMP_CHECK(copy(out.accounts, f.accounts(), "accounts"));
    KMP_CHECK(parse_all(out.endings, f.outcomes(), "outcomes", audit::parse_ending));
    KMP_CHECK(parse_all(out.orders, f.orders(), "orders", order_id));
    if (f.has_amount_from_fen()) out.amount_from = f.amount_from_fen();
    if (f.has_amount_to_fen()) out.amount_to = f.amount_to_fen();
    if (out.amount_from && out.amount_to && *out.amount_from > *out.amount_to) return {Code::invalid_argument, "filter: amount_from_fen is above amount_to_fen"};
    if (!f.text().empty()) KMP_CHECK(out.set_text(f.text()));
    return out;
}

wire::pb::AuditEvent describe(const audit::Record& record, base::ByteView bytes) {
    wire::pb::AuditEvent out;
    out.set_index(record.index());
    out.set_time_ms(record.time());
    out.set_type(std::string(audit::name(record.type())));
    out.set_text(audit::to_text(record));
    out.set_json(audit::to_json(record));
    out.set_leaf_hash(base::to_string(audit::leaf_hash(bytes)));
    return out;
}

}  // namespace

base::Result<wire::pb::AuditListReply> list_audit(Job& job, const wire::pb::AuditList& request) {
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    if (request.limit() < 1 || request.limit() > 1000) return {Code::invalid_argument, "limit: 1 to 1000 events"};
    KMP_TRY(const audit::Filter filter, filter_of(request.filter()));
    const audit::Look look{request.newest(), request.first(), request.before(), request.limit()};
    std::deque<wire::pb::AuditEvent> page;
    std::size_t bytes = 0;
    KMP_TRY(const audit::Seen seen, books->search->find(filter, look, [&](const audit::Record& record, base::ByteView record_bytes) {
        wire::pb::AuditEvent event = describe(record, record_bytes);
        const std::size_t more = event.ByteSizeLong();
        if (!page.empty() && bytes + more > kPage) return false;
        bytes += more;
        look.newest ? page.push_front(std::move(event)) : page.push_back(std::move(event));
        return true;
    }));
    wire::pb::AuditListReply out;
    for (wire::pb::AuditEvent& event : page) *out.add_events() = std::move(event);
    out.set_size(seen.size);
    out.set_next(seen.next);
    out.set_end(seen.end);
    out.set_archived(seen.archived);
    return out;
}

}  // namespace kmp::service
