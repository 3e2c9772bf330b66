// A tariff file: whatever is accepted fits a frame, and ends with a time at which it comes in force.
#include <cstdlib>

#include "vending/setting.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto settings = vending::read_tariff("tariff.toml", base::ByteView(data, size), 0);
    if (!settings) return 0;
    for (const auto& s : *settings)
        if (s.field.empty() || s.field.size() > 200) std::abort();
    if (settings->size() < 3 || settings->back().field.size() != 5) std::abort();
    return 0;
}
