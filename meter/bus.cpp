#include "meter/bus.h"

namespace meter {

std::optional<dlt645::Frame> Bus::first_answer(const dlt645::Frame& request) {
    for (const auto& meter : meters_)
        if (auto reply = meter->answer(request)) return reply;
    return std::nullopt;
}

base::Bytes Bus::answer(const dlt645::Frame& request) {
    if (faults_.deaf > 0) {
        --faults_.deaf;
        return {};
    }
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
    if (!reply) return {};
    if (faults_.mute > 0) {
        --faults_.mute;
        return {};
    }
    auto bytes = dlt645::encode(*reply);
    return bytes ? std::move(*bytes) : base::Bytes();  // no answer of ours is longer than a frame
}

}  // namespace meter
