#include "model/grant.h"

#include <algorithm>
#include <chrono>

#include "base/words.h"
#include "model/grant_defaults.h"

namespace model {
namespace {

using base::Code;
using base::Error;

constexpr std::uint8_t kEncoding = 1;

Error refuse(std::string_view rule, std::string text) { return {Code::refused, std::string(rule) + ": " + std::move(text)}; }

bool in_ranges(const std::vector<MeterRange>& ranges, MeterNumber meter) {
    for (const MeterRange& r : ranges)
        if (r.first <= meter && meter <= r.last) return true;
    return false;
}

base::Status check_cap(std::string_view rule, Fen spent, Fen amount, Fen cap) {
    KMP_TRY(const Fen sum, spent.plus(amount));
    if (sum <= cap) return {};
    const Fen left = spent < cap ? cap.minus(spent) : Fen(0);
    return refuse(rule, amount.yuan() + " yuan asked, " + left.yuan() + " of " + cap.yuan() + " left");
}

std::chrono::sys_time<std::chrono::milliseconds> local(base::Millis time, base::Millis offset) {
    return std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(time + offset));
}

}  // namespace

base::Bytes Grant::encode() const {
    base::ByteWriter w;
    w.u8(kEncoding);
    w.sized16(ukey.text());
    w.u32(number);
    w.u8(static_cast<std::uint8_t>(kind));
    w.sized16(home.text());
    w.sized16(station);
    w.u32(operations);
    w.u8(classes);
    w.u16(static_cast<std::uint16_t>(meters.size()));
    for (const MeterRange& r : meters) {
        w.u64(r.first.number());
        w.u64(r.last.number());
    }
    w.u64(static_cast<std::uint64_t>(per_order.value()));
    w.u64(static_cast<std::uint64_t>(per_day.value()));
    w.u64(static_cast<std::uint64_t>(per_month.value()));
    w.u32(orders_per_minute);
    w.u32(hours);
    w.u8(weekdays);
    w.u64(static_cast<std::uint64_t>(not_before));
    w.u64(static_cast<std::uint64_t>(not_after));
    w.u16(static_cast<std::uint16_t>(uids.size()));
    for (std::uint32_t uid : uids) w.u32(uid);
    return std::move(w).take();
}

base::Result<Grant> Grant::decode(base::ByteView bytes) {
    base::ByteReader r(bytes);
    KMP_TRY(const std::uint8_t version, r.u8());
    if (version != kEncoding) return Error{Code::malformed, "a grant of version " + std::to_string(version) + ", known is 1"};
    Grant g;
    KMP_TRY(const std::string ukey_text, r.text16());
    KMP_TRY(g.ukey, base::UkeySerial::parse(ukey_text));
    KMP_TRY(g.number, r.u32());
    KMP_TRY(const std::uint8_t kind_number, r.u8());
    KMP_TRY(g.kind, ukey_kind_from(kind_number));
    KMP_TRY(const std::string home_text, r.text16());
    KMP_TRY(g.home, base::UkeySerial::parse(home_text));
    KMP_TRY(g.station, r.text16());
    KMP_TRY(g.operations, r.u32());
    KMP_TRY(g.classes, r.u8());
    KMP_TRY(const std::uint16_t ranges, r.u16());
    if (ranges > kMaxRanges) return Error{Code::malformed, "a grant with too many meter ranges"};
    for (int i = 0; i < ranges; ++i) {
        MeterRange range;
        KMP_TRY(const std::uint64_t first, r.u64());
        KMP_TRY(const std::uint64_t last, r.u64());
        KMP_TRY(range.first, MeterNumber::from_number(first));
        KMP_TRY(range.last, MeterNumber::from_number(last));
        g.meters.push_back(range);
    }
    KMP_TRY(const std::uint64_t order, r.u64());
    KMP_TRY(const std::uint64_t day, r.u64());
    KMP_TRY(const std::uint64_t month, r.u64());
    g.per_order = Fen(static_cast<std::int64_t>(order));
    g.per_day = Fen(static_cast<std::int64_t>(day));
    g.per_month = Fen(static_cast<std::int64_t>(month));
    KMP_TRY(g.orders_per_minute, r.u32());
    KMP_TRY(g.hours, r.u32());
    KMP_TRY(g.weekdays, r.u8());
    KMP_TRY(const std::uint64_t from, r.u64());
    KMP_TRY(const std::uint64_t until, r.u64());
    g.not_before = static_cast<base::Millis>(from);
    g.not_after = static_cast<base::Millis>(until);
    KMP_TRY(const std::uint16_t uid_count, r.u16());
    if (uid_count > kMaxUids) return Error{Code::malformed, "a grant with too many uids"};
    for (int i = 0; i < uid_count; ++i) {
        KMP_TRY(const std::uint32_t uid, r.u32());
        g.uids.push_back(uid);
    }
    KMP_CHECK(r.end());
    KMP_CHECK(g.validate());
    return g;
}

