// What is read from charging cards, and what may be written to them: the write-back of an unknown card, and the check that stands before a token puts a MAC
// under a file. What passes that check is a file of this meter's card or nothing.
#include <algorithm>
#include <cstdlib>

#include "kmp/suite/card_requests.h"
#include "kmp/suite/parameters.h"
#include "tokens/host/card_files.h"

namespace {

std::uint32_t identifier_of(const std::uint8_t* data) {
    return static_cast<std::uint32_t>(data[2]) << 24 | static_cast<std::uint32_t>(data[3]) << 16 | static_cast<std::uint32_t>(data[4]) << 8 | data[5];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 7) return 0;
    const base::ByteView input(data + 7, size - 7);
    const auto back = kmp::suite::parse_write_back(input);
    if (back && *back && input.size() != kmp::suite::kWriteBackSize) std::abort();

    static const model::Factor meter{0, 0, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12};
    const std::uint32_t file = data[0] % 8;
    const std::uint32_t offset = data[1];
    if (tokens::host::check_card_write(file, offset, input)) {
        const bool zero = std::all_of(input.begin(), input.end(), [](std::uint8_t b) { return b == 0; });
        if (input.size() > tokens::host::kMaxCardData || file < 1 || file > 5) std::abort();
        if ((file == 1 || file == 5) && !zero) std::abort();
    }
    // Parameters, then tariffs as long as there are any.
    const std::size_t cut = std::min<std::size_t>(input.size(), 45);
    const base::ByteView tariffs = input.subspan(cut);
    const tokens::host::CardContent content{input.first(cut), identifier_of(data), 1, tariffs.first(std::min<std::size_t>(tariffs.size(), 264)), tariffs.subspan(std::min<std::size_t>(tariffs.size(), 264))};
    if (tokens::host::check_purchase(content, meter)) {
        if (!std::equal(meter.begin() + 2, meter.end(), input.begin() + 4 + 26)) std::abort();
        const base::Bytes covered = tokens::host::purchase_fields(content);
        const base::Bytes file_with_mac = tokens::host::with_purchase_mac(content.parameters, input.first(4));
        if (covered.size() < 47 || file_with_mac.size() != 45) std::abort();
    }

    const std::uint32_t identifier = identifier_of(data);
    if (kmp::suite::check_parameter(identifier, input, data[6] % 2 == 1) && (identifier >> 24 != 4 || identifier == 0x04000401 || identifier == 0x04000402)) std::abort();
    return 0;
}
