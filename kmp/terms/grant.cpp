#include "kmp/terms/grant.h"

#include <algorithm>

namespace kmp::terms {

bool may_sell(const wire::pb::GrantTerms& terms) {
    return std::ranges::any_of(terms.operations(), [](const std::string& name) {
        const auto op = model::parse_operation(name);
        return op && model::is_order(*op);
    });
}

base::Result<model::Grant> grant_of(const wire::pb::GrantTerms& terms, base::Millis now) {
    model::Grant g;
    g.station = terms.station();
    for (const std::string& name : terms.operations()) {
        KMP_TRY(const model::Operation op, model::parse_operation(name));
        g.operations |= model::bit(op);
    }
    for (const std::string& name : terms.classes()) {
        KMP_TRY(const model::KeyClass c, model::parse_key_class(name));
        g.classes = static_cast<model::ClassSet>(g.classes | model::class_bit(c));
    }
    for (const auto& range : terms.meters()) {
        model::MeterRange r;
        KMP_TRY(r.first, model::MeterNumber::from_number(range.first()));
        KMP_TRY(r.last, model::MeterNumber::from_number(range.last()));
        g.meters.push_back(r);
    }
    g.per_order = model::Fen(terms.per_order_fen());
    g.per_day = model::Fen(terms.per_day_fen());
    g.per_month = model::Fen(terms.per_month_fen());
    g.orders_per_minute = terms.orders_per_minute();
    if (terms.hours() != 0) g.hours = terms.hours();
    if (terms.weekdays() != 0) {
        if (terms.weekdays() > 0x7F) return {base::Code::invalid_argument, "grant: weekdays beyond Sunday"};
        g.weekdays = static_cast<std::uint8_t>(terms.weekdays());
    }
    g.not_before = terms.not_before_ms() != 0 ? terms.not_before_ms() : now;
    g.not_after = terms.not_after_ms() != 0 ? terms.not_after_ms() : now + kYear;
    for (const std::uint32_t uid : terms.uids()) g.uids.push_back(uid);
    return g;
}

wire::pb::GrantTerms terms_of(const model::Grant& g) {
    wire::pb::GrantTerms out;
    out.set_station(g.station);
    for (unsigned i = 0; i < model::kOperationCount; ++i)
        if (const auto op = static_cast<model::Operation>(i); g.operations & model::bit(op)) out.add_operations(std::string(model::name(op)));
    for (const model::KeyClass c : model::kAllClasses)
        if (g.classes & model::class_bit(c)) out.add_classes(std::string(model::name(c)));
    for (const model::MeterRange& r : g.meters) {
        auto& range = *out.add_meters();
        range.set_first(r.first.number());
        range.set_last(r.last.number());
    }
    out.set_per_order_fen(g.per_order.value());
    out.set_per_day_fen(g.per_day.value());
    out.set_per_month_fen(g.per_month.value());
    out.set_orders_per_minute(g.orders_per_minute);
    out.set_hours(g.hours);
    out.set_weekdays(g.weekdays);
    out.set_not_before_ms(g.not_before);
    out.set_not_after_ms(g.not_after);
    for (const std::uint32_t uid : g.uids) out.add_uids(uid);
    return out;
}

}  // namespace kmp::terms