base::Status Grant::validate() const {
    const auto bad = [](std::string text) { return Error{Code::invalid_argument, "grant: " + std::move(text)}; };
    if (number == 0) return bad("its number starts at 1");
    if (!station.empty()) KMP_CHECK(base::check_name(station, "station"));
    if (operations >> kOperationCount != 0) return bad("unknown operations");
    if (classes >> kAllClasses.size() != 0) return bad("unknown key classes");
    if ((classes & ~possible_classes(kind)) != 0)
        return bad("a user UKEY never holds the control class, so that it can never rekey a meter");
    if ((operations & ~possible_operations(kind)) != 0)
        return bad("key download and recovery are for key UKEYs");
    if (meters.size() > kMaxRanges) return bad("at most 64 meter ranges");
    for (const MeterRange& r : meters)
        if (r.last < r.first) return bad("the meter range " + r.first.text() + "-" + r.last.text() + " runs backwards");
    if (per_order < Fen(0) || per_day < Fen(0) || per_month < Fen(0)) return bad("a cap below zero");
    if (per_order > kMaxOrderAmount) return bad("the cap per order is above " + kMaxOrderAmount.yuan() + " yuan");
    if (hours >> 24 != 0) return bad("hours beyond 23");
    if (weekdays >> 7 != 0) return bad("weekdays beyond Sunday");
    if (not_before < 0 || not_after < not_before) return bad("it ends before it starts");
    if (uids.size() > kMaxUids) return bad("at most 16 uids");
    return {};
}

std::string Grant::in_words() const {
    std::string out = "grant " + std::to_string(number) + " of " + std::string(name(kind)) + " UKEY " + ukey.text() + " at platform " + home.text() + (station.empty() ? "" : ", station " + station) +
                      ", may " + describe(operations) + " with keys of classes";
    for (const KeyClass c : kAllClasses)
        if ((classes & class_bit(c)) != 0) out += " " + std::string(name(c));
    if (classes == 0) out += " none";
    out += " on ";
    if (meters.empty()) out += "no meter";
    for (std::size_t i = 0; i < meters.size(); ++i)
        out += (i == 0 ? "meters " : ", ") + meters[i].first.text() + " to " + meters[i].last.text();
    // Left out only where there is nothing to tell: it may not sell, and has no cap of anything.
    if (may_sell(operations) || per_order != Fen(0) || per_day != Fen(0) || per_month != Fen(0) || orders_per_minute != 0)
        out += "; at most " + per_order.yuan() + " yuan an order, " + per_day.yuan() + " a day, " + per_month.yuan() + " a month, " + base::counted(orders_per_minute, "order") + " a minute";
    if (hours != 0xFFFFFF) {
        out += "; in hours";
        for (unsigned h = 0; h < 24; ++h)
            if (hours >> h & 1) out += " " + std::to_string(h);
    }
    if (weekdays != 0x7F) {
        static constexpr const char* days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
        out += "; on";
        for (unsigned d = 0; d < 7; ++d)
            if (weekdays >> d & 1) out += std::string(" ") + days[d];
    }
    if (!uids.empty()) {
        out += "; without a PIN by unix users";
        for (const std::uint32_t uid : uids) out += " " + std::to_string(uid);
    }
    return out + "; from " + base::to_rfc3339(not_before) + " until " + base::to_rfc3339(not_after);
}

