#include "meter/low_grade_meter.h"

namespace meter {

LowGradeMeter::LowGradeMeter(MeterState state, Storage& storage, const base::Clock& clock, const base::Clock& true_time,
                             const MeterSettings& settings, Trouble trouble)
    : storage_(storage), trouble_(trouble),
      core_(
          std::move(state.security),
          [this](const SecurityState& next) {
              auto saved = storage_.save(encode_low_grade(next, program_.state()));
              if (!saved && trouble_) trouble_(saved.error());
              return saved;
          },
          true_time, settings.authentication_validity),
      program_(
          core_.state().number, core_, std::move(state.metering),
          [this](const MeteringState& next) { return storage_.save(encode_low_grade(core_.state(), next)); }, clock, settings, std::move(trouble)) {
    program_.start();
}

}  // namespace meter
