#pragma once
#include "meter/dlt645/frame.h"

/// Where the bytes of a frame lie. Shared by the whole-frame codec and the stream decoder; nobody else needs it.
namespace meter::dlt645::layout {

inline constexpr std::uint8_t kStart = 0x68;
inline constexpr std::uint8_t kEnd = 0x16;
inline constexpr std::uint8_t kOffset = 0x33;
inline constexpr std::size_t kAddressAt = 1;
inline constexpr std::size_t kSecondStartAt = 7;
inline constexpr std::size_t kControlAt = 8;
inline constexpr std::size_t kLengthAt = 9;
inline constexpr std::size_t kDataAt = 10;

/// The sum modulo 256 of the bytes as sent.
std::uint8_t checksum(base::ByteView bytes) noexcept;

/// Takes a frame apart whose start, length, checksum and end have been checked. malformed: the address.
base::Result<Frame> open(base::ByteView checked);

}  // namespace meter::dlt645::layout
