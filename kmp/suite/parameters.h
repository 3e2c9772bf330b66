#pragma once
#include <cstdint>

#include "base/bytes.h"

namespace kmp::suite {

inline constexpr std::size_t kMaxParameter = 200;

/// Whether a parameter may be written through the platform, and with these bytes (most significant first). The table in parameters.cpp is the whole list: what
/// does not stand there is refused, above all a meter's number and address, which its keys are derived from. Class 2 (`encrypt`) is always enough; class 1
/// (in clear, with a MAC) for those that every utility's stations write.
/// errors: refused ("identifier: ..", it is not in the table; "class: ..", it takes class 2); invalid_argument (size; not BCD; a date or time that there is not)
/// source: DL/T 645-2007 annex A.3
base::Status check_parameter(std::uint32_t identifier, base::ByteView data, bool encrypt);

}  // namespace kmp::suite
