#include "kmp/terms/terms.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/clock.h"
#include "base/ids.h"
#include "kmp/terms/grant.h"
#include "model/grant_defaults.h"
#include "model/keys.h"
#include "model/operation.h"
#include "wire/pb.h"

namespace kmp::terms {
namespace {

namespace pb = wire::pb;
using base::Code;

constexpr std::array<std::string_view, 7> kWeekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::vector<std::string> names_of_operations(model::OperationSet set) {
    std::vector<std::string> out;
    for (unsigned i = 0; i < model::kOperationCount; ++i)
        if (const auto op = static_cast<model::Operation>(i); (set & model::bit(op)) != 0) out.emplace_back(model::name(op));
    return out;
}

std::vector<std::string> names_of_classes(model::ClassSet set) {
    std::vector<std::string> out;
    for (const model::KeyClass c : model::kAllClasses)
        if ((set & model::class_bit(c)) != 0) out.emplace_back(model::name(c));
    return out;
}

base::Error bad(std::string_view option, std::string_view value, std::string_view takes) {
    return {Code::invalid_argument, std::string(option) + " '" + std::string(value) + "': it takes " + std::string(takes)};
}

/// Yuan with up to two decimals, up to a thousand million: a month's cap may be larger than any one order.
base::Result<std::int64_t> parse_cap(std::string_view option, const std::string& text) {
    const auto refuse = [&] { return bad(option, text, "yuan, as 12, 12.3 or 12.34, at most 1000000000"); };
    const std::size_t point = std::min(text.find('.'), text.size());
    std::string digits = text.substr(0, point);
    std::string cents = point < text.size() ? text.substr(point + 1) : "00";
    if (digits.empty() || digits.size() > 10 || cents.empty() || cents.size() > 2) return refuse();
    if (cents.size() == 1) cents += '0';
    digits += cents;
    std::int64_t fen = 0;
    const char* end = digits.data() + digits.size();
    if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) return refuse();
    if (std::from_chars(digits.data(), end, fen).ptr != end || fen > model::kLargestCap.value()) return refuse();
    return fen;
}

std::vector<std::string> list_of(const std::string& text) {
    std::vector<std::string> out;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(';', at), text.size());
        out.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

std::pair<std::string, std::string> split_range(const std::string& text) {
    const std::size_t dash = text.find('-');
    if (dash == std::string::npos) return {text, text};
    return {text.substr(0, dash), text.substr(dash + 1)};
}

base::Status read_meters(const std::vector<std::string>& texts, pb::GrantTerms& out) {
    if (texts.size() > 1 && std::find(texts.begin(), texts.end(), "all") != texts.end())
        return {Code::invalid_argument, "--meters 'all': that is every meter, and nothing can stand beside it"};
    if (texts.empty() || texts.front() == "all") {
        out.add_meters()->set_last(kLastMeter);
        return {};
    }
    for (const std::string& text : texts) {
        const auto found = parse_range(text);
        if (!found && found.error().code == Code::malformed) return bad("--meters", text, "a 12-digit number, FIRST-LAST, or all");
        if (!found) return {Code::invalid_argument, "--meters '" + text + "': the last number is below the first"};
        auto& range = *out.add_meters();
        range.set_first(found->first.number());
        range.set_last(found->last.number());
    }
    return {};
}

template <class Index>
base::Result<std::uint32_t> read_bits(std::string_view option, const std::vector<std::string>& texts, std::string_view takes, std::string_view begin, std::string_view end, Index index) {
    std::uint32_t bits = 0;
    for (const std::string& text : texts) {
        const auto [first_text, last_text] = split_range(text);
        const int first = index(first_text);
        const int last = index(last_text);
        if (first < 0 || last < 0) return bad(option, text, takes);
        if (last < first) return {Code::invalid_argument, std::string(option) + " '" + text + "': the range runs backwards; give two ranges, as " + first_text + "-" + std::string(end) + "," + std::string(begin) + "-" + last_text};
        for (int i = first; i <= last; ++i) bits |= 1u << i;
    }
    return bits;
}

int hour_index(const std::string& text) {
    int hour = -1;
    const char* end = text.data() + text.size();
    return !text.empty() && std::from_chars(text.data(), end, hour).ptr == end && hour >= 0 && hour < 24 ? hour : -1;
}

int weekday_index(const std::string& text) {
    const auto found = std::find(kWeekdays.begin(), kWeekdays.end(), text);
    return found == kWeekdays.end() ? -1 : static_cast<int>(found - kWeekdays.begin());
}

base::Result<base::Millis> read_time(std::string_view option, const std::string& text, bool to_the_end) {
    if (text.empty()) return base::Millis{0};
    const auto time = base::from_rfc3339(text);
    if (!time || *time <= 0) return bad(option, text, "a date as 2027-12-31, or a UTC time as 2027-12-31T20:00:00Z");
    return text.size() == 10 && to_the_end ? *time + base::kDay - 1 : *time;
}

base::Status read_caps(const TermsText& text, pb::GrantTerms& out) {
    const bool vends = may_sell(out);
    if (!vends && (!text.per_order.empty() || !text.per_day.empty() || !text.per_month.empty() || text.orders_per_minute))
        return {Code::invalid_argument, "--per-order, --per-day, --per-month, --orders-per-minute: a UKEY that may not sell takes no caps"};
    const model::SaleCaps& usual = vends ? model::kUsualCaps : model::kNoCaps;
    std::int64_t order = usual.per_order.value();
    std::int64_t day = usual.per_day.value();
    std::int64_t month = usual.per_month.value();
    if (!text.per_order.empty()) {
        KMP_TRY(order, parse_cap("--per-order", text.per_order));
        day = std::max(day, order);
    }
    if (!text.per_day.empty()) {
        KMP_TRY(day, parse_cap("--per-day", text.per_day));
    }
    month = std::max(month, day);
    if (!text.per_month.empty()) {
        KMP_TRY(month, parse_cap("--per-month", text.per_month));
    }
    out.set_per_order_fen(order);
    out.set_per_day_fen(day);
    out.set_per_month_fen(month);
    out.set_orders_per_minute(text.orders_per_minute.value_or(usual.orders_per_minute));
    return {};
}

}  // namespace

