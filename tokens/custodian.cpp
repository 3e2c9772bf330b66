#include "tokens/custodian.h"

namespace tokens {
namespace {

using model::Operation;
using Case = pb::HostRequest::OperationCase;

/// What each operation may ask of a token: nothing else gets through its permit.
bool fits(const model::Ask& ask, const pb::HostRequest& request) {
    const auto is_meter = [&](const pb::MeterKey& key) {
        // Keys of the factory set carry no meter number; private ones must be those of the permit's meter.
        if (key.state() == static_cast<std::uint32_t>(model::KeyState::factory)) return true;
        const model::Factor factor = ask.meter ? model::factor_of(*ask.meter) : model::Factor{};
        return ask.meter && key.factor() == base::as_text(factor);
    };
    switch (ask.operation) {
        case Operation::authenticate: return request.operation_case() == Case::kMeterAuthenticate && is_meter(request.meter_authenticate().key());
        case Operation::open_account:
        case Operation::recharge:
            return request.operation_case() == Case::kOrderMac && is_meter(request.order_mac().key()) &&
                   request.order_mac().di() == (ask.operation == Operation::open_account ? 0x070101FFu : 0x070102FFu) &&
                   // A repeated order is permitted without money: its amount was charged when it was first made.
                   (ask.orders == 0 || request.order_mac().amount() == static_cast<std::uint64_t>(ask.amount.value()));
        case Operation::check_status: return request.operation_case() == Case::kStatusMac && is_meter(request.status_mac().key());
        case Operation::relay: return request.operation_case() == Case::kRelayCommand && is_meter(request.relay_command().key());
        case Operation::download_keys:
        case Operation::recover_keys:
            return request.operation_case() == Case::kKeyUpdate && is_meter(request.key_update().current()) && is_meter(request.key_update().next());
        case Operation::sign: return request.operation_case() == Case::kDataSign;
        case Operation::random: return request.operation_case() == Case::kDataRandom;
        case Operation::initialise_wallet:
        case Operation::refund:
        case Operation::write_parameter:
        case Operation::card:
        case Operation::verify:
        case Operation::encrypt:
        case Operation::decrypt:
        case Operation::mac:
        case Operation::certify: return false;
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
