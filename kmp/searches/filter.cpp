#include "kmp/searches/filter.h"

#include <charconv>
#include <optional>

#include "base/ids.h"
#include "model/fen.h"
#include "model/keys.h"

namespace kmp::searches {
namespace {

namespace pb = wire::pb;
using base::Code;

base::Error bad(std::string_view name, const std::string& text, std::string_view takes) {
    return {Code::invalid_argument, std::string(name) + " '" + text + "': it takes " + std::string(takes)};
}

/// "7d" as milliseconds; 0: it is none.
base::Millis span_of(const std::string& text) {
    if (text.size() < 2) return 0;
    const base::Millis unit = text.back() == 'd' ? base::kDay : text.back() == 'h' ? base::kHour : text.back() == 'm' ? base::kMinute : 0;
    std::uint32_t n = 0;
    const char* end = text.data() + text.size() - 1;
    return std::from_chars(text.data(), end, n).ptr == end ? n * unit : 0;
}

base::Result<std::optional<std::uint64_t>> parse_amount(const std::string& text, std::string_view name) {
    if (text.empty()) return std::optional<std::uint64_t>();
    const auto fen = model::Fen::parse_yuan(text);
    if (!fen) return bad(name, text, "yuan, as 50 or 12.34");
    return std::optional<std::uint64_t>(static_cast<std::uint64_t>(fen->value()));
}

}  // namespace

base::Result<std::int32_t> parse_utc_offset(std::string_view text) {
    const base::Error bad{Code::invalid_argument, "'" + std::string(text) + "' is not a distance from UTC such as +08:00, from -12:00 to +14:00"};
    if (text == "Z" || text == "z") return 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return bad;
    for (const std::size_t i : {1u, 2u, 4u, 5u})
        if (text[i] < '0' || text[i] > '9') return bad;
    int hours = 0;
    int minutes = 0;
    std::from_chars(text.data() + 1, text.data() + 3, hours);
    std::from_chars(text.data() + 4, text.data() + 6, minutes);
    const int total = (hours * 60 + minutes) * (text[0] == '-' ? -1 : 1);
    if (minutes > 59 || total < -720 || total > 840) return bad;
    return total;
}

base::Result<base::Millis> parse_moment(const std::string& text, std::string_view name, bool end, base::Millis now) {
    if (text.empty()) return base::Millis{0};
    if (const base::Millis before = span_of(text); before != 0 && before < now) return now - before;
    base::Millis offset = 0;
    std::string utc = text;
    if (text.size() > 16 && (text[text.size() - 6] == '+' || text[text.size() - 6] == '-')) {
        const auto minutes = parse_utc_offset(std::string_view(text).substr(text.size() - 6));
        if (minutes) offset = *minutes * base::kMinute;
        if (minutes) utc = text.substr(0, text.size() - 6) + "Z";
    }
    const auto time = base::from_rfc3339(utc);
    if (!time || *time - offset <= 0) return bad(name, text, "a day as 2026-11-23 (UTC), a time as 2026-11-23T08:00:00Z or 2026-11-23T16:00:00+08:00, or a span before now as 7d, 12h, 30m");
    return *time - offset + (text.size() == 10 && end ? base::kDay : 0);
}

base::Result<pb::AuditFilter> parse_search(const SearchText& s, base::Millis now, const NameOf& name_of) {
    pb::AuditFilter out;
    for (const std::string& v : s.types) out.add_types(v);
    for (const std::string& v : s.ukeys) out.add_ukeys(v);
    for (const std::string& v : s.stations) out.add_stations(v);
    for (const std::string& v : s.accounts) out.add_accounts(v);
    for (const std::string& v : s.actors) out.add_actors(v);
    for (const std::string& v : s.outcomes) {
        if (v != "done" && v != "refused" && v != "undone" && v != "unknown") return bad(name_of("outcome"), v, "done, refused, undone or unknown");
        out.add_outcomes(v);
    }
    for (const std::string& v : s.meters) {
        const auto meter = model::MeterNumber::parse(v);
        if (!meter) return bad(name_of("meter"), v, "a 12-digit meter number");
        out.add_meters(meter->number());
    }
    for (const std::string& v : s.orders) {
        const auto id = base::Uuid::parse(v);
        if (!id) return bad(name_of("order"), v, "an order id, as 0192f0c1-a2b3-7c4d-8e5f-60718293a4b5");
        out.add_orders(id->raw().data(), id->raw().size());
    }
    KMP_TRY(const base::Millis from, parse_moment(s.from, name_of("from"), false, now));
    KMP_TRY(const base::Millis until, parse_moment(s.until, name_of("until"), true, now));
    if (until != 0 && until <= from) return bad(name_of("until"), s.until, "a time after " + name_of("from"));
    out.set_from_ms(from);
    out.set_until_ms(until);
    KMP_TRY(const auto least, parse_amount(s.amount_from, name_of("amount_from")));
    KMP_TRY(const auto most, parse_amount(s.amount_to, name_of("amount_to")));
    if (least && most && *most < *least) return bad(name_of("amount_to"), s.amount_to, "an amount not below " + name_of("amount_from"));
    if (least) out.set_amount_from_fen(*least);
    if (most) out.set_amount_to_fen(*most);
    out.set_text(s.text);
    return out;
}

}  // namespace kmp::searches
