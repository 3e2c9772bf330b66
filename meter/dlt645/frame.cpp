#include "meter/dlt645/frame.h"

#include <algorithm>
#include <string>

#include "meter/dlt645/layout.h"

namespace meter::dlt645 {
namespace {

base::Error bad(std::string what) { return {base::Code::malformed, "not a DL/T 645 frame: " + std::move(what)}; }

std::string hex(std::uint8_t byte) { return base::to_hex(base::ByteView(&byte, 1)) + "H"; }

}  // namespace

base::Result<base::Bytes> encode(const Frame& frame, std::size_t preamble) {
    if (frame.data.size() > kMaxData)
        return {base::Code::invalid_argument, "a DL/T 645 frame carries at most 255 bytes of data, not " + std::to_string(frame.data.size())};
    base::Bytes out(preamble, kPreamble);
    out.reserve(preamble + kFrameOverhead + frame.data.size());
    out.push_back(layout::kStart);
    out.insert(out.end(), frame.address.bytes().rbegin(), frame.address.bytes().rend());
    out.push_back(layout::kStart);
    out.push_back(frame.control.code());
    out.push_back(static_cast<std::uint8_t>(frame.data.size()));
    for (const std::uint8_t byte : frame.data) out.push_back(static_cast<std::uint8_t>(byte + layout::kOffset));
    out.push_back(layout::checksum(base::ByteView(out).subspan(preamble)));
    out.push_back(layout::kEnd);
    return out;
}

base::Result<Frame> decode(base::ByteView bytes) {
    while (!bytes.empty() && bytes.front() == kPreamble) bytes = bytes.subspan(1);
    if (bytes.empty()) return bad("there is nothing but preamble");
    if (bytes.front() != layout::kStart) return bad("it starts with " + hex(bytes.front()) + ", not 68H");
    if (bytes.size() < kFrameOverhead) return bad("it has " + std::to_string(bytes.size()) + " bytes and needs at least 12");
    if (bytes[layout::kSecondStartAt] != layout::kStart) return bad("there is no second 68H behind the address");
    const std::size_t data = bytes[layout::kLengthAt];
    if (bytes.size() != kFrameOverhead + data)
        return bad("its length byte says " + std::to_string(kFrameOverhead + data) + " bytes, there are " + std::to_string(bytes.size()));
    if (bytes.back() != layout::kEnd) return bad("it ends with " + hex(bytes.back()) + ", not 16H");
    const std::uint8_t sum = layout::checksum(bytes.first(bytes.size() - 2));
    if (sum != bytes[bytes.size() - 2]) return bad("its checksum is " + hex(bytes[bytes.size() - 2]) + ", it should be " + hex(sum));
    return layout::open(bytes);
}

std::string_view name(Function function) noexcept {
    switch (function) {
        case Function::security: return "security";
        case Function::broadcast_time: return "broadcast time";
        case Function::read: return "read";
        case Function::read_following: return "read following";
        case Function::read_address: return "read address";
        case Function::write: return "write";
        case Function::write_address: return "write address";
        case Function::freeze: return "freeze";
        case Function::change_baud_rate: return "change baud rate";
        case Function::change_password: return "change password";
        case Function::clear_demand: return "clear demand";
        case Function::clear_meter: return "clear meter";
        case Function::clear_events: return "clear events";
        case Function::relay_control: return "relay control";
    }
    return "unknown";
}

}  // namespace meter::dlt645
