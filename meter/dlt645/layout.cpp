#include "meter/dlt645/layout.h"

#include <algorithm>

namespace meter::dlt645::layout {

std::uint8_t checksum(base::ByteView bytes) noexcept {
    unsigned sum = 0;
    for (const std::uint8_t byte : bytes) sum += byte;
    return static_cast<std::uint8_t>(sum);
}

base::Result<Frame> open(base::ByteView checked) {
    Address::Raw number;
    std::reverse_copy(checked.begin() + kAddressAt, checked.begin() + kSecondStartAt, number.begin());
    KMP_TRY(const Address address, Address::from_bytes(number));
    Frame out{address, Control(checked[kControlAt]), base::to_bytes(checked.subspan(kDataAt, checked[kLengthAt]))};
    for (std::uint8_t& byte : out.data) byte = static_cast<std::uint8_t>(byte - kOffset);
    return out;
}

}  // namespace meter::dlt645::layout