base::Status narrower(const Grant& inner, const Grant& outer) {
    if (inner.ukey != outer.ukey || inner.kind != outer.kind || inner.home != outer.home) return refuse("ukey", "a grant is narrowed for the same UKEY on the same platform");
    if (inner.station != outer.station) return refuse("station", "another station is another grant");
    if ((inner.operations & ~outer.operations) != 0) return refuse("operations", "more than before");
    if ((inner.classes & ~outer.classes) != 0) return refuse("classes", "more than before");
    for (const MeterRange& r : inner.meters) {
        bool inside = false;
        for (const MeterRange& o : outer.meters) inside = inside || (o.first <= r.first && r.last <= o.last);
        if (!inside) return refuse("meters", r.first.text() + "-" + r.last.text() + " is not inside one of the ranges before");
    }
    if (outer.per_order < inner.per_order) return refuse("per_order", "more than " + outer.per_order.yuan() + " yuan");
    if (outer.per_day < inner.per_day) return refuse("per_day", "more than " + outer.per_day.yuan() + " yuan");
    if (outer.per_month < inner.per_month) return refuse("per_month", "more than " + outer.per_month.yuan() + " yuan");
    if (inner.orders_per_minute > outer.orders_per_minute) return refuse("orders_per_minute", "more than " + std::to_string(outer.orders_per_minute));
    if ((inner.hours & ~outer.hours) != 0) return refuse("hours", "more than before");
    if ((inner.weekdays & ~outer.weekdays) != 0) return refuse("weekdays", "more than before");
    if (inner.not_before < outer.not_before) return refuse("validity", "it would begin earlier");
    if (inner.not_after > outer.not_after) return refuse("validity", "it would end later");
    for (const std::uint32_t uid : inner.uids)
        if (std::find(outer.uids.begin(), outer.uids.end(), uid) == outer.uids.end()) return refuse("uids", std::to_string(uid) + " was not among them");
    return {};
}

base::Status may_now(const Grant& grant, Operation operation, base::Millis now, base::Millis day_offset) {
    if (now < grant.not_before) return Error{Code::expired, "validity: the grant of UKEY " + grant.ukey.text() + " starts at " + base::to_rfc3339(grant.not_before)};
    if (now > grant.not_after)
        return Error{Code::expired, "validity: the grant of UKEY " + grant.ukey.text() + " ended at " + base::to_rfc3339(grant.not_after) + "; ask the officer to renew it"};
    if ((grant.operations & bit(operation)) == 0) return refuse("operation", "UKEY " + grant.ukey.text() + " may not " + std::string(name(operation)));
    const auto day = std::chrono::floor<std::chrono::days>(local(now, day_offset));
    const auto hour = std::chrono::duration_cast<std::chrono::hours>(local(now, day_offset) - day).count();
    if ((grant.hours >> hour & 1) == 0) return refuse("hours", "UKEY " + grant.ukey.text() + " may not work in hour " + std::to_string(hour));
    if ((grant.weekdays >> (std::chrono::weekday(day).iso_encoding() - 1) & 1) == 0) return refuse("weekdays", "UKEY " + grant.ukey.text() + " may not work today");
    return {};
}

base::Result<Permit> permit(const Grant& grant, const Ask& ask, const Spent& spent, base::Millis now, base::Millis day_offset) {
    KMP_CHECK(may_now(grant, ask.operation, now, day_offset));
    if ((ask.also & ~grant.operations) != 0) return refuse("operation", "UKEY " + grant.ukey.text() + " may not " + describe(ask.also & ~grant.operations));
    if ((ask.classes & ~grant.classes) != 0) {
        for (KeyClass c : kAllClasses)
            if (ask.classes & ~grant.classes & class_bit(c)) return refuse("class", "UKEY " + grant.ukey.text() + " is not granted the " + std::string(name(c)) + " keys");
        return refuse("class", "a key class that does not exist");
    }
    if (ask.meter && !in_ranges(grant.meters, *ask.meter))
        return refuse("meters", "meter " + ask.meter->text() + " is outside the ranges of UKEY " + grant.ukey.text());
    if (ask.amount < Fen(0)) return refuse("amount", "an amount below zero");
    if (ask.orders > 0) {
        if (std::uint64_t{spent.orders_this_minute} + ask.orders > grant.orders_per_minute)
            return refuse("orders_per_minute", "UKEY " + grant.ukey.text() + " may make " + base::counted(grant.orders_per_minute, "order") + " a minute; try again in the next");
    }
    if (ask.orders > 0 || ask.amount > Fen(0)) {  // money is under the caps whatever it is counted as
        KMP_CHECK(check_cap("per_order", Fen(0), ask.amount, grant.per_order));
        KMP_CHECK(check_cap("per_day", spent.today, ask.amount, grant.per_day));
        KMP_CHECK(check_cap("per_month", spent.this_month, ask.amount, grant.per_month));
    }
    return Permit(ask, grant.ukey, grant.number);
}

std::int64_t day_of(base::Millis time, base::Millis day_offset) noexcept {
    return std::chrono::floor<std::chrono::days>(local(time, day_offset)).time_since_epoch().count();
}

std::int64_t month_of(base::Millis time, base::Millis day_offset) noexcept {
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(local(time, day_offset)));
    return static_cast<std::int64_t>(static_cast<int>(date.year())) * 12 + static_cast<unsigned>(date.month()) - 1;
}

}  // namespace model
