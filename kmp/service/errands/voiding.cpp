// An order that no meter has credited and none ever will comes back: its cap, and its purchase count. What proves it was checked and logged
// before, by CheckStatus and ReportCard; here it is only judged (policy::Evidence).
#include "audit/log_reader.h"
#include "audit/replay.h"
#include "base/secret.h"
#include "kmp/service/errands/meter_errand.h"
#include "kmp/service/errands/order.h"

namespace kmp::service {
namespace {

using audit::Field;
using base::Code;
using model::Operation;
using model::OrderKind;

class VoidOrder final : public MeterErrand {
public:
    explicit VoidOrder(const wire::pb::VoidOrder& request) : request_(request) {}
    /// Whoever may make such an order may void it.
    Operation operation() const override { return model::operation_of(order_.kind); }
    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis now) override;
    std::optional<suite::pb::HostRequest> request() const override { return std::nullopt; }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply*) override;
    wire::pb::StationReply settle(Books& books, const audit::Receipt& receipt) override;
    void abandon(Books&) override { let_go(); }
    void describe(audit::Event& event) const override;

private:
    base::Status find_order(const Caller& caller, Books& books, base::Millis now);
    /// Whether such an order can be voided at all, whatever is shown.
    base::Status may_be_voided(const Books& books) const;
    void let_go() {
        if (!began_) return;
        meter_entry_->busy = meter_entry_->voiding = false;
        began_ = false;
    }

    wire::pb::VoidOrder request_;
    policy::OrderKey key_;
    policy::OrderDone order_{{}, OrderKind::recharge, {}, 0, {}, 0, {}, 0, 0};
    std::string charged_;   ///< the UKEY that the order was charged to
    std::uint32_t answers_ = 0;  ///< that were given to the order
    std::int64_t day_ = 0, month_ = 0;
    policy::MeterBook::Entry* meter_entry_ = nullptr;
    std::string missing_;
    bool named_ = false;
    bool found_ = false;
    bool began_ = false;
};

base::Status VoidOrder::find_order(const Caller& caller, Books& books, base::Millis now) {
    auto id = base::Uuid::from_bytes(base::as_bytes(request_.order_id()));
    if (!id) return {Code::invalid_argument, "order_id: " + id.error().message};
    key_ = {caller.station(), *id};
    order_.id = *id;
    named_ = true;
    KMP_TRY(const auto found, books.orders.find(key_, now));
    if (found.finding == policy::OrderBook::Finding::pending) return {Code::busy, "order " + id->text() + " is under way; try again"};
    if (found.finding == policy::OrderBook::Finding::fresh) return {Code::not_found, "order_id: station " + caller.station() + " never made order " + id->text() + ": nothing was charged for it"};
    if (found.record.voided) return {Code::already_exists, "void: order " + id->text() + " was voided before; its cap and its purchase count came back then"};
    KMP_TRY(const base::Bytes bytes, audit::LogReader(*books.reads).record(found.record.index));
    KMP_TRY(const audit::Record record, audit::Record::decode(bytes));
    if (record.number(Field::meter) != meter_.number()) return {Code::invalid_argument, "meter: order " + id->text() + " is not for meter " + meter_.text()};
    order_ = order_of(record, found.record.index);
    charged_ = std::string(record.text(Field::ukey));
    answers_ = found.record.answers;
    const base::Millis offset = books.house.day_offset;
    day_ = model::day_of(order_.made, offset);
    month_ = model::month_of(order_.made, offset);
    found_ = true;
    return {};
}

base::Status VoidOrder::may_be_voided(const Books& books) const {
    const policy::Meter& m = meter_entry_->meter;
    const std::string order = "order " + order_.id.text();
    if (order_.kind == OrderKind::initialise_wallet) return {Code::refused, "void: a new wallet carries no purchase count; make the order anew"};
    if (order_.kind == OrderKind::replace_card) return {Code::refused, "void: a replaced card was charged nothing; replace it once more"};
    // What would prove it are reads of a card, and a station that made the card knows its keys (docs/THREAT_MODEL.md).
    if (!order_.card.empty() && !books.card_voids) return {Code::refused, "card: this platform voids no sale on a card; it does where kmp.toml says voids = true under [card]"};
    if (order_.card.empty() && answers_ > audit::kMostAnswersVoided)
        return {Code::refused, "void: " + order + " was answered " + std::to_string(answers_) + " times, and meter " + meter_.text() + " may yet take one of the answers; of at most " + std::to_string(audit::kMostAnswersVoided) + " it could be voided"};
    if (order_.index < m.epoch) return {Code::refused, "epoch: the wallet of meter " + meter_.text() + " was initialised after " + order + ": it is over"};
    if (order_.count != m.count)
        return {Code::refused, "count: " + order + " has purchase count " + std::to_string(order_.count) + ", the newest of meter " + meter_.text() + " is " + std::to_string(m.count) + ": only the newest can be voided"};
    // A replacement carries it on: one of the two cards may be anywhere.
    const bool carried = order_.card.empty() ? !m.card.empty() && m.card_count == order_.count : order_.card != m.card;
    if (carried) return {Code::refused, "card: " + order + " was carried over to another card; put that in the meter"};
    if (m.last && m.last->count == order_.count && m.last->credited) return {Code::refused, "credited: meter " + meter_.text() + " has shown purchase count " + std::to_string(order_.count) + ": it has " + order};
    if (const auto& shown = meter_entry_->evidence.shown; shown && *shown >= order_.count)
        return {Code::refused, "credited: meter " + meter_.text() + " shows purchase count " + std::to_string(*shown)};
    if (meter_entry_->busy || meter_entry_->answering > 0) return {Code::busy, "another request for meter " + meter_.text() + " is under way; try again"};
    return {};
}

