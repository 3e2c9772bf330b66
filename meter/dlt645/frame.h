#pragma once
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "meter/dlt645/address.h"

namespace meter::dlt645 {

/// Bits 4..0 of the control code. A value of this type may hold a function that the standard does not name.
/// source: DL/T 645-2007, 5.2.3
enum class Function : std::uint8_t {
    security = 0x03,
    broadcast_time = 0x08,
    read = 0x11,
    read_following = 0x12,
    read_address = 0x13,
    write = 0x14,
    write_address = 0x15,
    freeze = 0x16,
    change_baud_rate = 0x17,
    change_password = 0x18,
    clear_demand = 0x19,
    clear_meter = 0x1A,
    clear_events = 0x1B,
    relay_control = 0x1C,
};

/// The control code C: direction, error, more to follow, function.
class Control {
public:
    Control() noexcept = default;
    explicit constexpr Control(std::uint8_t code) noexcept : code_(code) {}
    static constexpr Control request(Function f) noexcept { return Control(static_cast<std::uint8_t>(f)); }
    constexpr Control reply(bool more_follows = false) const noexcept {
        return Control(static_cast<std::uint8_t>((code_ & 0x1F) | 0x80 | (more_follows ? 0x20 : 0)));
    }
    constexpr Control error_reply() const noexcept { return Control(static_cast<std::uint8_t>((code_ & 0x1F) | 0xC0)); }

    constexpr std::uint8_t code() const noexcept { return code_; }
    constexpr bool is_reply() const noexcept { return (code_ & 0x80) != 0; }
    constexpr bool is_error() const noexcept { return (code_ & 0x40) != 0; }
    constexpr bool more_follows() const noexcept { return (code_ & 0x20) != 0; }
    constexpr Function function() const noexcept { return static_cast<Function>(code_ & 0x1F); }
    constexpr bool operator==(const Control&) const noexcept = default;

private:
    std::uint8_t code_ = 0;
};

/// One frame as it is meant: `data` without the 33H that every data byte carries on the line.
struct Frame {
    Address address;
    Control control;
    base::Bytes data;  ///< 0 to kMaxData bytes
    bool operator==(const Frame&) const = default;
};

inline constexpr std::uint8_t kPreamble = 0xFE;
inline constexpr std::size_t kMaxData = 255;
inline constexpr std::size_t kFrameOverhead = 12;  ///< all but DATA, without a preamble
inline constexpr std::size_t kMaxFrame = kFrameOverhead + kMaxData;
inline constexpr std::size_t kUsualPreamble = 4;

/// The bytes of a frame as sent, behind `preamble` bytes FE.
/// errors: invalid_argument when data is longer than kMaxData
/// thread: any. source: DL/T 645-2007, 5.2
base::Result<base::Bytes> encode(const Frame& frame, std::size_t preamble = kUsualPreamble);

/// Exactly one frame, with any number of FE before it and nothing behind it.
/// errors: malformed; the message says what is wrong (start, length, address, checksum, end, bytes too many)
base::Result<Frame> decode(base::ByteView bytes);

/// "read", "security", ... or "unknown".
std::string_view name(Function function) noexcept;

}  // namespace meter::dlt645
