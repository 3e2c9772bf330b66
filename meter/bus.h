#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "meter/dlt645/frame.h"
#include "meter/meter.h"

namespace meter {

/// What a station is tested against: a line or a meter that misbehaves.
struct Faults {
    int mute = 0;             ///< requests that are carried out but never answered, from the first on
    int deaf = 0;             ///< requests that never reach a meter, from the first on
    base::Bytes error_once;   ///< the next answer becomes a refusal with this DATA (a byte, or SERR as sent)
};

/// The meters on one line. It does not say how the bytes travel. Thread: one at a time.
class Bus {
public:
    explicit Bus(std::vector<std::unique_ptr<Meter>> meters, Faults faults = {}) : meters_(std::move(meters)), faults_(std::move(faults)) {}
    /// The bytes that answer one request, preamble included; empty when nobody answers. Where a wildcard reaches
    /// several meters only the first speaks: on a real line the others would only garble it.
    base::Bytes answer(const dlt645::Frame& request);
    const std::vector<std::unique_ptr<Meter>>& meters() const noexcept { return meters_; }

private:
    std::optional<dlt645::Frame> first_answer(const dlt645::Frame& request);
    std::vector<std::unique_ptr<Meter>> meters_;
    Faults faults_;
};

}  // namespace meter
