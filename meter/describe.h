#pragma once
#include <string>

#include "meter/meter_state.h"

namespace meter {

/// The state of a meter for a person, several lines, and as one JSON document. Neither holds a key.
std::string describe(const MeterState& state);
std::string describe_json(const MeterState& state);

/// "100.00", "-3.07".
std::string yuan(std::int64_t fen);

}  // namespace meter
