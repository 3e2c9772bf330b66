#include "vending/order_desk.h"

namespace vending {
namespace {

namespace pb = wire::pb;
using base::Code;

std::string said_of(const JournalOrder& order, const Purchased& done) {
    std::string out = "the meter confirmed it";
    if (order.kind != pb::INITIALISE_WALLET) out += "; purchase count " + std::to_string(done.count);
    if (done.told_late) out += "; it had taken it before, and did not take it twice";
    return out;
}

}  // namespace

bool certainly_refused(Code code) noexcept {
    switch (code) {
        case Code::invalid_argument:
        case Code::not_found:
        case Code::already_exists:
        case Code::conflict:
        case Code::denied:
        case Code::refused:
        case Code::wrong_pin:
        case Code::pin_locked:
        case Code::sealed:
        case Code::uninitialised:
        case Code::busy:
        case Code::token_removed:
        case Code::token_unsuitable:
        case Code::key_missing:
        case Code::expired:
        case Code::unsupported: return true;
        case Code::malformed:
        case Code::timeout:
        case Code::cancelled:
        case Code::token_failed:
        case Code::key_invalid:
        case Code::outcome_unknown:
        case Code::storage_full:
        case Code::storage_failed:
        case Code::tampered:
        case Code::io_failed:
        case Code::internal: return false;
    }
    return false;
}

std::string how_to_finish(const JournalOrder& order) {
    if (!order.by_card) {
        const std::string out = "finish it with 'kmp-vend orders resume --line LINE " + order.id.text() + "'";
        if (order.state != OrderState::held) return out;
        return out + ", or first, with its --order-id, an older order whose count the meter waits for ('kmp-vend remote status' tells both counts),";
    }
    const std::string id = " --order-id " + order.id.text();
    if (order.kind == pb::REPLACE_CARD) return "finish it with 'kmp-vend card replace" + id + "' and its card in the reader";
    return "finish it with 'kmp-vend card sell" + id + "' and its card in the reader, or with 'kmp-vend card replace' where that card is lost";
}

std::string describe(const JournalOrder& order) {
    return name(order.kind) + " " + (order.kind == pb::CLEAR || order.kind == pb::OPEN_ACCOUNT ? "on" : order.kind == pb::REPLACE_CARD ? "for" : "of") + " meter " + order.meter.text() +
           (order.amount && order.kind != pb::REPLACE_CARD ? " with " + order.amount->yuan() + " yuan" : "") + (order.by_card && order.kind != pb::REPLACE_CARD ? " by card" : "");
}

base::Error was_voided(const JournalOrder& order) { return {Code::refused, "the " + describe(order) + " was voided, and nothing is charged for it: make a new order"}; }

/// What the order leaves to the meter. Only for a planned one: later its content stands.
base::Status OrderDesk::complete(JournalOrder& order, Dialogue& meter) {
    if (order.kind == pb::INITIALISE_WALLET) order.customer = model::CustomerNumber();
    if (!order.customer || !order.amount) {
        KMP_TRY(const MeterStatus said, query_status(platform_, meter));
        if (!order.customer) order.customer = said.customer;
        if (order.customer->number() == 0)
            return {Code::refused, "meter " + order.meter.text() + " belongs to no customer: open an account on it first (kmp-vend remote open)"};
        if (!order.amount && said.balance < model::Fen(0))
            return {Code::refused, "meter " + order.meter.text() + " is overdrawn by " + model::Fen(-said.balance.value()).yuan() + " yuan: recharge it before the account is cleared"};
        if (!order.amount) order.amount = said.balance;
        platform_.tell("the meter belongs to customer " + order.customer->text());
    }
    return journal_.prepare(order);
}

/// Each state is in the journal before the step that it names. An order never goes back to a state in which less may have happened.
base::Status OrderDesk::follow(JournalOrder& order, Passed passed, const Purchased& now) {
    order.count = std::max(order.count, now.count);
    if (!now.leaf.empty()) {
        order.receipt = now.receipt;
        order.leaf = now.leaf;
    }
    switch (passed) {
        case Passed::asking:
            if (order.state == OrderState::planned || order.state == OrderState::refused) return journal_.note(order, OrderState::asked, "");
            return {};
        case Passed::answered:
            if (order.state == OrderState::asked) return journal_.note(order, OrderState::answered, "");
            return {};
        case Passed::sent:
            if (order.state != OrderState::sent) return journal_.note(order, OrderState::sent, "");
            return {};
    }
    return {};
}

base::Status OrderDesk::conclude(JournalOrder& order, const base::Error& error, bool sent_now) {
    switch (order.state) {
        case OrderState::planned:
        case OrderState::confirmed:
        case OrderState::refused:
        case OrderState::voided: return {};  // kmpd was not asked for it in this run
        case OrderState::asked:
            return journal_.note(order, certainly_refused(error.code) ? OrderState::refused : OrderState::asked, error.message);
        case OrderState::answered: return journal_.note(order, OrderState::answered, error.message);
        case OrderState::sent:
        case OrderState::held:
        case OrderState::unknown: break;
    }
    // A refusal counts when it is the meter's own, about what was sent in this run; of an earlier run nobody knows more than before.
    const bool refused = sent_now && (error.code == Code::refused || error.code == Code::conflict);
    if (refused) return journal_.note(order, OrderState::held, error.message);
    return journal_.note(order, order.state == OrderState::held && !sent_now ? OrderState::held : OrderState::unknown, error.message);
}

base::Result<OrderDone> OrderDesk::carry_out(JournalOrder order) {
    KMP_TRY(const MeterHold hold, journal_.hold(order.meter));
    // Another program may have been at it before it was held.
    KMP_TRY(const auto now, journal_.reload(order));
    order = now;
    // Under a new id kmpd would sell it once more.
    if (order.state == OrderState::voided) return was_voided(order);
    if (order.state == OrderState::confirmed) return OrderDone{order, {order.count, true, false, order.receipt, order.leaf}, true};
    KMP_TRY(const auto first, journal_.unfinished_of(order.meter));
    // One that the meter refused keeps its count, and may wait for an older one whose count comes first: the caller knows its id.
    const bool comes_first = first && first->state == OrderState::held && !order.own_id;
    if (first && first->number != order.number && !comes_first)
        return base::Error{Code::conflict, "the " + describe(*first) + " is not finished (" + std::string(words(*first)) + "): " + how_to_finish(*first) + " before meter " +
                                         order.meter.text() + " gets another order"};
    Dialogue meter(line_, order.meter);
    const bool doubtful = order.state == OrderState::sent || order.state == OrderState::unknown;
    if (!unfinished(order.state)) KMP_CHECK(complete(order, meter));
    bool sent_now = false;
    const Purchase wanted{order.kind, order.id, *order.customer, *order.amount, doubtful, order.count};
    auto done = purchase(platform_, meter, wanted, [&](Passed passed, const Purchased& so_far) {
        sent_now = sent_now || passed == Passed::sent;
        return follow(order, passed, so_far);
    });
    if (!done) {
        auto written = conclude(order, done.error(), sent_now);
        if (!written) platform_.tell("the journal does not take it: " + written.error().message);
        return std::move(done).error();
    }
    order.count = done->count;
    if (!done->leaf.empty()) {  // none where the meter told of an earlier run's order, and kmpd was not asked again
        order.receipt = done->receipt;
        order.leaf = done->leaf;
    }
    // The meter has it, whatever becomes of this line: it is then found again as sent, and the meter says that it was credited.
    auto written = journal_.note(order, OrderState::confirmed, said_of(order, *done));
    if (!written) return base::Error{Code::outcome_unknown, "the meter confirmed the " + describe(order) + ", but " + written.error().message + ": 'kmp-vend orders resume " + order.id.text() + "' puts it right"};
    return OrderDone{order, *done, false};
}

}  // namespace vending
