#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/secret.h"

/// A PIN on the wire. To any language it is an ordinary StationRequest or AdminRequest with the operation `pin` (field 3 in
/// both); we read and write it without protobuf, whose strings would leave copies behind.
namespace wire {

inline constexpr std::size_t kMaxPin = 128;   ///< bytes
inline constexpr std::size_t kMaxRole = 16;

/// What kmp.proto calls PinEntry.
struct PinEntry {
    std::string role;  ///< platform, master, ukey
    base::Secret pin;
};

/// True when the message (without its length) carries field 3 at its top level, wherever it stands. Asked of every message
/// before protobuf sees it: what answers true goes to parse_pin_frame, and nowhere else. Never reads past `message`.
bool is_pin_frame(base::ByteView message) noexcept;

/// Reads a PIN entry and wipes `message`, whatever comes of it.
/// malformed: anything but an optional id (field 1) and one PinEntry of one role (1 to 16 bytes of a-z and 0-9) and one PIN
/// (1 to kMaxPin bytes of UTF-8). The error never quotes what was read.
base::Result<PinEntry> parse_pin_frame(std::span<std::uint8_t> message);

/// Appends the frame (length and message) of a PIN entry to `out`, growing it without leaving an unwiped copy behind.
/// The sender wipes `out` once it is sent. invalid_argument: a role or PIN that parse_pin_frame would refuse.
[[nodiscard]] base::Status append_pin_frame(base::Bytes& out, std::string_view role, const base::Secret& pin);

}  // namespace wire
