#include "kmp/service/errands/order.h"

#include "kmp/service/keys_held.h"
#include "kmp/suite/card_requests.h"

namespace kmp::service {
namespace {

using audit::Field;
using base::Code;
using model::Operation;
using model::OrderKind;

/// What charges a grant, takes a purchase count, and must never do so twice: sent to a meter, or carried by a charging card.
class Order final : public Errand {
public:
    explicit Order(const wire::pb::Order& request) : request_(request) {}

    base::Result<model::Ask> plan(const Caller& caller, Books& books, base::Millis now) override;
    base::Status permitted(const Caller& caller, Books& books, base::Millis now) override;
    std::optional<suite::pb::HostRequest> request() const override {
        if (!by_card()) return suite::order(keys_, {content_.kind, content_.amount, count_, content_.customer, r2_});
        const base::ByteView challenge = base::as_bytes(request_.card().challenge());
        if (is_wallet()) return suite::update_card({keys_, serial_}, suite::kWalletFile, 0, file_, challenge);
        return suite::purchase({keys_, serial_}, {file_, carries_, count_, tariffs_now_, tariffs_to_come_}, challenge);
    }
    base::Result<Entry> conclude(const Caller& caller, const suite::pb::HostReply* reply) override;
    wire::pb::StationReply settle(Books& books, const audit::Receipt& receipt) override;
    void abandon(Books& books) override;
    void describe(audit::Event& event) const override;
    Operation operation() const override { return model::operation_of(content_.kind); }
    bool is_order() const override { return true; }

private:
    base::Status read(const Caller& caller);
    base::Status read_amount();
    base::Status read_card();
    bool by_card() const noexcept { return request_.has_card(); }
    bool is_wallet() const noexcept { return request_.card().file() == wire::pb::CardTarget::WALLET; }
    model::Ask ask() const;
    base::Status repeat(const Caller& caller, Books& books);
    base::Status allocate(const Caller& caller, Books& books);
    base::Status choose_keys(const Caller& caller, Books& books, model::KeyVersion set);
    void make_file();
    policy::OrderDone done(std::uint64_t index) const;

