#include "meter/bus.h"

#include <algorithm>

namespace meter {

std::optional<dlt645::Frame> Bus::first_answer(const dlt645::Frame& request) {
    for (const auto& meter : meters_)
        if (auto reply = meter->answer(request)) return reply;
    return std::nullopt;
}

Meter* Bus::find(const dlt645::Address& number) const noexcept {
    const auto found = std::find_if(meters_.begin(), meters_.end(), [&](const auto& meter) { return meter->number() == number; });
    return found == meters_.end() ? nullptr : found->get();
}

bool Bus::happens(double rate) { return rate > 0 && std::uniform_real_distribution<double>(0, 1)(chance_) < rate; }

void Bus::disturb(std::span<std::uint8_t> bytes) {
    if (faults_.noise <= 0) return;
    for (std::uint8_t& byte : bytes)
        if (happens(faults_.noise)) byte = static_cast<std::uint8_t>(byte ^ 1u << chance_() % 8);
}

base::Bytes Bus::answer(const dlt645::Frame& request) {
    ++requests_;
    if (faults_.deaf > 0) {
        --faults_.deaf;
        return {};
    }
    if (happens(faults_.loss)) return {};
    std::optional<dlt645::Frame> reply;
    if (faults_.error_once.empty()) {
        reply = first_answer(request);
    } else {
        for (const auto& meter : meters_) {
            if (!request.address.matches(meter->number()) || request.address.is_broadcast()) continue;
            reply = dlt645::Frame{meter->number(), request.control.error_reply(), std::exchange(faults_.error_once, {})};
            break;
        }
    }
    if (requests_ == faults_.power_cut) power_off_();
    if (!reply) return {};
    if (faults_.mute > 0) {
        --faults_.mute;
        return {};
    }
    if (happens(faults_.loss)) return {};
    auto bytes = dlt645::encode(*reply);
    if (!bytes) return {};  // no answer of ours is longer than a frame
    if (happens(faults_.garbage)) {
        base::Bytes before(1 + chance_() % 16);
        std::generate(before.begin(), before.end(), [&] { return static_cast<std::uint8_t>(chance_()); });
        bytes->insert(bytes->begin(), before.begin(), before.end());
    }
    disturb(*bytes);
    return std::move(*bytes);
}

}  // namespace meter
