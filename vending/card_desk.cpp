#include "vending/card_desk.h"

#include "vending/order_desk.h"

namespace vending {
namespace {

namespace pb = wire::pb;
using base::Code;

bool is_same(const JournalOrder& order, const CardSale& sale) {
    return order.by_card && order.kind == sale.kind && order.meter == sale.meter && order.amount == sale.amount && (!order.customer || !sale.customer || order.customer == sale.customer);
}

}  // namespace

base::Result<JournalOrder> CardDesk::plan(const CardSale& sale, bool own_id) {
    JournalOrder order;
    order.id = sale.order;
    order.kind = sale.kind;
    order.meter = sale.meter;
    order.customer = sale.customer;
    order.amount = sale.amount;
    order.own_id = own_id;
    order.by_card = true;
    return journal_.plan(std::move(order));
}

base::Result<JournalOrder> CardDesk::order_for(CardSale& sale, bool own_id) {
    KMP_TRY(const auto pending, journal_.unfinished_of(sale.meter));
    if (own_id && pending && is_same(*pending, sale)) {
        platform_.tell("an earlier run began this sale: it is finished as order " + pending->id.text());
        sale.order = pending->id;
        sale.repeated = true;
        return *pending;
    }
    // A lost card's sale is carried on by what replaces the card.
    const bool replaces = pending && pending->by_card && sale.kind == pb::REPLACE_CARD;
    if (pending && !replaces && pending->id != sale.order)
        return base::Error{Code::conflict, "the " + describe(*pending) + " is not finished (" + std::string(words(*pending)) + "): " + how_to_finish(*pending) + " before meter " + sale.meter.text() + " gets another order"};
    KMP_TRY(const auto known, journal_.find(sale.order));
    if (!known) {
        platform_.tell("order " + sale.order.text() + " stands in the journal");
        return plan(sale, own_id);
    }
    if (!is_same(*known, sale)) return base::Error{Code::conflict, "order " + sale.order.text() + " stands in the journal as the " + describe(*known) + ": give its own values, or no --order-id"};
    if (known->state == OrderState::voided) return was_voided(*known);
    JournalOrder order = *known;
    order.own_id = false;  // kmpd is asked under the id that was named, however old it is
    return order;
}

base::Status CardDesk::follow(JournalOrder& order, const CardSold& so_far) {
    if (so_far.count == 0) {
        if (unfinished(order.state) || order.state == OrderState::confirmed) return {};
        order.customer = so_far.customer;
        KMP_CHECK(journal_.prepare(order));
        return journal_.note(order, OrderState::asked, "on card " + so_far.serial);
    }
    order.count = so_far.count;
    order.receipt = so_far.receipt;
    order.leaf = so_far.leaf;
    if (order.state != OrderState::asked) return {};
    return journal_.note(order, OrderState::answered, "on card " + so_far.serial);
}

base::Status CardDesk::conclude(JournalOrder& order, const base::Error& error) {
    if (!unfinished(order.state)) return {};
    const bool refused = order.state == OrderState::asked && certainly_refused(error.code);
    return journal_.note(order, refused ? OrderState::refused : order.state, error.message);
}

/// What became of a sale whose card was lost before it was written: kmpd had it, and the new card carries it; or kmpd never heard of it.
base::Status CardDesk::carry_on(JournalOrder& lost, const JournalOrder& by, const CardSold& sold) {
    const std::string on = "order " + by.id.text() + " on card " + sold.serial;
    KMP_TRY(const bool another, journal_.is_count_of_another(lost, sold.count));
    const bool same_amount = lost.amount && *lost.amount == sold.amount && sold.amount > model::Fen(0);
    if (lost.count != 0 ? lost.count == sold.count : same_amount && !another) {
        lost.count = sold.count;
        return journal_.note(lost, OrderState::confirmed, "carried on by " + on);
    }
    if (lost.count == 0 && (another || (sold.amount > model::Fen(0) && !same_amount)))
        return journal_.note(lost, OrderState::refused, "kmpd never had it: " + on + " carries on the purchase before it; sell it again");
    return {};  // nobody knows: it stays open
}

base::Result<CardSold> CardDesk::carry_out(CardSale& sale, bool own_id) {
    KMP_TRY(const MeterHold hold, journal_.hold(sale.meter));
    KMP_TRY(JournalOrder order, order_for(sale, own_id));
    sale.on_step = [&](const CardSold& so_far) { return follow(order, so_far); };
    auto sold = sell_card(platform_, reader_, sale);
    if (!sold) {
        if (auto written = conclude(order, sold.error()); !written) platform_.tell("the journal does not take it: " + written.error().message);
        return sold;
    }
    KMP_TRY(auto replaced, journal_.unfinished_of(sale.meter));
    if (order.state != OrderState::confirmed) KMP_CHECK(journal_.note(order, OrderState::confirmed, (sold->taken ? "its meter has taken it from card " : "on card ") + sold->serial));
    if (replaced && replaced->number != order.number && sale.kind == pb::REPLACE_CARD) KMP_CHECK(carry_on(*replaced, order, *sold));
    return sold;
}

}  // namespace vending
