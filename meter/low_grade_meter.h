#pragma once
#include "meter/prepayment_meter.h"
#include "meter/security_core.h"
#include "meter/state_file.h"

namespace meter {

/// A prepayment meter that does the cryptography in its own software: the security core runs in its program, and keys, money and
/// readings lie in one record.
class LowGradeMeter final : public Meter {
public:
    /// `storage` and the clocks outlive the meter. `clock` drives the metering, `true_time` bounds authentications.
    LowGradeMeter(MeterState state, Storage& storage, const base::Clock& clock, const base::Clock& true_time, const MeterSettings& settings = {},
                  Trouble trouble = {});
    LowGradeMeter(const LowGradeMeter&) = delete;
    LowGradeMeter& operator=(const LowGradeMeter&) = delete;

    std::optional<dlt645::Frame> answer(const dlt645::Frame& request) override { return program_.answer(request); }
    const dlt645::Address& number() const noexcept override { return program_.number(); }
    PrepaymentMeter& program() noexcept override { return program_; }
    const SecurityState& security() const noexcept { return core_.state(); }
    const MeteringState& metering() const noexcept { return program_.state(); }

private:
    Storage& storage_;
    Trouble trouble_;
    SecurityCore core_;
    PrepaymentMeter program_;
};

}  // namespace meter
