// What is read from charging cards, and what may be written to them: the write-back of an unknown card, and the check that stands before a token puts a MAC
// under a file. What passes that check is a file of this meter's card or nothing.
#include <algorithm>
#include <cstdlib>

#include "kmp/suite/card_requests.h"
#include "kmp/suite/parameters.h"
#include "tokens/host/card_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 7) return 0;
    const base::ByteView input(data + 7, size - 7);
    const auto back = kmp::suite::parse_write_back(input);
    if (back && *back && input.size() != kmp::suite::kWriteBackSize) std::abort();

    static const model::Factor meter{0, 0, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12};
    const std::uint32_t file = data[0] % 8;
    const std::uint32_t offset = data[1];
    if (tokens::host::check_card_write(file, offset, input, meter)) {
        const bool zero = std::all_of(input.begin(), input.end(), [](std::uint8_t b) { return b == 0; });
        if (input.size() > tokens::host::kMaxCardData || file < 1 || file > 5) std::abort();
        if (file == 1 && !zero && !std::equal(meter.begin() + 2, meter.end(), input.begin() + 4 + 26)) std::abort();
        if (file == 5 && !zero) std::abort();
    }

    const std::uint32_t identifier = static_cast<std::uint32_t>(data[2]) << 24 | static_cast<std::uint32_t>(data[3]) << 16 | static_cast<std::uint32_t>(data[4]) << 8 | data[5];
    if (kmp::suite::check_parameter(identifier, input, data[6] % 2 == 1) && (identifier >> 24 != 4 || identifier == 0x04000401 || identifier == 0x04000402)) std::abort();
    return 0;
}
