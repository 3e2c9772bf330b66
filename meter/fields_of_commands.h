#pragma once
#include <optional>

#include "meter/dlt645/data_identifier.h"

namespace meter {

/// Turns the payload of a 03H command round, field by field: from the line's order (each field least significant byte first) to that
/// of docs/SUITE.md, and an answer back. Nothing for an unknown command, or a payload that has not the command's length.
std::optional<base::Bytes> request_fields(dlt645::DataIdentifier id, base::ByteView wire);
std::optional<base::Bytes> answer_on_the_line(dlt645::DataIdentifier id, base::ByteView fields);

}  // namespace meter