base::Result<model::MeterRange> parse_range(const std::string& text) {
    const auto [first_text, last_text] = split_range(text);
    const auto first = model::MeterNumber::parse(first_text);
    const auto last = model::MeterNumber::parse(last_text);
    if (!first || !last || last->number() == 0) return {Code::malformed, text};
    if (*last < *first) return {Code::invalid_argument, text};
    return model::MeterRange{*first, *last};
}

base::Result<pb::GrantTerms> parse_terms(const TermsText& text) {
    if (text.kind != "user" && text.kind != "key") return bad("--kind", text.kind, "user or key");
    const bool user = text.kind == "user";
    const model::UkeyKind kind = user ? model::UkeyKind::user : model::UkeyKind::key;
    pb::GrantTerms out;
    if (user) out.set_station(text.station.empty() ? text.holder : text.station);
    else if (!text.station.empty()) return bad("--station", text.station, "the station of a user UKEY; a key UKEY has none");
    if (user && !base::check_name(out.station(), "station")) {
        constexpr std::string_view kName = "1 to 64 letters, digits, '-', '_' and '.'";
        if (!text.station.empty()) return bad("--station", text.station, kName);
        return {Code::invalid_argument, "--station: give one; the holder '" + text.holder + "' cannot stand for it, since a station's name has " + std::string(kName)};
    }

    for (std::string name : text.operations.empty() ? names_of_operations(model::usual_operations(kind)) : text.operations) {
        std::replace(name.begin(), name.end(), '-', '_');
        if (!model::parse_operation(name)) return bad("--operations", name, "operations as authenticate, open_account, recharge, relay, download_keys");
        out.add_operations(name);
    }
    for (const std::string& name : text.classes.empty() ? names_of_classes(model::usual_classes(kind)) : text.classes) {
        if (!model::parse_key_class(name)) return bad("--classes", name, "control, identity, remote, parameter, credit, card");
        if (user && name == "control") return bad("--classes", name, "classes a user UKEY may hold, and control is not one of them");
        out.add_classes(name);
    }
    KMP_CHECK(read_meters(text.meters, out));
    KMP_CHECK(read_caps(text, out));
    KMP_TRY(const std::uint32_t hours, read_bits("--hours", text.hours, "hours 0 to 23, as 8-17", "0", "23", hour_index));
    KMP_TRY(const std::uint32_t weekdays, read_bits("--weekdays", text.weekdays, "mon, tue, wed, thu, fri, sat, sun, or a range as mon-fri", "mon", "sun", weekday_index));
    out.set_hours(hours);
    out.set_weekdays(weekdays);
    KMP_TRY(const base::Millis from, read_time("--valid-from", text.valid_from, false));
    KMP_TRY(const base::Millis until, read_time("--valid-until", text.valid_until, true));
    if (from != 0 && until != 0 && until < from) return bad("--valid-until", text.valid_until, "a time after --valid-from");
    out.set_not_before_ms(from);
    out.set_not_after_ms(until);
    for (const std::uint32_t uid : text.uids) out.add_uids(uid);
    return out;
}

