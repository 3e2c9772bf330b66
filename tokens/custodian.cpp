#include "tokens/custodian.h"

#include <algorithm>

namespace tokens {
namespace {

using model::Operation;
using Case = pb::HostRequest::OperationCase;

constexpr auto kFactory = static_cast<std::uint32_t>(model::KeyState::factory);

/// Keys of the factory set carry no meter number; private ones must be those of the permit's meter.
bool is_meter(const model::Ask& ask, const pb::MeterKey& key) {
    if (key.state() == kFactory) return true;
    return ask.meter && key.factor() == base::as_text(model::factor_of(*ask.meter));
}

std::uint32_t big_endian(std::string_view four) {
    std::uint32_t out = 0;
    for (const char c : four) out = out << 8 | static_cast<std::uint8_t>(c);
    return out;
}

bool is_zero(std::string_view data) {
    return std::all_of(data.begin(), data.end(), [](char c) { return c == 0; });
}

/// An order says its amount in a meter's field, or in the wallet of a card: never more than the permit carries, also when it is answered again.
bool fits_order(const model::Ask& ask, const pb::HostRequest& request, std::initializer_list<std::uint32_t> identifiers) {
    constexpr std::uint32_t kWallet = 2;
    const auto amount = static_cast<std::uint64_t>(ask.carries.value());
    if (request.operation_case() == Case::kOrderMac) {
        const pb::OrderMac& order = request.order_mac();
        return is_meter(ask, order.key()) && order.amount() == amount && std::find(identifiers.begin(), identifiers.end(), order.di()) != identifiers.end();
    }
    if (((ask.also | model::bit(ask.operation)) & model::bit(Operation::card)) == 0) return false;
    if (request.operation_case() == Case::kCardPurchase) return is_meter(ask, request.card_purchase().card().meter()) && request.card_purchase().amount() == amount;
    if (request.operation_case() != Case::kCardUpdate) return false;
    const pb::CardUpdate& update = request.card_update();
    if (!is_meter(ask, update.card().meter())) return false;
    return update.file() == kWallet && update.data().size() == 8 && big_endian(std::string_view(update.data()).substr(0, 4)) == amount;
}

/// Besides orders: what makes a card a meter's, and tariffs or nothing on it. Credit and parameters come by an order alone.
bool fits_card(const model::Ask& ask, const pb::HostRequest& request) {
    if (request.has_card_authenticate()) return is_meter(ask, request.card_authenticate().card().meter());
    if (request.has_card_key_write()) return is_meter(ask, request.card_key_write().current().meter()) && is_meter(ask, request.card_key_write().next().meter());
    if (request.has_card_read_mac()) return is_meter(ask, request.card_read_mac().card().meter());
    if (!request.has_card_update() || !is_meter(ask, request.card_update().card().meter())) return false;
    const pb::CardUpdate& update = request.card_update();
    return update.file() == 3 || update.file() == 4 || is_zero(update.data());
}

/// What each operation may ask of a token: nothing else gets through its permit.
bool fits(const model::Ask& ask, const pb::HostRequest& request) {
    const Case asked = request.operation_case();
    switch (ask.operation) {
        case Operation::authenticate:
            // Without a meter it is the station that is proved.
            if (!ask.meter) return asked == Case::kSignStation;
            return (asked == Case::kMeterAuthenticate && is_meter(ask, request.meter_authenticate().key())) || (asked == Case::kValidityMac && is_meter(ask, request.validity_mac().key()));
        case Operation::open_account: return fits_order(ask, request, {0x070101FF});
        case Operation::recharge: return fits_order(ask, request, {0x070102FF});
        case Operation::initialise_wallet: return asked == Case::kOrderMac && request.order_mac().key().state() == kFactory && fits_order(ask, request, {0x070103FF});
        case Operation::refund: return asked == Case::kOrderMac && fits_order(ask, request, {0x070104FF, 0x070105FF});
        case Operation::check_status:
            return (asked == Case::kStatusMac && is_meter(ask, request.status_mac().key())) || (asked == Case::kReadBackMac && is_meter(ask, request.read_back_mac().key()));
        case Operation::relay: return asked == Case::kRelayCommand && is_meter(ask, request.relay_command().key());
        case Operation::write_parameter: return asked == Case::kParameterMac && is_meter(ask, request.parameter_mac().key());
        case Operation::download_keys:
        case Operation::recover_keys: return asked == Case::kKeyUpdate && is_meter(ask, request.key_update().current()) && is_meter(ask, request.key_update().next());
        // A replaced card is an order that only cards carry.
        case Operation::card: return ask.order ? fits_order(ask, request, {}) : fits_card(ask, request);
        case Operation::sign: return asked == Case::kDataSign;
        case Operation::random: return asked == Case::kDataRandom;
        case Operation::encrypt: return asked == Case::kDataEncrypt;
        case Operation::decrypt: return asked == Case::kDataDecrypt;
        case Operation::mac: return asked == Case::kDataMac;
        case Operation::certify: return asked == Case::kSignTbs && request.sign_tbs().key() == "identity";
        case Operation::verify: return false;  // public keys are kmpd's to know
    }
    return false;
}

}  // namespace

void Custodian::open(const base::UkeySerial& ukey, std::shared_ptr<HostChannel> channel, std::uint64_t incarnation) {
    doors_[ukey] = Door{std::move(channel), incarnation};
}

void Custodian::close(const base::UkeySerial& ukey) { doors_.erase(ukey); }

void Custodian::close_all() { doors_.clear(); }

std::uint64_t Custodian::opened(const base::UkeySerial& ukey) const {
    const auto it = doors_.find(ukey);
    return it == doors_.end() ? 0 : it->second.incarnation;
}

void Custodian::perform(model::Permit permit, pb::HostRequest request, HostChannel::Done done) {
    const model::Permit used = std::move(permit);
    const auto it = doors_.find(used.ukey());
    if (it == doors_.end()) {
        done({base::Code::token_removed, "UKEY " + used.ukey().text() + " is not open; plug it in and open a session again"});
        return;
    }
    if (!fits(used.ask(), request)) {
        done({base::Code::internal, "a request to UKEY " + used.ukey().text() + " that its permit does not cover"});
        return;
    }
    it->second.channel->call(std::move(request), {}, timeout_, std::move(done));
}

}  // namespace tokens
