// The charging card's side of the security core. source: SUITE.md 5.5
#include <algorithm>

#include "meter/card_files.h"
#include "meter/security_core.h"

namespace meter {

using card_files::kFlagLadderNow;
using card_files::kFlagLadderToCome;
using card_files::kFlagParameters;
using card_files::kFlagTariffsNow;
using card_files::kFlagTariffsToCome;

namespace {

constexpr suite::Command kInternal{0x00, 0x88, 0x00, 0x01};
constexpr suite::Command kExternal{0x00, 0x82, 0x00, 0x02};
constexpr suite::Command kWriteBackCommand{0x04, 0xD6, 0x80 | card_files::kWriteBack, 0x00};
constexpr suite::Command kPurchaseCommand{0x04, 0xD6, 0x80 | card_files::kParameters, 0x00};
constexpr std::size_t kRandom = 8;
constexpr std::uint8_t kShortId = 0x80;

base::Bytes draw() {
    return base::Secret::random(kRandom).reveal([](base::ByteView drawn) { return base::to_bytes(drawn); });
}

CardRefusal as_card_refusal(dlt645::SerrBit why) noexcept {
    switch (why) {
        case dlt645::SerrBit::wrong_customer: return CardRefusal::customer;
        case dlt645::SerrBit::over_hoarding_limit: return CardRefusal::over_limit;
        case dlt645::SerrBit::wrong_count:
        case dlt645::SerrBit::repeated_recharge: return CardRefusal::count;
        case dlt645::SerrBit::other:
        case dlt645::SerrBit::mac_failed:
        case dlt645::SerrBit::authentication_failed: break;
    }
    return CardRefusal::out_of_order;
}

/// Takes over what the card's flags say. False when a file that they name is not a whole one.
bool take_parameters(MoneyParameters& to, const card_files::Parameters& from, const std::map<std::uint8_t, base::Bytes>& files) {
    const auto prices = [&](std::uint8_t id) {
        const auto found = files.find(id);
        return card_files::parse_tariffs(found == files.end() ? base::ByteView() : base::ByteView(found->second), id);
    };
    if (from.flags & kFlagParameters) {
        to.alarm1 = from.alarm1;
        to.alarm2 = from.alarm2;
        to.current_ratio = from.current_ratio;
        to.voltage_ratio = from.voltage_ratio;
    }
    const auto copy = [](Prices& into, const Prices& out_of, bool tariffs, bool ladder) {
        if (tariffs && out_of.tariffs == 0) return false;
        if (tariffs) into.tariffs = out_of.tariffs, into.price = out_of.price;
        if (ladder) into.steps = out_of.steps, into.limit = out_of.limit, into.step_price = out_of.step_price;
        return true;
    };
    const bool now_tariffs = from.flags & kFlagTariffsNow, now_ladder = from.flags & kFlagLadderNow;
    const bool later_tariffs = from.flags & kFlagTariffsToCome, later_ladder = from.flags & kFlagLadderToCome;
    if (now_tariffs || now_ladder) {
        const auto read = prices(card_files::kTariffsNow);
        if (!read || !copy(to.current, *read, now_tariffs, now_ladder)) return false;
    }
    if (later_tariffs || later_ladder) {
        const auto read = prices(card_files::kTariffsToCome);
        if (!read || !copy(to.backup, *read, later_tariffs, later_ladder)) return false;
        if (later_tariffs) to.tariff_switch = from.switch_time;
        if (later_ladder) to.ladder_switch = from.switch_time;
    }
    return true;
}

/// `former` gives way to `card`. False: `card` gave way itself since the last purchase, or too many have.
bool retire(RetiredCards& retired, const suite::Factor& former, const suite::Factor& card) {
    if (std::find(retired.begin(), retired.end(), card) != retired.end()) return false;
    if (former == suite::Factor{}) return true;
    const auto place = std::find(retired.begin(), retired.end(), suite::Factor{});
    if (place == retired.end()) return false;
    *place = former;
    return true;
}

}  // namespace

std::string_view name(CardRefusal refusal) noexcept {
    switch (refusal) {
        case CardRefusal::out_of_order: return "a step is missing";
        case CardRefusal::authentication: return "card and meter do not know each other";
        case CardRefusal::mac: return "a file's MAC is wrong";
        case CardRefusal::wrapper: return "a file is broken";
        case CardRefusal::write_back: return "the write-back is not empty";
        case CardRefusal::meter: return "it is another meter's card";
        case CardRefusal::customer: return "it is another customer's card";
        case CardRefusal::serial: return "it is not the card that the meter knows";
        case CardRefusal::count: return "wrong purchase count";
        case CardRefusal::over_limit: return "over the hoarding limit";
        case CardRefusal::account: return "the account is open already, or not open yet";
        case CardRefusal::factory_keys: return "the meter has its factory keys";
        case CardRefusal::purchase: return "the platform did not sell what it holds";
        case CardRefusal::not_stored: return "the credit could not be stored";
    }
    return "unknown";
}

Element::Card SecurityCore::refuse_card(CardRefusal why) {
    insertion_.reset();
    if (why == CardRefusal::out_of_order || why == CardRefusal::not_stored) return why;
    SecurityState next = state_.duplicate();
    ++next.illegal_insertions;
    (void)commit(std::move(next));  // a count that is lost credits nothing
    return why;
}

void SecurityCore::card_refused() { (void)refuse_card(CardRefusal::authentication); }

Element::Card SecurityCore::card_begin(base::ByteView serial) {
    insertion_.reset();
    suite::Factor factor{};
    if (serial.size() != factor.size()) return CardRefusal::out_of_order;
    if (state_.keys.name().state != KeyState::private_keys) return refuse_card(CardRefusal::factory_keys);
    std::copy(serial.begin(), serial.end(), factor.begin());
    Insertion fresh;
    fresh.serial = factor;
    fresh.internal = suite::card_key(state_.keys, suite::CardUsage::internal_authentication, factor);
    fresh.external = suite::card_key(state_.keys, suite::CardUsage::external_authentication, factor);
    fresh.messaging = suite::card_key(state_.keys, suite::CardUsage::messaging, factor);
    fresh.random = draw();
    insertion_ = std::move(fresh);
    return insertion_->random;
}

Element::Card SecurityCore::card_internal(base::ByteView answer) {
    if (!insertion_ || insertion_->step != Insertion::Step::begun) return refuse_card(CardRefusal::out_of_order);
    const base::Bytes expected = suite::make_mac(insertion_->internal, {suite::Direction::from_meter, kInternal, 0, insertion_->random, {}}, 8);
    if (!base::equal_constant_time(expected, answer)) return refuse_card(CardRefusal::authentication);
    insertion_->step = Insertion::Step::known;
    insertion_->random.clear();
    return base::Bytes();
}

Element::Card SecurityCore::card_external(base::ByteView challenge) {
    if (!insertion_ || insertion_->step != Insertion::Step::known || challenge.size() != 8) return refuse_card(CardRefusal::out_of_order);
    insertion_->step = Insertion::Step::proven;
    return suite::make_mac(insertion_->external, {suite::Direction::to_meter, kExternal, 0, challenge, {}}, 8);
}

Element::Card SecurityCore::card_random() {
    if (!insertion_ || insertion_->step != Insertion::Step::proven) return refuse_card(CardRefusal::out_of_order);
    insertion_->random = draw();
    return insertion_->random;
}

Element::Card SecurityCore::card_file(base::ByteView fields) {
    constexpr std::size_t kAround = 2 + 4;
    if (!insertion_ || insertion_->random.empty() || insertion_->step != Insertion::Step::proven) return refuse_card(CardRefusal::out_of_order);
    if (fields.size() <= kAround || fields.size() - kAround > card_files::kPiece) return refuse_card(CardRefusal::wrapper);
    const std::uint8_t p1 = fields[0], p2 = fields[1];
    const base::ByteView data = fields.subspan(2, fields.size() - kAround);
    const suite::MacInput input{suite::Direction::from_meter, {0x04, 0xB0, p1, p2}, 0, insertion_->random, data};
    const bool genuine = base::equal_constant_time(suite::make_mac(insertion_->messaging, input, 4), fields.last(4));
    insertion_->random.clear();
    if (!genuine) return refuse_card(CardRefusal::mac);
    const auto id = static_cast<std::uint8_t>(p1 & 0x1F);
    base::Bytes& file = insertion_->files[id];
    if ((p1 & 0xE0) != kShortId || p2 != file.size() || file.size() + data.size() > card_files::size_of(id)) return refuse_card(CardRefusal::wrapper);
    file.insert(file.end(), data.begin(), data.end());
    return base::Bytes();
}

std::optional<CardRefusal> SecurityCore::judge_card(SecurityState& next, CardCredit& credit) const {
    const auto file = [&](std::uint8_t id) {
        const auto found = insertion_->files.find(id);
        return found == insertion_->files.end() ? base::ByteView() : base::ByteView(found->second);
    };
    const auto parameters = card_files::parse_parameters(file(card_files::kParameters));
    const auto money = card_files::parse_wallet(file(card_files::kWallet));
    const auto old = card_files::parse_write_back(file(card_files::kWriteBack));
    if (!parameters || !money || !old) return CardRefusal::wrapper;
    const Wallet& wallet = state_.wallet;
    const bool known_count = wallet.open && money->count == wallet.count;
    if (*old && !((*old)->meter == state_.number.bytes() && (*old)->count == money->count && known_count)) return CardRefusal::write_back;
    if (parameters->meter != state_.number.bytes()) return CardRefusal::meter;
    // Whoever has this card's keys can write what he likes; only the platform can prove to the meter that it was sold.
    const base::Bytes sold = card_files::purchase_fields(file(card_files::kParameters), file(card_files::kWallet), file(card_files::kTariffsNow), file(card_files::kTariffsToCome));
    if (!suite::mac_holds(state_.keys, KeyId::credit_mac, {suite::Direction::to_meter, kPurchaseCommand, 1, insertion_->serial, sold}, parameters->purchase_mac))
        return CardRefusal::purchase;

    const bool opening = parameters->type == card_files::kOpening, replacement = parameters->type == card_files::kReplacement;
    const bool own_card = insertion_->serial == state_.card_serial;
    credit.card_type = parameters->type;
    credit.count = money->count;
    // Pulled before its write-back, or inserted once more: nothing is credited, nothing is taken over again.
    if (known_count && own_card && parameters->customer == wallet.customer) return std::nullopt;
    // One that replaces the card of an opening that the meter never had opens the account in its place.
    const bool opens = opening || (replacement && !wallet.open);
    if (opens == wallet.open) return CardRefusal::account;
    if (!opens && parameters->customer != wallet.customer) return CardRefusal::customer;
    const bool knows_one = state_.card_serial != suite::Factor{};  // none after an opening over the line: the first card becomes it
    if (!opens && !replacement && knows_one && !own_card) return CardRefusal::serial;
    if (!(replacement && known_count)) {
        const Purchase purchase{money->amount, money->count, parameters->customer};
        if (opens && money->count != wallet.count + 1) return CardRefusal::count;
        const Refusal refusal = opens ? open_account(next.wallet, purchase) : recharge(next.wallet, purchase);
        if (refusal) return as_card_refusal(*refusal);
        credit.amount = money->amount;
        if (opens) next.wallet.by_card = true;
        next.retired = {};
    } else if (!retire(next.retired, state_.card_serial, insertion_->serial)) {
        return CardRefusal::serial;
    }
    if (!take_parameters(next.parameters, *parameters, insertion_->files)) return CardRefusal::wrapper;
    next.card_serial = insertion_->serial;
    return std::nullopt;
}

std::variant<CardCredit, CardRefusal> SecurityCore::card_credit(base::Millis now) {
    if (!insertion_ || insertion_->step != Insertion::Step::proven) return std::get<CardRefusal>(refuse_card(CardRefusal::out_of_order));
    SecurityState next = state_.duplicate();
    CardCredit credit;
    if (const auto why = judge_card(next, credit)) return std::get<CardRefusal>(refuse_card(*why));
    if (!commit(std::move(next))) return std::get<CardRefusal>(refuse_card(CardRefusal::not_stored));
    insertion_->step = Insertion::Step::credited;
    insertion_->now = now;
    return credit;
}

Element::Card SecurityCore::card_write_back(base::ByteView challenge) {
    if (!insertion_ || insertion_->step != Insertion::Step::credited || challenge.size() != 4) return refuse_card(CardRefusal::out_of_order);
    base::Bytes out = card_files::write_back_file({state_.parameters, state_.wallet, state_.number.bytes(), key_info(state_.keys.name()),
                                                   state_.illegal_insertions, insertion_->now});
    const base::Bytes mac = suite::make_mac(insertion_->messaging, {suite::Direction::to_meter, kWriteBackCommand, 0, challenge, out}, 4);
    out.insert(out.end(), mac.begin(), mac.end());
    insertion_.reset();
    return out;
}

}  // namespace meter
