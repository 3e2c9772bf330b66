#pragma once
#include <string>
#include <vector>

#include "vending/remote.h"

/// What a station sets in a meter: parameters by name, and tariffs from a file. All of it is checked before anything is asked.
namespace vending {

/// One register that is to be written. docs/SUITE.md 4.1 fixes the bytes.
struct Setting {
    std::string what;  ///< in words, with the value
    dlt645::DataIdentifier where;
    base::Bytes field;  ///< most significant byte first; of a list the last entry comes first
    unsigned parameter_class = 1;
};

/// Settings from pairs of name and value: alarm1, alarm2, overdraft, hoarding (yuan), current-ratio, voltage-ratio (1 to 999999),
/// clock (now, or "2026-11-22 08:30:00" as the meter is to show it; `local_now` is this machine's local time as if it were UTC).
/// `parameter_class` 0: the usual one of each.
/// invalid_argument: a name that there is not, a value it does not take, a name without a value, a name twice
base::Result<std::vector<Setting>> read_parameters(const std::vector<std::string>& values, unsigned parameter_class, base::Millis local_now);

/// Settings from a tariff file (docs/VENDING.md 6): tables for the meter's second set, then the times at which they come in force. The first
/// ones take away what times the meter has, so that it never switches to a table that is half written.
/// malformed: it is no TOML; invalid_argument: all that is wrong with it, in one line
base::Result<std::vector<Setting>> read_tariff(const std::string& name, base::ByteView toml, base::Millis local_now);

/// Writes each and reads it again. `written` counts those that hold; the rest was not written when an error comes.
/// errors: conflict (the meter shows another value than was written); those of ParameterWriter
base::Status write_settings(Platform& platform, Dialogue& meter, const std::vector<Setting>& settings, std::size_t& written);

/// What this machine's clock shows in its time zone, as if it were UTC.
base::Millis local_clock();

}  // namespace vending