base::Result<model::Ask> VoidOrder::plan(const Caller& caller, Books& books, base::Millis now) {
    KMP_TRY(meter_, model::MeterNumber::assigned(request_.meter()));
    read_ = true;
    KMP_CHECK(find_order(caller, books, now));
    // Who may no longer sell to this meter may no longer take a sale back.
    KMP_CHECK(caller.covers(operation(), meter_));
    if (!order_.card.empty()) KMP_CHECK(caller.covers(Operation::card, meter_));
    KMP_TRY(meter_entry_, books.meters.find(meter_));
    KMP_CHECK(may_be_voided(books));
    missing_ = meter_entry_->evidence.missing(order_, meter_entry_->meter.wiped);
    if (missing_.empty()) {
        began_ = meter_entry_->busy = meter_entry_->voiding = true;
    } else if (meter_entry_->evidence.challenge.empty()) {
        meter_entry_->evidence.challenge = base::Secret::random(8).reveal([](base::ByteView drawn) { return std::string(base::as_text(drawn)); });
    }
    model::Ask ask;
    ask.operation = operation();
    ask.meter = meter_;
    if (!order_.card.empty()) ask.also = model::bit(Operation::card);
    return ask;
}

base::Result<Entry> VoidOrder::conclude(const Caller& caller, const suite::pb::HostReply*) {
    audit::Event event(missing_.empty() ? audit::EventType::order_voided : audit::EventType::void_begun);
    caller.describe(event);
    describe(event);
    if (!missing_.empty()) {
        event.text(Field::detail, missing_);
        return entry_of(std::move(event));
    }
    event.number(Field::count, order_.count).number(Field::grant_number, caller.grant().number).time(Field::made_at, order_.made).number(Field::order_index, order_.index);
    if (charged_ != caller.record().serial.text()) event.text(Field::charged, charged_);
    Entry entry = entry_of(std::move(event));
    entry.charge = policy::Charge{charged_, day_, month_, model::Fen(-order_.amount.value())};
    entry.effect = [key = key_](store::Transaction& t, const audit::Receipt&) { return policy::set_voided(t, key); };
    return entry;
}

wire::pb::StationReply VoidOrder::settle(Books& books, const audit::Receipt& receipt) {
    wire::pb::StationReply out;
    auto& v = *out.mutable_void_order();
    v.set_voided(missing_.empty());
    v.set_missing(missing_);
    fill(*v.mutable_receipt(), receipt);
    if (!missing_.empty()) {
        v.set_challenge(meter_entry_->evidence.challenge);
        return out;
    }
    if (auto charged = base::UkeySerial::parse(charged_)) books.spending[*charged].release({order_.amount, day_, month_, 0, 0});
    meter_entry_->meter.voided(order_);
    meter_entry_->evidence.voided();
    books.meters.changed(*meter_entry_);
    let_go();
    return out;
}

void VoidOrder::describe(audit::Event& event) const {
    MeterErrand::describe(event);
    if (named_) event.bytes(Field::order_id, order_.id.raw());
    if (!found_) return;
    describe_order(event, order_.kind, order_.customer, order_.amount, order_.card);
}

}  // namespace

policy::OrderDone order_of(const audit::Record& r, std::uint64_t index) {
    policy::OrderDone out;
    if (auto id = base::Uuid::from_bytes(r.bytes(Field::order_id))) out.id = *id;
    out.kind = audit::order_kind(r).value_or(OrderKind::recharge);
    out.amount = model::Fen(static_cast<std::int64_t>(r.number(Field::amount)));
    out.count = static_cast<std::uint32_t>(r.number(Field::count));
    if (auto customer = model::CustomerNumber::from_number(r.number(Field::customer))) out.customer = *customer;
    out.key_version = static_cast<model::KeyVersion>(r.number(Field::key_version));
    out.card = base::to_string(r.bytes(Field::card));
    out.index = index;
    out.made = static_cast<base::Millis>(r.number(Field::happened_at));
    return out;
}

std::unique_ptr<Errand> void_errand(const wire::pb::VoidOrder& request) { return std::make_unique<VoidOrder>(request); }

}  // namespace kmp::service
