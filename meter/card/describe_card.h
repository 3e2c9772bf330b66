#pragma once
#include <string>

#include "meter/card/card_state.h"

namespace meter::card {

/// What lies on a card, for a person and as one JSON document. Neither holds a key. A file whose wrapper is broken is called so.
std::string describe(const CardState& state);
std::string describe_json(const CardState& state);

/// The data of a wrapped file. malformed: not `68`, the short id, a length that fits, the sum, `16`. source: SUITE.md 5.1
base::Result<base::ByteView> unwrap_file(FileId id, base::ByteView file);
/// Whether every byte is zero.
bool is_empty(base::ByteView file) noexcept;

}  // namespace meter::card
