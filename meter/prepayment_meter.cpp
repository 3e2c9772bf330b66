#include "meter/prepayment_meter.h"

#include <algorithm>

#include "meter/calendar.h"
#include "meter/fields_of_commands.h"

namespace meter {

using dlt645::ErrorBit;
using dlt645::Frame;
using dlt645::Function;
using dlt645::PayloadReader;
using dlt645::PayloadWriter;
namespace di = dlt645::di;

namespace {

constexpr std::uint8_t kSecuredAccess = 0x98;
constexpr std::size_t kAccessSize = 8;  // PA P0 P1 P2, C0..C3
constexpr std::size_t kOperatorSize = 4;
constexpr std::size_t kMacSize = 4;
constexpr std::uint64_t kPulsesToStore = 10;  // 0.1 kWh may be lost with the power
constexpr base::Millis kBroadcastReach = 5 * base::kMinute;
constexpr std::uint8_t kPulled = 0xFE;

bool is_all(base::ByteView bytes, std::uint8_t value) noexcept {
    return std::all_of(bytes.begin(), bytes.end(), [&](std::uint8_t b) { return b == value; });
}

std::array<std::uint8_t, 4> operator_in(base::ByteView access) noexcept {
    std::array<std::uint8_t, 4> out{};
    std::copy_n(access.begin() + 4, out.size(), out.begin());
    return out;
}

base::Bytes reversed(base::ByteView bytes) { return base::Bytes(bytes.rbegin(), bytes.rend()); }

}  // namespace

PrepaymentMeter::PrepaymentMeter(const dlt645::Address& number, Element& element, MeteringState state, Store store, const base::Clock& clock,
                                 const MeterSettings& settings, Trouble trouble)
    : number_(number), element_(element), state_(std::move(state)), store_(std::move(store)), clock_(clock),
      around_{settings.watts, settings.clock_offset}, trouble_(std::move(trouble)) {}

void PrepaymentMeter::start() {
    const Account account = element_.account();
    state_.cost = std::max(state_.cost, account.debited * kMicroYuanPerFen);  // an older copy of this file must not give energy away
    const bool ran = state_.source != 0;
    note_power_loss(state_, clock_.now(), around_, account);
    charge();
    follow_element();
    unsaved_events_ = ran;
    tick();
}

std::optional<Frame> PrepaymentMeter::answer(const Frame& request) {
    const Function function = request.control.function();
    if (request.control.code() != static_cast<std::uint8_t>(function)) return std::nullopt;
    if (request.address.is_broadcast()) {
        broadcast(request);
        return std::nullopt;
    }
    if (!request.address.matches(number_)) return std::nullopt;
    const bool reads = function == Function::read || function == Function::read_address;
    if (request.address.has_wildcard() && !reads) return std::nullopt;
    tick(function == Function::security);

    const auto plain = [&](Plain outcome) -> Frame {
        if (const auto* why = std::get_if<ErrorBit>(&outcome)) return {number_, request.control.error_reply(), {static_cast<std::uint8_t>(*why)}};
        return {number_, request.control.reply(), std::get<base::Bytes>(std::move(outcome))};
    };
    switch (function) {
        case Function::read_address:
            if (!request.data.empty()) return plain(ErrorBit::other);
            return plain(PayloadWriter().field(number_.bytes()).take());
        case Function::read: return plain(read(request.data));
        case Function::relay_control: return plain(relay_control(request.data));
        case Function::write: return plain(write(request.data));
        case Function::freeze: return plain(freeze(request.data));
        case Function::read_following: return plain(ErrorBit::no_such_data);
        case Function::security: {
            PayloadReader in(request.data);
            const auto id = in.identifier();
            const Element::Answer outcome = id ? security(*id, base::ByteView(request.data).subspan(4)) : Element::Answer(dlt645::SerrBit::other);
            if (const auto* why = std::get_if<dlt645::SerrBit>(&outcome))
                return Frame{number_, request.control.error_reply(), PayloadWriter().u16(static_cast<std::uint16_t>(*why)).take()};
            return Frame{number_, request.control.reply(), PayloadWriter().identifier(*id).in_order(std::get<base::Bytes>(outcome)).take()};
        }
        case Function::broadcast_time:
        case Function::write_address:
        case Function::change_baud_rate:
        case Function::change_password:
        case Function::clear_demand:
        case Function::clear_meter:
        case Function::clear_events: return plain(ErrorBit::not_authorised);
    }
    return plain(ErrorBit::other);
}

Element::Answer PrepaymentMeter::security(dlt645::DataIdentifier id, base::ByteView payload) {
    using dlt645::SerrBit;
    if (payload.size() < kOperatorSize) return SerrBit::other;
    const auto fields = request_fields(id, payload.subspan(kOperatorSize));
    if (!fields) return SerrBit::other;
    Element::Answer outcome = element_.security(id, *fields);
    if (std::holds_alternative<SerrBit>(outcome)) return outcome;
    follow_element();
    auto wire = answer_on_the_line(id, std::get<base::Bytes>(outcome));
    if (!wire) return SerrBit::mac_failed;  // the element answers what is no answer to this
    return std::move(*wire);
}

Element::Plain PrepaymentMeter::read(base::ByteView data) const {
    PayloadReader in(data);
    const auto id = in.identifier();
    if (!id || !in.end()) return ErrorBit::other;
    const Account account = element_.account();
    const MoneyParameters parameters = element_.parameters();
    const auto value = read_register(readings(account, parameters), *id);
    if (!value) return ErrorBit::no_such_data;
    return PayloadWriter().identifier(*id).in_order(*value).take();
}

Element::Plain PrepaymentMeter::relay_control(base::ByteView data) {
    if (data.size() < kAccessSize) return ErrorBit::other;
    const base::ByteView body = data.subspan(kAccessSize);
    Plain order = base::to_bytes(body);
    if (data[0] == kSecuredAccess) {
        if (body.size() != 16 + kMacSize) return ErrorBit::other;
        base::Bytes fields = reversed(body.first(16));
        const base::Bytes mac = reversed(body.last(kMacSize));
        fields.insert(fields.end(), mac.begin(), mac.end());
        order = element_.relay_order(fields);
    } else if (element_.account().keys.state != KeyState::factory || !is_all(data.subspan(1, 3), 0)) {
        // Without keys of their own a maker's bench needs the plain form; with them it would be a way round the MAC.
        return ErrorBit::not_authorised;
    }
    if (const auto* why = std::get_if<ErrorBit>(&order)) return *why;
    ErrorBit why = ErrorBit::other;
    if (!obey_order(std::get<base::Bytes>(order), operator_in(data), why)) return why;
    return base::Bytes();
}

bool PrepaymentMeter::obey_order(base::ByteView order, const Operator& who, ErrorBit& why) {
    MeteringState next = state_;
    if (const auto refused = obey(next.relay, order, local())) {
        why = *refused;
        return false;
    }
    const RelayPosition before = state_.relay.position;
    const RelayPosition after = next.relay.position;
    if (after != before) {
        const RelayEvent what = after == RelayPosition::open ? RelayEvent::tripped
                                : after == RelayPosition::closed ? RelayEvent::closed : RelayEvent::closing_allowed;
        note_relay(next, local(), what, next.relay.keep_power && !state_.relay.keep_power ? RelayCause::keep_power : RelayCause::command, who);
    }
    control_credit(next, element_.account(), element_.parameters(), local());  // keep-power that ends may leave no credit
    return commit(std::move(next));
}

Element::Plain PrepaymentMeter::write(base::ByteView data) {
    PayloadReader in(data);
    const auto id = in.identifier();
    const auto access = in.in_order(kAccessSize);
    if (!access || in.left() <= kMacSize) return ErrorBit::other;
    const base::ByteView body = data.subspan(4 + kAccessSize);
    base::Bytes fields = reversed(body.first(body.size() - kMacSize));
    const base::Bytes mac = reversed(body.last(kMacSize));
    fields.insert(fields.end(), mac.begin(), mac.end());
    tick(true);
    Plain plain = element_.write_parameter((*access)[0], *id, fields);
    if (std::holds_alternative<ErrorBit>(plain)) return plain;
    MeteringState next = state_;
    if (!read_money({}, 0, *id)) {
        const base::Bytes wire = reversed(std::get<base::Bytes>(plain));
        if (const auto why = write_register(next, *id, wire, state_.source, around_, element_.account())) return *why;
    }
    next.programming.add({local_time(next, around_, next.source), operator_in(*access), id->value()});
    control_credit(next, element_.account(), element_.parameters(), local());
    if (!commit(std::move(next))) return ErrorBit::other;
    return base::Bytes();
}

Element::Plain PrepaymentMeter::freeze(base::ByteView data) {
    if (data.size() != 4) return ErrorBit::other;  // mm hh DD MM
    MeteringState next = state_;
    if (is_all(data, 0x99)) {
        next.instant_freezes.add(freeze_now(next, local(), available(next, element_.account())));
    } else {
        constexpr std::array<std::uint64_t, 4> kHighest{12, 31, 23, 59};
        for (std::size_t i = 0; i < 4; ++i) {
            const auto number = from_bcd(data.subspan(3 - i, 1));
            if (!number || (*number != 99 && (*number > kHighest[i] || (i < 2 && *number == 0)))) return ErrorBit::other;
            next.freeze_at[i] = static_cast<std::uint8_t>(*number);
        }
    }
    if (!commit(std::move(next))) return ErrorBit::other;
    return base::Bytes();
}

void PrepaymentMeter::broadcast(const Frame& request) {
    tick();
    if (request.control.function() == Function::broadcast_time) broadcast_time(request.data);
    if (request.control.function() == Function::freeze) (void)freeze(request.data);  // nobody answers a broadcast
}

void PrepaymentMeter::broadcast_time(base::ByteView data) {
    const auto wanted = from_bcd_time(data);
    if (!wanted) return;
    const base::Millis away = *wanted - local();
    const base::Millis today = local() / base::kDay;
    if (away > kBroadcastReach || away < -kBroadcastReach || today == state_.broadcast_day) return;
    MeteringState next = state_;
    set_clock(next, *wanted, next.source, around_, element_.account());
    next.broadcast_day = today;
    (void)commit(std::move(next));
}

void PrepaymentMeter::tick(bool now) {
    const Account account = element_.account();
    MoneyParameters parameters = element_.parameters();
    if (tariffs_due_) switch_tariffs(parameters);
    if (ladder_due_) switch_ladder(parameters);
    const Passed passed = pass_time(state_, clock_.now(), around_, account, parameters);
    tariffs_due_ |= passed.tariffs_switched;
    ladder_due_ |= passed.ladder_switched;
    unsaved_pulses_ += passed.pulses;
    unsaved_events_ |= passed.events;
    const bool due = unsaved_events_ || unsaved_pulses_ >= kPulsesToStore || (now && unsaved_pulses_ > 0);
    if (due && save()) charge();
}

void PrepaymentMeter::charge() {
    if (cost_in_fen(state_) > element_.account().debited)
        if (auto done = element_.debit(cost_in_fen(state_)); !done && trouble_) trouble_(done.error());
    if (tariffs_due_ || ladder_due_) {
        const auto done = element_.switch_prices(tariffs_due_, ladder_due_);
        if (done) tariffs_due_ = ladder_due_ = false;
        if (!done && trouble_) trouble_(done.error());
    }
}

void PrepaymentMeter::follow_element() {
    const Account account = element_.account();
    bool changed = note_wallet(state_, account, local());
    changed |= control_credit(state_, account, element_.parameters(), local());
    if (!changed) return;
    unsaved_events_ = true;
    (void)save();  // tried again at the next tick; the money itself is safe in the element
}

Insertion PrepaymentMeter::insert(CardSlot& slot) {
    tick(true);
    const bool no_credit = available(state_, element_.account()) <= 0 && element_.account().wallet.open;
    const Insertion out = read_card(element_, slot, local());
    const std::uint8_t outcome = out.refusal && !out.credit ? static_cast<std::uint8_t>(0x10 + static_cast<unsigned>(*out.refusal))
                                 : out.pulled ? kPulled : out.known ? 1 : 0;
    state_.insertions.add({local(), out.serial, outcome});
    if (no_credit && out.credit) state_.inserted_at_zero = true;
    follow_element();
    unsaved_events_ = true;
    (void)save();
    return out;
}

bool PrepaymentMeter::press_button() {
    tick();
    if (state_.relay.position != RelayPosition::open_closing_allowed) return false;
    MeteringState next = state_;
    next.relay.position = RelayPosition::closed;
    note_relay(next, local(), RelayEvent::closed, RelayCause::button);
    return commit(std::move(next));
}

void PrepaymentMeter::set_load(std::uint32_t watts) {
    tick();
    around_.watts = watts;
}

void PrepaymentMeter::fail_phase(std::size_t phase, bool failed) {
    tick();
    state_.phase_failed.at(phase) = failed;
    (void)save();
}

Readings PrepaymentMeter::readings(const Account& account, const MoneyParameters& parameters) const {
    return {state_, account, parameters, around_, number_, local()};
}

Report PrepaymentMeter::report() const {
    const Account account = element_.account();
    return {account.key_count == kHighGradeKeys, number_, account, element_.parameters(), state_, around_, local()};
}

bool PrepaymentMeter::save() {
    if (auto saved = store_(state_); !saved) {
        if (trouble_) trouble_(saved.error());
        return false;
    }
    unsaved_events_ = false;
    unsaved_pulses_ = 0;
    return true;
}

bool PrepaymentMeter::commit(MeteringState next) {
    std::swap(state_, next);
    if (save()) return true;
    std::swap(state_, next);
    return false;
}

}  // namespace meter
