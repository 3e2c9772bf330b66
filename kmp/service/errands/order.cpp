#include "kmp/service/errand.h"
#include "kmp/service/keys_held.h"

namespace kmp::service {
namespace {

using audit::Field;
using base::Code;
using model::Operation;

/// Open account and recharge: what charges a grant, takes a purchase count, and must never do so twice.
class Order final : public Errand {
public:
    explicit Order(const wire::pb::Order& request) : request_(request) {}

    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis now) override;
    std::optional<suite::pb::HostRequest> request() const override {
        return suite::order(keys_, {content_.kind, content_.amount, count_, content_.customer, r2_});
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override;
    wire::pb::StationReply settle(Books& books, const audit::Receipt& receipt) override;
    void abandon(Books& books) override;
    void describe(audit::Event& event) const override;
    Operation operation() const override { return content_.kind; }

private:
    base::Status read(const Caller& caller);
    base::Status allocate(const Caller& caller, Books& books);
    base::Status choose_keys(const Caller& caller, Books& books, model::KeyVersion set);

    wire::pb::Order request_;
    policy::OrderContent content_;
    std::array<std::uint8_t, 4> r2_{};
    base::Digest hash_{};
    base::Millis permitted_ = 0;
    bool read_ = false;
    bool repeated_ = false;
    bool began_ = false;
    policy::OrderRecord earlier_;
    policy::MeterBook::Entry* meter_ = nullptr;
    std::uint32_t count_ = 0;
    suite::MeterKeys keys_;
    std::string mac1_, mac2_;
};

base::Status Order::read(const Caller& caller) {
    content_.kind = request_.kind() == wire::pb::OPEN_ACCOUNT ? Operation::open_account : Operation::recharge;
    auto id = base::Uuid::from_bytes(base::as_bytes(request_.order_id()));
    if (!id) return {Code::invalid_argument, "order_id: " + id.error().message};
    content_.id = *id;
    content_.station = caller.station();
    if (request_.kind() != wire::pb::OPEN_ACCOUNT && request_.kind() != wire::pb::RECHARGE)
        return {Code::invalid_argument, "an order is OPEN_ACCOUNT or RECHARGE"};
    KMP_TRY(content_.meter, model::MeterNumber::assigned(request_.meter()));
    KMP_TRY(content_.customer, model::CustomerNumber::assigned(request_.customer()));
    content_.amount = model::Fen(request_.amount_fen());
    if (content_.amount < model::Fen(0) || content_.amount > model::kMaxOrderAmount)
        return {Code::invalid_argument, "amount: an order carries 0.00 to " + model::kMaxOrderAmount.yuan() + " yuan"};
    if (content_.kind == Operation::recharge && content_.amount == model::Fen(0)) return {Code::invalid_argument, "amount: a recharge of nothing"};
    KMP_CHECK(check_size(request_.r2(), 4, "r2"));
    std::copy(request_.r2().begin(), request_.r2().end(), r2_.begin());
    hash_ = content_.hash();
    read_ = true;
    return {};
}

base::Status Order::allocate(const Caller& caller, Books& books) {
    KMP_TRY(meter_, books.meters.find(content_.meter));
    const policy::Meter& m = meter_->meter;
    if (meter_->busy) return {Code::busy, "another order for meter " + content_.meter.text() + " is under way; try again"};
    if (content_.kind == Operation::open_account && m.opened)
        return {Code::refused, "account: meter " + content_.meter.text() + " has an account already; recharge it"};
    if (content_.kind == Operation::recharge && !m.opened)
        return {Code::refused, "account: meter " + content_.meter.text() + " has no account here yet; open one first"};
    if (content_.kind == Operation::recharge && m.customer != content_.customer)
        return {Code::refused, "account: meter " + content_.meter.text() + " belongs to another customer number"};
    if (m.known && m.state == model::KeyState::factory)
        return {Code::refused, "keys: meter " + content_.meter.text() + " was put back to its factory keys; download its keys first"};
    if (m.count == UINT32_MAX) return {Code::refused, "count: meter " + content_.meter.text() + " has used up its purchase counts"};
    count_ = m.count + 1;
    // A meter that we know nothing of has got the newest keys, or those that its station's UKEY was given last.
    return choose_keys(caller, books, m.version != 0 ? m.version : newest_usable(caller.record(), books.key_sets, served_classes(caller.record())));
}

base::Status Order::choose_keys(const Caller& caller, Books& books, model::KeyVersion set) {
    KMP_TRY(keys_, private_keys(caller.record(), books.key_sets, set, suite::classes_for(content_.kind), content_.meter));
    return {};
}

base::Result<model::Ask> Order::plan(const Caller& caller, Books& books, base::Millis now) {
    permitted_ = now;
    KMP_CHECK(read(caller));
    model::Ask ask;
    ask.operation = content_.kind;
    ask.classes = suite::classes_for(content_.kind);
    ask.meter = content_.meter;
    const policy::OrderKey key{content_.station, content_.id};
    // Before the books are looked at: a refusal must not tell about meters that this grant has nothing to do with.
    KMP_CHECK(caller.covers(content_.kind, content_.meter));
    KMP_TRY(const auto found, books.orders.find(key, now));
    switch (found.finding) {
        case policy::OrderBook::Finding::pending:
            return {Code::busy, "order " + content_.id.text() + " is under way; ask again for its answer"};
        case policy::OrderBook::Finding::done: {
            if (found.record.content != hash_)
                return {Code::conflict, "order_id: order " + content_.id.text() + " was made before with other content; a new sale needs a new id"};
            // Answered before: the same count under the new R2, free of charge.
            repeated_ = true;
            earlier_ = found.record;
            count_ = found.record.count;
            KMP_TRY(meter_, books.meters.find(content_.meter));
            // Under the keys that the meter holds now: it may have got newer ones since.
            KMP_CHECK(choose_keys(caller, books, meter_->meter.version != 0 ? meter_->meter.version : found.record.key_version));
            return ask;
        }
        case policy::OrderBook::Finding::fresh: break;
    }
    KMP_CHECK(allocate(caller, books));
    meter_->busy = true;
    books.orders.begin(key);
    began_ = true;
    ask.amount = content_.amount;
    ask.orders = 1;
    return ask;
}

base::Result<Entry> Order::conclude(const Caller& caller, const suite::pb::HostReply* reply) {
    if (reply == nullptr || !reply->has_order_mac() || reply->order_mac().mac1().size() != 4 || reply->order_mac().mac2().size() != 4)
        return {Code::token_failed, "UKEY " + caller.record().serial.text() + " answered an order with something else"};
    mac1_ = reply->order_mac().mac1();
    mac2_ = reply->order_mac().mac2();
    audit::Event event(repeated_ ? audit::EventType::order_repeated : audit::EventType::order);
    caller.describe(event);
    describe(event);
    event.number(Field::count, count_).bytes(Field::content_hash, hash_).number(Field::grant_number, caller.grant().number);
    event.bytes(Field::r2, r2_).number(Field::key_version, keys_.version);
    // The charge belongs to the day of the permit, which may have ended by the time of recording.
    event.time(Field::happened_at, permitted_);
    Entry entry;
    entry.events.push_back(std::move(event));
    if (!repeated_) {
        policy::OrderRow row;
        row.key = {content_.station, content_.id};
        row.record.content = hash_;
        row.record.count = count_;
        row.record.key_version = keys_.version;
        entry.order = row;
        // The day and month of the charge are filled in by the walk, from the booking.
        entry.charge = policy::Charge{caller.record().serial.text(), 0, 0, content_.amount};
    }
    return entry;
}

wire::pb::StationReply Order::settle(Books& books, const audit::Receipt& receipt) {
    wire::pb::StationReply out;
    auto& o = *out.mutable_order();
    o.set_order_id(request_.order_id());
    o.set_purchase_count(count_);
    o.set_mac1(mac1_);
    o.set_mac2(mac2_);
    o.set_repeated(repeated_);
    fill(*o.mutable_receipt(), receipt);
    if (repeated_) return out;
    books.orders.finish({content_.station, content_.id});
    policy::Meter& m = meter_->meter;
    m.known = true;
    m.state = model::KeyState::production;
    m.version = keys_.version;
    m.count = count_;
    m.customer = content_.customer;
    m.opened = true;
    m.keyed = true;
    meter_->busy = false;
    books.meters.changed(*meter_);
    return out;
}

void Order::abandon(Books& books) {
    if (!began_) return;
    books.orders.forget({content_.station, content_.id});
    meter_->busy = false;
}

void Order::describe(audit::Event& event) const {
    event.value(Field::operation, content_.kind);
    if (!read_) return;
    event.bytes(Field::order_id, content_.id.raw()).number(Field::meter, content_.meter.number());
    event.number(Field::customer, content_.customer.number()).number(Field::amount, static_cast<std::uint64_t>(content_.amount.value()));
}

}  // namespace

std::unique_ptr<Errand> order_errand(const wire::pb::Order& order) { return std::make_unique<Order>(order); }

}  // namespace kmp::service
