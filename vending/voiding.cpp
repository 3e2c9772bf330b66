#include "vending/voiding.h"

#include "vending/card_sale.h"
#include "vending/order_desk.h"

namespace vending {

namespace pb = wire::pb;
using base::Code;

base::Status VoidDesk::begin(JournalOrder& order) {
    KMP_TRY(order, journal_.reload(order));
    if (unfinished(order.state) || (order.by_card && order.state == OrderState::confirmed)) return {};
    return {Code::refused, "the " + describe(order) + " is " + std::string(words(order)) + ": there is nothing to void"};
}

base::Result<std::optional<pb::VoidOrderReply>> VoidDesk::ask(JournalOrder& order) {
    auto reply = platform_.void_order(order.id, order.meter);
    if (reply) return std::optional(std::move(*reply));
    if (reply.error().code == Code::already_exists) {
        KMP_CHECK(journal_.note(order, OrderState::voided, "kmpd had voided it before"));
        return std::optional<pb::VoidOrderReply>();
    }
    if (reply.error().code != Code::not_found) return std::move(reply).error();
    KMP_CHECK(journal_.note(order, OrderState::refused, "kmpd never had it"));
    return std::optional<pb::VoidOrderReply>();
}

base::Status VoidDesk::finish(JournalOrder& order, const pb::VoidOrderReply& reply) {
    if (!reply.voided()) return {Code::refused, "the " + describe(order) + " is not voided; kmpd needs " + reply.missing()};
    return journal_.note(order, OrderState::voided, "its purchase count " + std::to_string(order.count) + " is free again");
}

base::Status VoidDesk::on_line(JournalOrder& order, Line& line) {
    KMP_TRY(const MeterHold hold, journal_.hold(order.meter));
    KMP_CHECK(begin(order));
    KMP_TRY(auto reply, ask(order));
    if (!reply) return {};
    if (!reply->voided() && order.by_card) return finish(order, *reply);
    if (!reply->voided()) {
        Dialogue meter(line, order.meter);
        KMP_TRY(const MeterStatus said, query_status(platform_, meter));
        platform_.tell("the meter shows purchase count " + std::to_string(said.count));
        if (order.count != 0 && said.count >= order.count)
            return {Code::conflict, "meter " + order.meter.text() + " has purchase count " + std::to_string(said.count) + ": it took the " + describe(order) + ", which stays; finish it with 'kmp-vend orders resume --line LINE " + order.id.text() + "'"};
        KMP_TRY(reply, ask(order));
        if (!reply) return {};
    }
    return finish(order, *reply);
}

base::Status VoidDesk::by_card(JournalOrder& order, pcsc::CardReader& reader) {
    if (!order.by_card) return {Code::refused, "the " + describe(order) + " lies on no card: void it with --line"};
    KMP_TRY(const MeterHold hold, journal_.hold(order.meter));
    KMP_CHECK(begin(order));
    KMP_TRY(auto reply, ask(order));
    if (!reply) return {};
    if (!reply->voided()) {
        KMP_CHECK(take_off_card(platform_, reader, order.meter, order.count, reply->challenge()));
        KMP_TRY(reply, ask(order));
        if (!reply) return {};
    }
    return finish(order, *reply);
}

}  // namespace vending
