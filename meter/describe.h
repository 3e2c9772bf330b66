#pragma once
#include <string>

#include "meter/prepayment_meter.h"

namespace meter {

/// How a meter stands, for a person, and as one JSON document. Neither holds a key.
std::string describe(const Report& report);
std::string describe_json(const Report& report, int indent = 2);

/// "100.00", "-3.07".
std::string yuan(std::int64_t fen);

}  // namespace meter
