#pragma once
#include <string>

#include "audit/event.h"

namespace audit {

/// The number of a meter or a customer: twelve digits.
std::string meter_text(std::uint64_t number);

/// The fields of a record as one JSON object on one line, but for those in `without`; "{}" where none is left. The values are those of to_json.
std::string fields_to_json(const Record& record, const FieldSet& without);

}  // namespace audit
