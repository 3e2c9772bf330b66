#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::string to_string(ByteView bytes) { return std::string(as_text(bytes)); }
inline Bytes to_bytes(ByteView bytes) { return Bytes(bytes.begin(), bytes.end()); }

/// Lower-case hex, two digits a byte.
std::string to_hex(ByteView bytes);
/// Accepts upper and lower case, no separators. malformed: an odd length or another character.
Result<Bytes> from_hex(std::string_view hex);

/// RFC 4648 base64 with padding.
std::string to_base64(ByteView bytes);
Result<Bytes> from_base64(std::string_view text);

/// Equal in a time that depends on the sizes only. Different sizes are unequal.
bool equal_constant_time(ByteView a, ByteView b) noexcept;

/// Appends big-endian fields to a buffer of its own.
class ByteWriter {
public:
    void u8(std::uint8_t v) { out_.push_back(v); }
    void u16(std::uint16_t v) { big_endian(v, 2); }
    void u32(std::uint32_t v) { big_endian(v, 4); }
    void u64(std::uint64_t v) { big_endian(v, 8); }
    void bytes(ByteView v) { out_.insert(out_.end(), v.begin(), v.end()); }
    void text(std::string_view v) { bytes(as_bytes(v)); }
    /// A 2-byte length, then the bytes. Precondition: at most 65535 bytes; more is a bug and throws std::length_error.
    void sized16(ByteView v);
    void sized16(std::string_view v) { sized16(as_bytes(v)); }

    const Bytes& view() const noexcept { return out_; }
    Bytes take() && { return std::move(out_); }

private:
    void big_endian(std::uint64_t v, int width);
    Bytes out_;
};

/// Reads big-endian fields; the first field that is not there makes every later read fail with `malformed`.
/// It does not own what it reads.
class ByteReader {
public:
    explicit ByteReader(ByteView in) noexcept : in_(in) {}
    Result<std::uint8_t> u8();
    Result<std::uint16_t> u16();
    Result<std::uint32_t> u32();
    Result<std::uint64_t> u64();
    Result<ByteView> bytes(std::size_t count);
    Result<ByteView> sized16();
    Result<std::string> text16();
    /// malformed unless everything has been read: trailing bytes are refused.
    Status end() const;
    std::size_t left() const noexcept { return in_.size(); }

private:
    Result<std::uint64_t> big_endian(int width);
    ByteView in_;
};

}  // namespace base
