#pragma once
#include <vector>

#include "model/keys.h"

namespace vending {

inline constexpr std::size_t kMostMeters = 20000;

/// "FIRST-LAST", two meter numbers; or a file with one number a line (a first line "meter" and empty lines are passed over).
/// invalid_argument: neither; an empty or too long list; lines that are no meter's number, or are there twice, all told.
base::Result<std::vector<model::MeterNumber>> read_meter_list(const std::string& text);

}  // namespace vending