    wire::pb::Order request_;
    policy::OrderContent content_;
    std::array<std::uint8_t, 4> r2_{};
    suite::CardSerial serial_{};
    suite::CardParameters parameters_;
    base::Bytes file_;       ///< what the card is to hold, without the MAC of the purchase
    base::Bytes tariffs_now_, tariffs_to_come_;  ///< whole files that the purchase covers
    std::string sealed_;     ///< the file as the token made it ready
    model::Fen carries_;     ///< the amount that the meter is to take
    base::Digest hash_{};
    base::Millis permitted_ = 0;
    bool read_ = false;
    bool repeated_ = false;
    bool began_ = false;
    bool answering_ = false;
    std::optional<policy::Velocity::Booking> pace_;
    policy::OrderRecord earlier_;
    policy::MeterBook::Entry* meter_ = nullptr;
    std::uint32_t count_ = 0;
    suite::MeterKeys keys_;
    std::string mac1_, mac2_;
};

base::Status Order::read(const Caller& caller) {
    const auto kind = model::order_kind_from(static_cast<std::uint64_t>(request_.kind()));
    // Whatever is asked, a refusal names some operation.
    content_.kind = kind ? *kind : OrderKind::recharge;
    auto id = base::Uuid::from_bytes(base::as_bytes(request_.order_id()));
    if (!id) return {Code::invalid_argument, "order_id: " + id.error().message};
    content_.id = *id;
    content_.station = caller.station();
    if (!kind) return {Code::invalid_argument, "kind: an order is OPEN_ACCOUNT, RECHARGE, INITIALISE_WALLET, REFUND, CLEAR or REPLACE_CARD"};
    KMP_TRY(content_.meter, model::MeterNumber::assigned(request_.meter()));
    if (content_.kind == OrderKind::initialise_wallet) {
        if (request_.customer() != 0) return {Code::invalid_argument, "customer: a new wallet has none, 0"};
    } else {
        KMP_TRY(content_.customer, model::CustomerNumber::assigned(request_.customer()));
    }
    KMP_CHECK(read_amount());
    if (by_card()) {
        KMP_CHECK(read_card());
    } else {
        if (content_.kind == OrderKind::replace_card) return {Code::invalid_argument, "card: a replacement is for a card; name it"};
        KMP_CHECK(check_size(request_.r2(), 4, "r2"));
        std::copy(request_.r2().begin(), request_.r2().end(), r2_.begin());
    }
    hash_ = content_.hash();
    read_ = true;
    return {};
}

base::Status Order::read_amount() {
    content_.amount = model::Fen(request_.amount_fen());
    if (content_.amount < model::Fen(0) || content_.amount > model::kMaxOrderAmount)
        return {Code::invalid_argument, "amount: an order carries 0.00 to " + model::kMaxOrderAmount.yuan() + " yuan"};
    const bool nothing = content_.amount == model::Fen(0);
    if (content_.kind == OrderKind::recharge && nothing) return {Code::invalid_argument, "amount: a recharge of nothing"};
    if (content_.kind == OrderKind::refund && nothing) return {Code::invalid_argument, "amount: a refund of nothing"};
    if (content_.kind == OrderKind::replace_card && !nothing) return {Code::invalid_argument, "amount: a replaced card sells nothing, 0"};
    carries_ = content_.amount;
    return {};
}

base::Status Order::read_card() {
    const wire::pb::CardTarget& card = request_.card();
    if (!model::fits_a_card(content_.kind))
        return {Code::invalid_argument, "card: an account is opened, recharged and a card replaced by card; the rest is sent to the meter"};
    if (!request_.r2().empty()) return {Code::invalid_argument, "r2: empty for a card"};
    KMP_CHECK(check_size(card.serial(), 8, "card.serial"));
    KMP_CHECK(check_size(card.challenge(), 4, "card.challenge"));
    if (card.file() != wire::pb::CardTarget::PARAMETERS && card.file() != wire::pb::CardTarget::WALLET) return {Code::invalid_argument, "card.file: PARAMETERS or WALLET"};
    content_.card = card.serial();
    std::copy(card.serial().begin(), card.serial().end(), serial_.begin());
    if (is_wallet()) {
        if (card.has_parameters()) return {Code::invalid_argument, "card.parameters: for file PARAMETERS only"};
        if (!card.tariffs_now().empty() || !card.tariffs_to_come().empty()) return {Code::invalid_argument, "card.tariffs: for file PARAMETERS only"};
        return {};
    }
    const wire::pb::CardParameters& p = card.parameters();
    if (p.update_flag() > 0xFF) return {Code::invalid_argument, "parameters: update_flag is one byte"};
    parameters_.update_flag = static_cast<std::uint8_t>(p.update_flag());
    if (!p.tariff_switch().empty()) {
        KMP_CHECK(check_size(p.tariff_switch(), 5, "parameters.tariff_switch"));
        std::copy(p.tariff_switch().begin(), p.tariff_switch().end(), parameters_.tariff_switch.emplace().begin());
    }
    parameters_.alarm1 = model::Fen(p.alarm1_fen());
    parameters_.alarm2 = model::Fen(p.alarm2_fen());
    parameters_.current_ratio = p.current_ratio();
    parameters_.voltage_ratio = p.voltage_ratio();
    parameters_.meter = content_.meter;
    parameters_.customer = content_.customer;
    parameters_.kind = content_.kind;
    KMP_CHECK(suite::check(parameters_));
    tariffs_now_ = base::to_bytes(base::as_bytes(card.tariffs_now()));
    tariffs_to_come_ = base::to_bytes(base::as_bytes(card.tariffs_to_come()));
    return suite::check_tariff_files(parameters_.update_flag, tariffs_now_, tariffs_to_come_);
}

model::Ask Order::ask() const {
    model::Ask out;
    out.operation = operation();
    out.classes = suite::classes_for(operation());
    if (by_card()) {
        // The purchase is proved to the meter by the credit key, and written under the card's.
        out.classes = model::class_bit(model::KeyClass::credit) | model::class_bit(model::KeyClass::card);
        out.also = model::bit(Operation::card);
    }
    out.meter = content_.meter;
    out.order = true;
    out.carries = carries_;
    return out;
}

base::Status Order::allocate(const Caller& caller, Books& books) {
    KMP_TRY(meter_, books.meters.find(content_.meter));
    const policy::Meter& m = meter_->meter;
    if (meter_->busy) return {Code::busy, "another order for meter " + content_.meter.text() + " is under way; try again"};
    if (content_.kind == OrderKind::initialise_wallet && m.keyed) {
        // A newer set may go on with the credit key that it had: what was sold under it would be credited once more.
        const suite::KeySets& sets = books.key_sets;
        const bool fresh = sets.has(m.held) && sets.master_of(model::KeyClass::credit, sets.newest()) > sets.master_of(model::KeyClass::credit, m.held);
        if (m.held != 0 && !fresh)
            return {Code::refused, "keys: the newest keys of class credit are those that meter " + content_.meter.text() + " has had: its wallet may begin anew only when it gets newer ones; rotate them first: 'kmpctl keys rotate'"};
    }
    KMP_CHECK(m.may_order(content_.kind, content_.customer, content_.card, books.key_sets.newest(), permitted_));
    if (model::gives_back(content_.kind)) KMP_CHECK(m.may_give_back(content_.amount));
    // A card is worth something with its wallet: whatever else it says must be written before.
    if (by_card() && is_wallet()) return {Code::refused, "card: the wallet is written last; ask for the parameters file of this order first"};
    count_ = m.next_count(content_.kind);
    if (content_.kind == OrderKind::replace_card) carries_ = m.carried_over();
    // A meter that we know nothing of has got the newest keys, or those that its station's UKEY was given last.
    return choose_keys(caller, books, m.version != 0 ? m.version : newest_usable(caller.record(), books.key_sets, served_classes(caller.record())));
}

/// An unusual burst of sales holds the station from this order on. Refunds bring money in; a replaced card carries none.
base::Status Order::permitted(const Caller& caller, Books& books, base::Millis now) {
    if (repeated_ || !model::is_sale(content_.kind)) return {};
    policy::Velocity::Judged judged = books.velocity.admit(content_.station, content_.amount, now);
    pace_ = std::move(judged.booking);
    if (!judged.fresh) return judged.answer;
    // It is held at once, and durably before this refusal leaves: the writer keeps the order of what it is given.
    audit::Event event(audit::EventType::station_held);
    caller.describe(event);
    event.number(Field::count, judged.fresh->orders).number(Field::amount, static_cast<std::uint64_t>(judged.fresh->amount.value()));
    event.number(Field::minutes, static_cast<std::uint64_t>(judged.fresh->window / base::kMinute));
    Entry entry = entry_of(std::move(event));
    entry.effect = [hold = *judged.fresh](store::Transaction& t, const audit::Receipt&) { return policy::put_hold(t, hold); };
    books.writer->submit(std::move(entry));
    return judged.answer;
}

/// Answered before: the same count under the new R2 or challenge, free of charge.
base::Status Order::repeat(const Caller& caller, Books& books) {
    repeated_ = true;
    count_ = earlier_.count;
    KMP_TRY(meter_, books.meters.find(content_.meter));
    const policy::Meter& m = meter_->meter;
    const std::string order = "order " + content_.id.text();
    if (earlier_.voided) return {Code::refused, "void: " + order + " was voided, for its meter never credited it; make a new order"};
    if (meter_->voiding) return {Code::busy, order + " is being voided; try again"};
    // Its wallet has begun anew since: the same count would be credited once more.
    if (earlier_.index < m.epoch) return {Code::refused, "epoch: the wallet of meter " + content_.meter.text() + " was initialised after " + order + "; make a new order"};
    if (content_.kind == OrderKind::initialise_wallet && m.state == model::KeyState::production)
        return {Code::refused, "keys: meter " + content_.meter.text() + " has got private keys since " + order};
    if (content_.kind == OrderKind::replace_card) {
        // What it carries is the newest purchase: once there is a later one, or another card, this card has nothing to say to the meter.
        if (m.count != count_ || m.card != content_.card) return {Code::refused, "count: meter " + content_.meter.text() + " has had another order or card since " + order + "; make a new one"};
        carries_ = m.carried_over();
    }
    // Under the keys that the meter holds now: it may have got newer ones since.
    KMP_CHECK(choose_keys(caller, books, m.version != 0 ? m.version : earlier_.key_version));
    return by_card() ? base::Status() : meter_->pace.take(content_.meter, permitted_);
}

base::Status Order::choose_keys(const Caller& caller, Books& books, model::KeyVersion set) {
    if (content_.kind == OrderKind::initialise_wallet) {
        if (caller.record().kind != model::UkeyKind::key)
            return {Code::refused, "class: only a key UKEY holds the factory keys of meters; UKEY " + caller.record().serial.text() + " is a " + std::string(model::name(caller.record().kind)) + " UKEY"};
        keys_ = suite::factory_keys(content_.meter);
        return {};
    }
    KMP_TRY(keys_, private_keys(caller.record(), books.key_sets, set, ask().classes, content_.meter));
    return {};
}

void Order::make_file() {
    if (by_card()) file_ = is_wallet() ? suite::wallet_file(carries_, count_) : suite::parameters_file(parameters_);
}

base::Result<model::Ask> Order::plan(const Caller& caller, Books& books, base::Millis now) {
    permitted_ = now;
    KMP_CHECK(read(caller));
    const policy::OrderKey key{content_.station, content_.id};
    // Before the books are looked at: a refusal must not tell about meters that this grant has nothing to do with.
    KMP_CHECK(caller.covers(operation(), content_.meter));
    if (by_card()) KMP_CHECK(caller.covers(Operation::card, content_.meter));
    KMP_TRY(const auto found, books.orders.find(key, now));
    switch (found.finding) {
        case policy::OrderBook::Finding::pending:
            return {Code::busy, "order " + content_.id.text() + " is under way; ask again for its answer"};
        case policy::OrderBook::Finding::done:
            if (found.record.content != hash_)
                return {Code::conflict, "order_id: order " + content_.id.text() + " was made before with other content; a new sale needs a new id"};
            earlier_ = found.record;
            KMP_CHECK(repeat(caller, books));
            make_file();
            ++meter_->answering;
            answering_ = true;
            return ask();
        case policy::OrderBook::Finding::fresh: break;
    }
    KMP_CHECK(allocate(caller, books));
    make_file();
    meter_->busy = true;
    books.orders.begin(key);
    began_ = true;
    model::Ask out = ask();
    out.amount = content_.amount;
    out.orders = 1;
    return out;
}

base::Result<Entry> Order::conclude(const Caller& caller, const suite::pb::HostReply* reply) {
    if (reply == nullptr) return odd_answer(caller);
    if (by_card()) {
        sealed_ = is_wallet() ? base::to_string(file_) : reply->card_purchase().parameters();
        mac1_ = is_wallet() ? reply->card_update().mac() : reply->card_purchase().mac();
        if (mac1_.size() != 4 || sealed_.size() != file_.size()) return odd_answer(caller);
    } else {
        if (!reply->has_order_mac() || reply->order_mac().mac1().size() != 4 || reply->order_mac().mac2().size() != 4) return odd_answer(caller);
        mac1_ = reply->order_mac().mac1();
        mac2_ = reply->order_mac().mac2();
    }
    audit::Event event(repeated_ ? audit::EventType::order_repeated : audit::EventType::order);
    caller.describe(event);
    describe(event);
    event.number(Field::count, count_).bytes(Field::content_hash, hash_).number(Field::grant_number, caller.grant().number);
    if (by_card()) {
        event.number(Field::file, request_.card().file()).bytes(Field::data, file_);
        if (!tariffs_now_.empty()) event.bytes(Field::tariffs_now, tariffs_now_);
        if (!tariffs_to_come_.empty()) event.bytes(Field::tariffs_to_come, tariffs_to_come_);
    } else {
        event.bytes(Field::r2, r2_);
    }
    event.number(Field::key_version, keys_.version);
    // The charge belongs to the day of the permit, which may have ended by the time of recording.
    event.time(Field::happened_at, permitted_);
    Entry entry = entry_of(std::move(event));
    if (repeated_) {
        entry.effect = [key = policy::OrderKey{content_.station, content_.id}](store::Transaction& t, const audit::Receipt&) { return policy::count_answer(t, key); };
    } else {
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

policy::OrderDone Order::done(std::uint64_t index) const {
    return {content_.id, content_.kind, content_.amount, count_, content_.customer, keys_.version, content_.card, index, permitted_};
}

wire::pb::StationReply Order::settle(Books& books, const audit::Receipt& receipt) {
    wire::pb::StationReply out;
    auto& o = *out.mutable_order();
    o.set_order_id(request_.order_id());
    o.set_purchase_count(count_);
    if (by_card()) {
        o.set_card_data(sealed_);
        o.set_card_mac(mac1_);
    } else {
        o.set_mac1(mac1_);
        o.set_mac2(mac2_);
    }
    o.set_repeated(repeated_);
    fill(*o.mutable_receipt(), receipt);
    // What a station keeps is the charge, also when its answer was lost the first time.
    fill(*o.mutable_charge(), repeated_ ? audit::Receipt{earlier_.index, earlier_.leaf} : receipt);
    // With this answer the meter can be brought to credit it: nothing that was shown before says that it never will.
    meter_->evidence = {};
    if (answering_) --meter_->answering;
    if (repeated_) return out;
    books.orders.finish({content_.station, content_.id});
    meter_->meter.ordered(done(receipt.index));
    meter_->busy = false;
    books.meters.changed(*meter_);
    return out;
}

void Order::abandon(Books& books) {
    if (answering_) --meter_->answering;
    if (pace_) books.velocity.release(*pace_);
    if (!began_) return;
    books.orders.forget({content_.station, content_.id});
    meter_->busy = false;
}

void Order::describe(audit::Event& event) const {
    event.value(Field::operation, operation());
    if (!read_) return;
    event.bytes(Field::order_id, content_.id.raw()).number(Field::meter, content_.meter.number());
    describe_order(event, content_.kind, content_.customer, content_.amount, content_.card);
}

}  // namespace

void describe_order(audit::Event& event, OrderKind kind, model::CustomerNumber customer, model::Fen amount, std::string_view card) {
    const Operation operation = model::operation_of(kind);
    event.number(Field::customer, customer.number()).number(Field::amount, static_cast<std::uint64_t>(amount.value()));
    if (!model::is_order(operation) || model::order_kind_of(operation) != kind) event.value(Field::order_kind, kind);
    if (!card.empty()) event.value(Field::channel, audit::Channel::card).bytes(Field::card, base::as_bytes(card));
}

std::unique_ptr<Errand> order_errand(const wire::pb::Order& order) { return std::make_unique<Order>(order); }

}  // namespace kmp::service
