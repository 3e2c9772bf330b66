#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "meter/dlt645/frame.h"
#include "meter/meter.h"

namespace meter {

/// What a station is tested against: a line or a meter that misbehaves. Rates are from 0 to 1.
struct Faults {
    int mute = 0;             ///< requests that are carried out but never answered, from the first on
    int deaf = 0;             ///< requests that never reach a meter, from the first on
    base::Bytes error_once;   ///< the next answer becomes a refusal with this DATA (a byte, or SERR as sent)
    double loss = 0;          ///< of requests, and of answers
    double noise = 0;         ///< of bytes, either way, that get one bit flipped
    double garbage = 0;       ///< of answers that have up to 16 bytes of anything before them
    std::uint64_t seed = 1;   ///< the same seed, the same trouble
    std::uint64_t power_cut = 0;  ///< the power goes after this request was carried out and before it is answered; 0: never
};

/// The meters on one line. It does not say how the bytes travel. Thread: one at a time.
class Bus {
public:
    /// `power_off` is called when the power is cut; it should not return.
    explicit Bus(std::vector<std::unique_ptr<Meter>> meters, Faults faults = {}, std::function<void()> power_off = {})
        : meters_(std::move(meters)), faults_(std::move(faults)), power_off_(std::move(power_off)), chance_(faults_.seed) {}
    /// The bytes that answer one request, preamble included; empty when nobody answers. Where a wildcard reaches
    /// several meters only the first speaks: on a real line the others would only garble it.
    base::Bytes answer(const dlt645::Frame& request);
    /// Bytes as a noisy line hands them on.
    void disturb(std::span<std::uint8_t> bytes);
    const std::vector<std::unique_ptr<Meter>>& meters() const noexcept { return meters_; }
    /// nullptr when there is none with this number.
    Meter* find(const dlt645::Address& number) const noexcept;

private:
    std::optional<dlt645::Frame> first_answer(const dlt645::Frame& request);
    bool happens(double rate);
    std::vector<std::unique_ptr<Meter>> meters_;
    Faults faults_;
    std::function<void()> power_off_;
    std::mt19937_64 chance_;
    std::uint64_t requests_ = 0;
};

}  // namespace meter
