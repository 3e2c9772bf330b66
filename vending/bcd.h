#pragma once
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"

namespace vending {

/// `size` BCD bytes, most significant first. Precondition: the number fits.
base::Bytes to_bcd(std::uint64_t number, std::size_t size);
/// Nothing: a nibble above 9, or more than 9 bytes.
std::optional<std::uint64_t> from_bcd(base::ByteView bytes);

/// YY MM DD WW hh mm ss of a clock's time (as if it were UTC); WW 00 is Sunday.
base::Bytes clock_field(base::Millis local);
/// hh mm ss as milliseconds of the day. Nothing: there is no such time.
std::optional<base::Millis> time_of_day(base::ByteView three);
/// YY MM DD hh mm.
base::Bytes minute_field(base::Millis local);

}  // namespace vending