base::Result<pb::GrantTerms> parse_changes(const TermsText& given, const pb::GrantTerms& present) {
    TermsText text = given;
    if (text.kind == "user" && text.station.empty()) text.station = present.station();
    KMP_TRY(const pb::GrantTerms parsed, parse_terms(text));
    pb::GrantTerms out = present;
    if (!given.station.empty()) out.set_station(parsed.station());
    if (!given.operations.empty()) *out.mutable_operations() = parsed.operations();
    if (!given.classes.empty()) *out.mutable_classes() = parsed.classes();
    if (!given.meters.empty()) *out.mutable_meters() = parsed.meters();
    if (!given.per_order.empty()) out.set_per_order_fen(parsed.per_order_fen());
    if (!given.per_day.empty()) out.set_per_day_fen(parsed.per_day_fen());
    if (!given.per_month.empty()) out.set_per_month_fen(parsed.per_month_fen());
    if (given.orders_per_minute) out.set_orders_per_minute(parsed.orders_per_minute());
    if (!given.hours.empty()) out.set_hours(parsed.hours());
    if (!given.weekdays.empty()) out.set_weekdays(parsed.weekdays());
    if (!given.valid_from.empty()) out.set_not_before_ms(parsed.not_before_ms());
    if (!given.valid_until.empty()) out.set_not_after_ms(parsed.not_after_ms());
    if (!given.uids.empty()) *out.mutable_uids() = parsed.uids();
    return out;
}

base::Status put(TermsText& text, const std::string& column, const std::string& value) {
    static const std::map<std::string, void (*)(TermsText&, const std::string&)> columns{
        {"station", [](TermsText& t, const std::string& v) { t.station = v; }},
        {"operations", [](TermsText& t, const std::string& v) { t.operations = list_of(v); }},
        {"classes", [](TermsText& t, const std::string& v) { t.classes = list_of(v); }},
        {"meters", [](TermsText& t, const std::string& v) { t.meters = list_of(v); }},
        {"per-order", [](TermsText& t, const std::string& v) { t.per_order = v; }},
        {"per-day", [](TermsText& t, const std::string& v) { t.per_day = v; }},
        {"per-month", [](TermsText& t, const std::string& v) { t.per_month = v; }},
        {"hours", [](TermsText& t, const std::string& v) { t.hours = list_of(v); }},
        {"weekdays", [](TermsText& t, const std::string& v) { t.weekdays = list_of(v); }},
        {"valid-from", [](TermsText& t, const std::string& v) { t.valid_from = v; }},
        {"valid-until", [](TermsText& t, const std::string& v) { t.valid_until = v; }},
    };
    const auto at = columns.find(column);
    if (at == columns.end()) return {Code::invalid_argument, "there is no column '" + column + "'"};
    at->second(text, value);
    return {};
}

base::Result<base::Millis> parse_end(const std::string& text, std::string_view option) { return read_time(option, text, true); }

base::Error named_as_typed(base::Error error, std::string_view rule, std::string_view option) {
    if (error.message.starts_with(std::string(rule) + ": ")) error.message.replace(0, rule.size(), option);
    return error;
}

}  // namespace kmp::terms
