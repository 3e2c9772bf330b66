#pragma once
#include "meter/esam/esam_element.h"
#include "meter/prepayment_meter.h"

namespace meter {

/// A prepayment meter with a secure element: its program holds no key and exchanges APDUs with the element, whose state is its own.
class HighGradeMeter final : public Meter {
public:
    /// `element`, `storage` and `clock` outlive the meter.
    HighGradeMeter(const dlt645::Address& number, MeteringState state, esam::Device& element, Storage& storage, const base::Clock& clock,
                   const MeterSettings& settings = {}, Trouble trouble = {})
        : storage_(storage), element_(element),
          program_(
              number, element_, std::move(state),
              [this](const MeteringState& next) { return storage_.save(encode_high_grade(program_.number(), next)); }, clock, settings,
              std::move(trouble)) {
        program_.start();
    }
    HighGradeMeter(const HighGradeMeter&) = delete;
    HighGradeMeter& operator=(const HighGradeMeter&) = delete;

    std::optional<dlt645::Frame> answer(const dlt645::Frame& request) override { return program_.answer(request); }
    const dlt645::Address& number() const noexcept override { return program_.number(); }
    PrepaymentMeter& program() noexcept override { return program_; }
    const MeteringState& metering() const noexcept { return program_.state(); }

private:
    Storage& storage_;
    esam::EsamElement element_;
    PrepaymentMeter program_;
};

}  // namespace meter
