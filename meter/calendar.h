#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"

/// Numbers and times as a meter shows them: BCD, two digits a byte, years of this century.
/// Times are what the meter's own clock shows, as milliseconds since 1970 of that clock.
namespace meter {

/// `size` BCD bytes, most significant first; digits that do not fit are cut off, as on a display.
base::Bytes to_bcd(std::uint64_t number, std::size_t size);
/// Nothing when a nibble is above 9.
std::optional<std::uint64_t> from_bcd(base::ByteView most_significant_first);

/// YY MM DD WW; WW 00 is Sunday.
std::array<std::uint8_t, 4> bcd_date(base::Millis local);
/// hh mm ss.
std::array<std::uint8_t, 3> bcd_time(base::Millis local);
/// YY MM DD hh mm; zeros for time 0, which stands for none.
std::array<std::uint8_t, 5> bcd_minute(base::Millis local);
/// From `ss mm hh DD MM YY`; nothing when there is no such time.
std::optional<base::Millis> from_bcd_time(base::ByteView seconds_first);

}  // namespace meter
