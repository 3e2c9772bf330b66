#pragma once
#include <optional>

#include "meter/dlt645/data_identifier.h"
#include "meter/meter_state.h"

namespace meter {

/// The value of a data identifier as the line carries it (fields reversed), without the identifier.
/// Nothing for an identifier that this meter does not have.
std::optional<base::Bytes> read_register(const MeterState& state, dlt645::DataIdentifier id, base::Millis local_now, bool identity_valid);

/// DI 04000503.
std::uint16_t status_word_3(const MeterState& state, bool identity_valid) noexcept;

/// DI 04000508: bit n says that key n is a private key.
std::uint32_t key_state_bits(KeySetName set) noexcept;

/// A file of the secure element, for read-back: directory, file, start, length. refused: no such file or range.
/// Files of directory DF01: 0002 wallet = balance (4), count (4); 0006 key info of the nine keys.
base::Result<base::Bytes> read_back(const MeterState& state, base::ByteView identifier);

}  // namespace meter
